// Fuzzes the HTTP/1.1 parsers. The first byte picks which; the next seeds the cuts. What must hold for any
// bytes: every prefix of a head wants more or says what the whole says, views point into the bytes, and a
// chunked body that is cut anywhere gives the same payload, end and verdict as uncut.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/assert.h"
#include "net/http/chunked.h"
#include "net/http/head.h"

namespace {

using namespace hanse;
using namespace hanse::http;

constexpr HeadLimits kLimits{.bytes = 512, .headers = 8, .target = 64};

Result<size_t> parse(bool request, std::string_view bytes) {
  if (request) {
    RequestHead head;
    auto size = parse_request_head(bytes, kLimits, head);
    if (size && *size > 0) {
      HANSE_ASSERT(!head.method.empty() && !head.target.empty() && head.headers.size() <= kLimits.headers);
      HANSE_ASSERT(!(head.chunked && head.content_length));
      for (const Header& header : head.headers)
        HANSE_ASSERT(header.name.data() >= bytes.data() &&
                     header.value.data() + header.value.size() <= bytes.data() + *size);
    }
    return size;
  }
  ResponseHead head;
  auto size = parse_response_head(bytes, kLimits, "GET", head);
  HANSE_ASSERT(!size || *size == 0 || (head.status >= 100 && !(head.chunked && head.content_length)));
  return size;
}

void check_head(bool request, std::string_view bytes) {
  auto whole = parse(request, bytes);
  bool settled = false;
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<char> copy(bytes.begin(), bytes.begin() + static_cast<long>(size));
    auto cut = parse(request, {copy.data(), copy.size()});
    if (cut && *cut == 0) {
      HANSE_ASSERT(!settled);
      continue;
    }
    settled = true;
    HANSE_ASSERT(cut.has_value() == whole.has_value());
    if (cut)
      HANSE_ASSERT(*cut == *whole && *cut <= size);
    else
      HANSE_ASSERT(cut.error().message == whole.error().message);
  }
}

struct Outcome {
  std::string payload;
  size_t consumed = 0;
  bool done = false, failed = false;
};

Outcome decode(std::string_view bytes, uint32_t seed) {
  ChunkedDecoder decoder;
  Outcome outcome;
  while (!bytes.empty() && !decoder.done()) {
    seed = seed * 1664525 + 1013904223;
    size_t size = seed == 0 ? bytes.size() : std::min<size_t>(bytes.size(), 1 + (seed >> 24) % 24);
    std::vector<char> piece(bytes.begin(), bytes.begin() + static_cast<long>(size));
    bytes.remove_prefix(size);
    auto out = decoder.feed(piece.data(), piece.size());
    if (!out) {
      outcome.failed = true;
      return outcome;
    }
    HANSE_ASSERT(out->begin + out->payload <= out->consumed && out->consumed <= size &&
                 (decoder.done() || out->consumed == size));
    outcome.payload.append(piece.data() + out->begin, out->payload);
    outcome.consumed += out->consumed;
  }
  outcome.done = decoder.done();
  return outcome;
}

void check_chunked(std::string_view bytes, uint32_t seed) {
  ChunkedDecoder decoder;
  std::vector<char> copy(bytes.begin(), bytes.end());
  auto whole = decoder.feed(copy.data(), copy.size());
  Outcome cut = decode(bytes, seed);
  HANSE_ASSERT(cut.failed == !whole.has_value());
  if (!whole) return;
  HANSE_ASSERT(cut.done == decoder.done() && cut.consumed == whole->consumed);
  HANSE_ASSERT(cut.payload == std::string_view(copy.data() + whole->begin, whole->payload));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 3) {
    case 0:
      check_head(true, bytes);
      break;
    case 1:
      check_head(false, bytes);
      break;
    default:
      check_chunked(bytes, data[1] * 2654435761u + 1);
  }
  return 0;
}
