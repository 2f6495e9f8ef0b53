#include "dialect/anthropic_messages/vertex.h"

#include "dialect/anthropic_messages/dialect.h"
#include "dialect/anthropic_messages/wire.h"

namespace hanse::anthropic_messages {
namespace {

constexpr Hosting kHosting{"vertex-2023-10-16", true};
constexpr auto kNever = ClientPath::Streams::never, kAlways = ClientPath::Streams::always;

// Tokens are counted by something that looks like a model; the real one's name stands in the body.
constexpr ClientPath kPaths[] = {
    {"/v1/projects/{}/locations/{}/publishers/anthropic/models/{model}:streamRawPredict", Operation::chat,
     kAlways},
    {"/v1/projects/{}/locations/{}/publishers/anthropic/models/count-tokens:rawPredict",
     Operation::count_tokens, kNever},
    {"/v1/projects/{}/locations/{}/publishers/anthropic/models/{model}:rawPredict", Operation::chat, kNever},
};

class AnthropicVertex final : public Dialect {
 public:
  std::string_view name() const override { return "anthropic-vertex"; }
  std::span<const ClientPath> paths() const override { return kPaths; }

  // Usage is always part of these streams.
  Peek peek(json::Value root) const override { return {root["model"], false, true}; }
  Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const override {
    return anthropic_messages::decode_request(root, true);
  }
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const override {
    return make_reply_encoder(shape);
  }
  std::string encode_error(const Error& error, std::string_view request_id) const override {
    return anthropic_messages::encode_error(error, request_id);
  }
  int client_status(const Error& error) const override { return anthropic_messages::client_status(error); }
  std::string encode_stream_error(const Error& error, std::string_view request_id) const override {
    return dialect().encode_stream_error(error, request_id);
  }
  std::string encode_models(std::span<const ModelInfo> models) const override {
    return dialect().encode_models(models);  // has no path of its own
  }
  std::string encode_token_count(int64_t tokens) const override {
    return dialect().encode_token_count(tokens);
  }
  std::string_view request_id_header() const override { return dialect().request_id_header(); }

  Result<std::string> write_request(const canon::Request& request, const Target& target,
                                    canon::Losses& losses) const override {
    return anthropic_messages::write_request(request, target, losses, kHosting);
  }
  std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const override {
    return make_reply_decoder(stream);
  }
  Error decode_error(int status, std::string_view body) const override {
    return anthropic_messages::decode_error(status, body);
  }
  std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const override {
    return make_reply_watcher(stream);
  }
};

}  // namespace

const Dialect& vertex_dialect() {
  static const AnthropicVertex it;
  return it;
}

}  // namespace hanse::anthropic_messages
