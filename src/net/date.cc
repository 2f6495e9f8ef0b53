#include "net/date.h"

#include <string>

#include "base/clock.h"
#include "net/reactor.h"

namespace hanse::net {

std::string_view http_date_now() {
  thread_local Time made = Time::min();
  thread_local std::string text;
  Time now = Reactor::current().now();
  if (made == Time::min() || now - made >= milliseconds(500)) {
    text = wall_time_http(std::chrono::system_clock::now());
    made = now;
  }
  return text;
}

}  // namespace hanse::net
