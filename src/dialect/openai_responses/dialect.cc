#include "dialect/openai_responses/dialect.h"

#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {
namespace {

constexpr ClientPath kPaths[] = {
    {"/v1/responses"},
    {"/responses"},
    {"/deployments/{model}/responses"},  // Azure's
    {"/v1/responses/input_tokens", Operation::count_tokens},
    {"/responses/input_tokens", Operation::count_tokens},
    {"/v1/responses/compact", Operation::compact},
    {"/responses/compact", Operation::compact},
    {"/v1/responses/{model}/input_items", Operation::kept_input},
    {"/responses/{model}/input_items", Operation::kept_input},
    {"/v1/responses/{model}", Operation::kept},
    {"/responses/{model}", Operation::kept},
};

class OpenAiResponses final : public Dialect {
 public:
  std::string_view name() const override { return "openai-responses"; }
  std::span<const ClientPath> paths() const override { return kPaths; }

  Peek peek(json::Value root) const override {
    Peek out;
    for (json::Value member : root) {
      std::string_view key = member.key().escaped;
      if (key == "model") out.model = member;
      if (key == "stream") out.stream = member.boolean().value_or(false);
    }
    out.stream_usage = out.stream;  // it always comes
    return out;
  }
  Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const override {
    return openai_responses::decode_request(root);
  }
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const override {
    return shape.compaction ? make_compaction_encoder(shape) : make_encoder(shape);
  }
  std::string encode_error(const Error& error, std::string_view) const override {
    return openai::error_body(error);
  }
  int client_status(const Error& error) const override { return openai::error_status(error); }
  // Whoever has the stream's encoder gives it the failure: it knows the number, and what was said until then.
  std::string encode_stream_error(const Error& error, std::string_view) const override {
    return "event: error\ndata: " + error_event(error, 0) + "\n\n";
  }
  std::string encode_models(std::span<const ModelInfo> models) const override {
    return openai::models_body(models);
  }
  std::string encode_model(const ModelInfo& model) const override { return openai::model_body(model); }
  std::string encode_token_count(int64_t tokens) const override {
    return R"({"object":"response.input_tokens","input_tokens":)" + std::to_string(tokens) + "}";
  }
  const Keeping* keeping() const override { return &openai_responses::keeping(); }
  Result<std::string> write_request(const canon::Request& request, const Target& target,
                                    canon::Losses& losses) const override {
    return openai_responses::write_request(request, target, losses);
  }
  std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const override { return make_decoder(stream); }
  Error decode_error(int status, std::string_view body) const override {
    return openai::read_error(status, body);
  }
  std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const override { return make_watcher(stream); }
};

}  // namespace

const Dialect& dialect() {
  static const OpenAiResponses instance;
  return instance;
}

}  // namespace hanse::openai_responses
