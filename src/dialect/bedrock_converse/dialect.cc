#include "dialect/bedrock_converse/dialect.h"
#include "dialect/aws_error.h"

#include "dialect/bedrock_converse/wire.h"
#include "dialect/embeddings.h"
#include "dialect/frame/event_stream.h"

namespace hanse::bedrock_converse {
namespace {

constexpr ClientPath kPaths[] = {
    {"/model/{model}/converse", Operation::chat, ClientPath::Streams::never},
    {"/model/{model}/converse-stream", Operation::chat, ClientPath::Streams::always},
    {"/model/{model}/count-tokens", Operation::count_tokens},
    {"/foundation-models", Operation::models},
    {"/foundation-models/{model}", Operation::model},
    {"/inference-profiles", Operation::profiles},
};

// Members of a model's summary and of its details alike.
void write_model(json::Writer& out, const ModelInfo& model) {
  out.object().key("modelArn").string("arn:aws:bedrock:::foundation-model/" + model.id);
  out.key("modelId").string(model.id).key("modelName").string(model.id);
  out.key("providerName").string(model.owner).key("inputModalities").raw(R"(["TEXT"])");
  out.key("outputModalities").raw(R"(["TEXT"])").key("responseStreamingSupported").boolean(true);
  out.key("inferenceTypesSupported").raw(R"(["ON_DEMAND"])");
  out.key("modelLifecycle").raw(R"({"status":"ACTIVE"})").end_object();
}

class BedrockConverse final : public Dialect {
 public:
  std::string_view name() const override { return "bedrock-converse"; }
  std::span<const ClientPath> paths() const override { return kPaths; }

  Peek peek(json::Value root) const override {
    // The path says the rest. Usage is always part of this dialect's streams.
    return {root["modelId"], false, true};
  }
  Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const override {
    return bedrock_converse::decode_request(root);
  }
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const override {
    return make_encoder(shape);
  }
  std::string encode_error(const Error& error, std::string_view) const override {
    return aws_error::error_body(error);
  }
  int client_status(const Error& error) const override { return aws_error::client_status(error); }
  HeaderList error_headers(const Error& error) const override {
    return {{"x-amzn-errortype", std::string(aws_error::exception_name(error))}};
  }
  std::string encode_stream_error(const Error& error, std::string_view) const override {
    return aws_error::exception_frame(error);
  }
  std::string encode_models(std::span<const ModelInfo> models) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("modelSummaries").array();
    for (const ModelInfo& model : models) write_model(w, model);
    w.end_array().end_object();
    return out;
  }
  // ListInferenceProfiles: every model may be asked through one of its own name.
  std::string encode_profiles(std::span<const ModelInfo> models) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("inferenceProfileSummaries").array();
    for (const ModelInfo& model : models) {
      w.object().key("inferenceProfileName").string(model.id).key("inferenceProfileId").string(model.id);
      w.key("inferenceProfileArn").string("arn:aws:bedrock:::inference-profile/" + model.id);
      w.key("models").array().object().key("modelArn");
      w.string("arn:aws:bedrock:::foundation-model/" + model.id).end_object().end_array();
      w.key("status").string("ACTIVE").key("type").string("SYSTEM_DEFINED").end_object();
    }
    w.end_array().end_object();
    return out;
  }
  std::string encode_model(const ModelInfo& model) const override {
    std::string out;
    json::Writer w(out);
    write_model(w.object().key("modelDetails"), model);
    w.end_object();
    return out;
  }
  std::string encode_token_count(int64_t tokens) const override {
    return "{\"inputTokens\":" + std::to_string(tokens) + "}";
  }
  std::string_view request_id_header() const override { return "x-amzn-requestid"; }

  StreamFrame stream_frame() const override { return {event_stream::kContentType, end_of_last_frame}; }
  const Embeddings* embeddings() const override { return &bedrock_converse::embeddings(); }
  Result<std::string> write_request(const canon::Request& request, const Target& target,
                                    canon::Losses& losses) const override {
    return bedrock_converse::write_request(request, target, losses);
  }
  std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const override { return make_decoder(stream); }
  Error decode_error(int status, std::string_view body) const override {
    return aws_error::read_error(status, body);
  }

  std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const override { return make_watcher(stream); }
};

}  // namespace

const Dialect& dialect() {
  static const BedrockConverse it;
  return it;
}

}  // namespace hanse::bedrock_converse
