// Whatever a client or a provider sends: nothing crashes, what is written is JSON, and cuts change nothing.
// The first byte says which part is tried, the second where the rest is cut.
#include <cstdlib>

#include "dialect/anthropic_messages/test_support.h"
#include "dialect/frame/sse.h"

namespace hanse::anthropic_messages {
namespace {

void check(bool good) {
  if (!good) std::abort();
}

void request(std::string_view bytes) {
  Decoded it{std::string(bytes)};
  if (!it.request) return;
  canon::Losses losses;
  for (const Dialect* other : all_dialects()) {
    auto said = other->encode_request(*it, {.model = "m"}, losses);
    json::Document document;
    check(said ? document.parse(*said, 400).has_value() : !said.error().field.empty());
  }
  auto body = dialect().encode_request(*it, {.model = "m"}, losses);
  if (!body) {  // not to be told there, or media that nobody could read
    const Code code = body.error().code;
    return check((code == Code::unsupported || code == Code::bad_request) && !body.error().field.empty());
  }
  Decoded again(std::move(*body));
  check(again.document.parse(again.text, 128).has_value());
  if (!again.request) {
    std::fprintf(stderr, "%s\n%s\n", again.text.c_str(), again.request.error().message.c_str());
    std::abort();
  }
}

// Text deltas may be cut anywhere by us alone, so events must be equal one by one.
void decode(std::string_view bytes, bool stream, size_t cut) {
  EventLines once, twice;
  auto decoder = dialect().reply_decoder(stream);
  auto good = decoder->feed(bytes, once);
  if (good) good = decoder->finish(once);
  decoder = dialect().reply_decoder(stream);
  auto same = decoder->feed(bytes.substr(0, cut), twice);
  if (same) same = decoder->feed(bytes.substr(cut), twice);
  if (same) same = decoder->finish(twice);
  check(good.has_value() == same.has_value() && once.lines == twice.lines);
}

void encode(std::string_view bytes, bool from_stream, bool to_stream) {
  auto encoder = dialect().reply_encoder({.stream = to_stream, .request_id = "r"});
  auto decoder = dialect().reply_decoder(from_stream);
  auto good = decoder->feed(bytes, *encoder);
  if (good) good = decoder->finish(*encoder);
  json::Document document;
  if (!to_stream) {
    check(encoder->out.empty() || document.parse(encoder->out, 128).has_value());
    return;
  }
  sse::Parser parser;
  check(parser
            .feed(encoder->out,
                  [&](sse::Event event) -> Result<void> {
                    check(document.parse(event.data, 128).has_value());
                    return {};
                  })
            .has_value());
}

void watch(std::string_view bytes, bool stream, size_t cut) {
  auto watcher = dialect().reply_watcher(stream);
  if (stream) cut = end_of_last_event(bytes.substr(0, cut));
  if (watcher->feed(bytes.substr(0, cut))) (void)watcher->feed(bytes.substr(cut));
}

}  // namespace
}  // namespace hanse::anthropic_messages

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse::anthropic_messages;
  if (size < 2) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const bool stream = data[0] & 1;
  const size_t cut = bytes.empty() ? 0 : data[1] % (bytes.size() + 1);
  switch (data[0] >> 1 & 3) {
    case 0:
      request(bytes);
      break;
    case 1:
      decode(bytes, stream, cut);
      break;
    case 2:
      encode(bytes, stream, data[0] & 8);
      break;
    case 3:
      watch(bytes, stream, cut);
      (void)dialect().decode_error(400 + data[1], bytes);
  }
  return 0;
}
