#include "dialect/openai_chat/dialect.h"

#include "dialect/embeddings.h"
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {
namespace {

constexpr ClientPath kPaths[] = {
    {"/v1/chat/completions"},
    {"/chat/completions"},
    {"/deployments/{model}/chat/completions"},  // Azure's
    {"/v1/embeddings", Operation::embeddings},
    {"/embeddings", Operation::embeddings},
    {"/deployments/{model}/embeddings", Operation::embeddings},
    {"/v1/completions", Operation::completions},
    {"/completions", Operation::completions},
    {"/deployments/{model}/completions", Operation::completions},
    {"/v1/models", Operation::models},
    {"/v1/models/{model}", Operation::model},
};

class OpenAiChat final : public Dialect {
 public:
  std::string_view name() const override { return "openai-chat"; }
  std::span<const ClientPath> paths() const override { return kPaths; }

  Peek peek(json::Value root) const override {
    Peek out;
    for (json::Value member : root) {
      std::string_view key = member.key().escaped;
      if (key == "model")
        out.model = member;
      else if (key == "stream")
        out.stream = member.boolean().value_or(false);
      else if (key == "stream_options")
        out.stream_usage = member["include_usage"].boolean().value_or(false);
    }
    return out;
  }
  Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const override {
    return openai_chat::decode_request(root);
  }
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const override {
    return make_encoder(shape);
  }
  std::string encode_error(const Error& error, std::string_view) const override {
    return openai::error_body(error);
  }
  int client_status(const Error& error) const override { return openai::error_status(error); }
  std::string encode_stream_error(const Error& error, std::string_view) const override {
    return "data: " + openai::error_body(error) + "\n\n";
  }
  std::string encode_models(std::span<const ModelInfo> models) const override {
    return openai::models_body(models);
  }
  std::string encode_model(const ModelInfo& model) const override { return openai::model_body(model); }
  const Embeddings* embeddings() const override { return &openai_chat::embeddings(); }
  Result<std::string> write_request(const canon::Request& request, const Target& target,
                                    canon::Losses& losses) const override {
    return openai_chat::write_request(request, target, losses);
  }
  std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const override { return make_decoder(stream); }
  Error decode_error(int status, std::string_view body) const override {
    return openai::read_error(status, body);
  }
  std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const override { return make_watcher(stream); }
};

}  // namespace

const Dialect& dialect() {
  static const OpenAiChat instance;
  return instance;
}

}  // namespace hanse::openai_chat
