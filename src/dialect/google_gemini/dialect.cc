#include "dialect/google_gemini/dialect.h"

#include <fmt/format.h>

#include <algorithm>

#include "dialect/embeddings.h"
#include "dialect/frame/json_array.h"
#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {
namespace {

using enum Operation;
constexpr auto kNever = ClientPath::Streams::never;
constexpr auto kAlways = ClientPath::Streams::always;

// The Gemini API's two versions, and Vertex AI's paths: with a project, and without (express mode).
constexpr ClientPath kPaths[] = {
    {"/v1beta/models/{model}:generateContent", chat, kNever},
    {"/v1beta/models/{model}:streamGenerateContent", chat, kAlways},
    {"/v1beta/models/{model}:countTokens", count_tokens, kNever},
    {"/v1beta/models/{model}:embedContent", embeddings, kNever},
    {"/v1beta/models/{model}:batchEmbedContents", embeddings, kNever},
    {"/v1/models/{model}:generateContent", chat, kNever},
    {"/v1/models/{model}:streamGenerateContent", chat, kAlways},
    {"/v1/models/{model}:countTokens", count_tokens, kNever},
    {"/v1/models/{model}:embedContent", embeddings, kNever},
    {"/v1/models/{model}:batchEmbedContents", embeddings, kNever},
    {"/v1/projects/{}/locations/{}/publishers/google/models/{model}:generateContent", chat, kNever},
    {"/v1/projects/{}/locations/{}/publishers/google/models/{model}:streamGenerateContent", chat, kAlways},
    {"/v1/projects/{}/locations/{}/publishers/google/models/{model}:countTokens", count_tokens, kNever},
    {"/v1beta1/projects/{}/locations/{}/publishers/google/models/{model}:generateContent", chat, kNever},
    {"/v1beta1/projects/{}/locations/{}/publishers/google/models/{model}:streamGenerateContent", chat,
     kAlways},
    {"/v1beta1/projects/{}/locations/{}/publishers/google/models/{model}:countTokens", count_tokens, kNever},
    {"/v1/publishers/google/models/{model}:generateContent", chat, kNever},
    {"/v1/publishers/google/models/{model}:streamGenerateContent", chat, kAlways},
    {"/v1/publishers/google/models/{model}:countTokens", count_tokens, kNever},
    {"/v1beta1/publishers/google/models/{model}:generateContent", chat, kNever},
    {"/v1beta1/publishers/google/models/{model}:streamGenerateContent", chat, kAlways},
    {"/v1beta1/publishers/google/models/{model}:countTokens", count_tokens, kNever},
    {"/v1beta/models", models},
    {"/v1beta/models/{model}", model},
    {"/v1/models", models},
    {"/v1/models/{model}", model},
};

void write_model(json::Writer& out, const ModelInfo& model) {
  out.object().key("name").string("models/" + model.id).key("baseModelId").string(model.id);
  out.key("version").string("001").key("displayName").string(model.id);
  out.key("supportedGenerationMethods").array();
  for (std::string_view method : {"generateContent", "streamGenerateContent", "countTokens"})
    out.string(method);
  out.end_array().end_object();
}

class GoogleGemini final : public Dialect {
 public:
  std::string_view name() const override { return kName; }
  std::span<const ClientPath> paths() const override { return kPaths; }
  std::string_view sign_header() const override { return "x-goog-api-key"; }

  // Both stand in the path, which counts also where a body names a model. Usage is always part of this
  // dialect's streams.
  Peek peek(json::Value) const override { return {{}, false, true}; }
  Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const override {
    return google_gemini::decode_request(root);
  }
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const override {
    return make_reply_encoder(shape);
  }
  std::string encode_error(const Error& error, std::string_view) const override {
    return google_gemini::encode_error(error);
  }
  int client_status(const Error& error) const override { return google_gemini::client_status(error); }
  std::string encode_stream_error(const Error& error, std::string_view) const override {
    return "data: " + google_gemini::encode_error(error) + "\n\n";
  }
  StreamFrame client_frame(std::string_view query) const override {
    if (asks_for_events(query)) return {};
    return {"application/json", json_array::end_of_last_element,
            [](const Error& error) { return ",\n" + google_gemini::encode_error(error) + "]\n"; }};
  }
  std::string encode_models(std::span<const ModelInfo> models) const override {
    std::string out;
    json::Writer writer(out);
    writer.object().key("models").array();
    for (const ModelInfo& model : models) write_model(writer, model);
    writer.end_array().end_object();
    return out;
  }
  std::string encode_model(const ModelInfo& model) const override {
    std::string out;
    json::Writer writer(out);
    write_model(writer, model);
    return out;
  }
  std::string encode_token_count(int64_t tokens) const override {
    return fmt::format("{{\"totalTokens\":{}}}", tokens);
  }

  const Embeddings* embeddings() const override { return &google_gemini::embeddings(); }
  Result<std::string> write_request(const canon::Request& request, const Target& target,
                                    canon::Losses& losses) const override {
    return google_gemini::write_request(request, target, losses);
  }
  std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const override {
    return make_reply_decoder(stream);
  }
  Error decode_error(int status, std::string_view body) const override {
    return google_gemini::decode_error(status, body);
  }
  std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const override {
    return make_reply_watcher(stream);
  }
};

}  // namespace

bool asks_for_events(std::string_view query) {
  for (size_t at = 0; at < query.size();) {
    const size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = query.substr(at, end - at);
    if (pair == "alt=sse" || pair == "$alt=sse" || pair == "%24alt=sse") return true;
    at = end + 1;
  }
  return false;
}

const Dialect& dialect() {
  static const GoogleGemini it;
  return it;
}

}  // namespace hanse::google_gemini
