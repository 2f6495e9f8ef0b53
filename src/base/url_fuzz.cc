// parse_url and parse_host_port on any bytes: what is accepted has no byte that could end a request line or
// a header, and is the same when it is read again.
#include "base/assert.h"
#include "base/url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto url = parse_url(text)) {
    for (char c : url->text) HANSE_ASSERT(c > ' ' && c < 0x7f);
    HANSE_ASSERT(url->host.find('@') == std::string::npos);
    HANSE_ASSERT(!url->host.empty() && url->port != 0);
    HANSE_ASSERT(url->path.empty() || (url->path.front() == '/' && url->path.back() != '/'));
    auto again = parse_url(url->text);
    HANSE_ASSERT(again && again->text == url->text && again->host == url->host && again->port == url->port &&
                 again->path == url->path && again->tls == url->tls);
    auto address = parse_host_port(url->host_header() + (url->port == (url->tls ? 443 : 80) ? ":1" : ""));
    HANSE_ASSERT(address && address->host == url->host);
  }
  if (auto address = parse_host_port(text))
    for (char c : address->host) HANSE_ASSERT(c > ' ' && c < 0x7f && c != '/');
  return 0;
}
