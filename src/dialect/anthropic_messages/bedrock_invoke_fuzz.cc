// Any bytes as a client's request, a provider's answer and a provider's error: nothing crashes, what is
// written is JSON, and the cuts of a stream change nothing.
#include <cstdio>
#include <cstdlib>

#include "dialect/anthropic_messages/invoke.h"

namespace hanse::anthropic_messages {
namespace {

void demand(bool good, const char* what, std::string_view bytes) {
  if (good) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(bytes.size()), bytes.data());
  std::abort();
}

void demand_json(std::string_view bytes, const char* what) {
  json::Document document;
  demand(document.parse(bytes, 400).has_value(), what, bytes);
}

void request(std::string_view bytes) {
  json::Document document;
  auto root = document.parse(bytes, 100);
  if (!root || !root->is_object()) return;  // as the gateway has looked
  (void)invoke_dialect().peek(*root);
  auto decoded = invoke_dialect().decode_request(*root);
  if (!decoded) {
    demand(decoded.error().code == Code::bad_request && !decoded.error().field.empty(),
           "an error without field", bytes);
    return;
  }
  canon::Losses losses;
  auto body = invoke_dialect().encode_request(**decoded, {.model = "m"}, losses);
  if (!body) return;
  demand_json(*body, "the request written is no JSON");
  json::Document again;  // and it is one that this dialect reads
  auto rewritten = invoke_dialect().decode_request(*again.parse(*body, 400));
  bool empty = (*again.parse(*body, 400))["messages"].size() == 0;
  demand(rewritten.has_value() || empty, "the request written can't be read", *body);
}

std::string answer(std::string_view bytes, bool stream, size_t cut, bool stream_out) {
  auto decoder = invoke_dialect().reply_decoder(stream);
  auto encoder =
      invoke_dialect().reply_encoder({.stream = stream_out, .stream_usage = true, .request_id = "r"});
  bool good = true;
  for (size_t at = 0; good && at < bytes.size(); at += std::min(cut, bytes.size() - at))
    good = decoder->feed(bytes.substr(at, cut), *encoder).has_value();
  if (good) good = decoder->finish(*encoder).has_value();
  if (!stream_out && good && !encoder->out.empty())
    demand_json(encoder->out, "the answer written is no JSON");
  return std::move(encoder->out) + (good ? "good" : "bad");
}

void watch(std::string_view bytes, bool stream, size_t cut) {
  auto watcher = invoke_dialect().reply_watcher(stream);
  for (size_t at = 0; at < bytes.size(); at += std::min(cut, bytes.size() - at))
    if (!watcher->feed(bytes.substr(at, cut))) return;
}

}  // namespace
}  // namespace hanse::anthropic_messages

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse::anthropic_messages;
  if (size < 2) return 0;
  size_t cut = data[0] % 64 + 1;
  bool stream = data[1] % 2;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  request(bytes);
  std::string whole = answer(bytes, stream, std::string_view::npos, true);
  std::string in_pieces = answer(bytes, stream, cut, true);
  demand(whole == in_pieces, "the cuts change the answer", bytes);
  (void)answer(bytes, stream, cut, false);
  watch(bytes, stream, cut);
  (void)invoke_dialect().decode_error(500, bytes);
  return 0;
}
