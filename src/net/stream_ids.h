// Which of a client's HTTP/2 stream numbers it has passed over: those may not be opened later (RFC 9113
// section 5.1.1). nghttp2 takes no offence, since for it they look like streams that have closed. Pure,
// bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace hanse::net {

class StreamIds {
 public:
  // Of a HEADERS frame. False: the number was passed over.
  bool admit(int32_t id) {
    if (id > last_) {
      if (id > last_ + 2) skipped_[count_++ % std::size(skipped_)] = {last_ + 2, id - 2};
      last_ = id;
      return true;
    }
    for (const Range& range : skipped_)
      if (id >= range.first && id <= range.last) return false;
    return true;
  }

 private:
  struct Range {
    int32_t first = 0, last = -1;
  };
  Range skipped_[8];  // the latest; who skips more often than that is let off
  size_t count_ = 0;
  int32_t last_ = -1;
};

}  // namespace hanse::net
