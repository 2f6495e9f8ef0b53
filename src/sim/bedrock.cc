// AWS Bedrock's Converse, as its recordings and its service model show it.
#include <chrono>

#include "cloud/auth/sigv4_verify.h"
#include "sim/bedrock_rules.h"

namespace hanse::sim {
namespace {

namespace sigv4 = cloud::sigv4;

constexpr std::string_view kModels[] = {"sim-claude", "sim-nova"};

struct Named {
  int status;
  std::string_view type, message;
};
constexpr Named kErrors[] = {
    {400, "ValidationException", "The simulated cloud was asked to fail with 400."},
    {403, "AccessDeniedException", "You don't have access to the model with the specified model ID."},
    {404, "ResourceNotFoundException",
     "Could not resolve the foundation model from the provided model identifier."},
    {408, "ModelTimeoutException", "The model took too long to answer."},
    {413, "ValidationException", "The request is too large."},
    {424, "ModelErrorException", "The model could not answer."},
    {429, "ThrottlingException", "Too many requests, please wait before trying again."},
    {500, "InternalServerException", "The system encountered an unexpected error. Try your request again."},
    {503, "ServiceUnavailableException", "Bedrock is unable to process your request."},
};

CloudError error(int status, std::string_view type, std::string message) {
  return {status, std::string(type), std::move(message)};
}

class Bedrock final : public Vendor {
 public:
  std::string_view dialect() const override { return "bedrock-converse"; }
  std::string_view chat_path() const override { return "/model/sim-claude/converse"; }
  std::span<const std::string_view> models() const override { return kModels; }

  PathAsk read_path(std::string_view path) const override {
    using What = PathAsk::What;
    constexpr std::string_view kModel = "/model/", kList = "/foundation-models";
    if (path == kList) return {What::models, {}, false};
    if (path.starts_with("/foundation-models/")) return {What::model, path.substr(kList.size() + 1), false};
    if (!path.starts_with(kModel)) return {};
    path.remove_prefix(kModel.size());
    const size_t slash = path.find('/');
    if (slash == 0 || slash == std::string_view::npos) return {};
    const std::string_view model = path.substr(0, slash), verb = path.substr(slash);
    if (verb == "/converse") return {What::chat, model, false};
    return verb == "/converse-stream" ? PathAsk{What::chat, model, true} : PathAsk();
  }

  // A bearer key, or a signature by it as the secret access key, whatever the access key id.
  Check check_proof(const http::RequestHead& head, std::string_view body,
                    std::string_view key) const override {
    if (key.empty()) return {};
    const std::string_view given = head.headers.get("authorization");
    if (given.empty())
      return error(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    if (!sigv4::Presented::is_meant(given)) return check_key(head, key);
    auto presented = sigv4::Presented::parse(given);
    if (!presented) return error(403, "IncompleteSignatureException", presented.error().message);
    std::vector<sigv4::Field> fields;
    for (const http::Header& header : head.headers) fields.push_back({header.name, header.value});
    const size_t mark = std::min(head.target.find('?'), head.target.size());
    const std::string_view query = mark < head.target.size() ? head.target.substr(mark + 1) : "";
    const sigv4::Received received{head.method, head.target.substr(0, mark), query, head.host, fields, body};
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    auto good = sigv4::verify(*presented, received, key,
                              std::chrono::duration_cast<std::chrono::seconds>(now).count());
    if (!good) return error(403, "InvalidSignatureException", good.error().message);
    return {};
  }
  Check check_key(const http::RequestHead& head, std::string_view key) const override {
    if (key.empty() || head.headers.get("authorization") == fmt::format("Bearer {}", key)) return {};
    return error(403, "AccessDeniedException",
                 "Authentication failed: Please make sure your API Key is valid.");
  }
  Check check_request(json::Value root, bool) const override { return check_converse_request(root); }

  CloudError not_json(std::string_view why) const override {
    return error(400, "SerializationException",
                 fmt::format("The body is not the JSON that is expected: {}", why));
  }
  CloudError no_model(std::string_view) const override {
    return error(400, "ValidationException", "The provided model identifier is invalid.");
  }
  CloudError no_path(std::string_view, std::string_view) const override {
    return error(404, "UnknownOperationException", "There is no such operation.");
  }
  CloudError no_method(std::string_view, std::string_view) const override {
    return error(405, "UnknownOperationException", "There is no such operation.");
  }
  CloudError error_of(int status) const override {
    for (const Named& each : kErrors)
      if (each.status == status) return error(status, each.type, std::string(each.message));
    return error(status, status >= 500 ? "InternalServerException" : "ValidationException",
                 fmt::format("The simulated cloud was asked to fail with {}.", status));
  }

  std::string request_id(Random& random) const override {
    std::string hex = random.id("", 32);
    for (size_t at : {8, 13, 18, 23}) hex.insert(at, 1, '-');
    return hex;
  }
  std::string error_body(const CloudError& error, std::string_view) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("message").string(error.message).end_object();
    return out;
  }
  HeaderList error_headers(const CloudError& error) const override {
    return {{"x-amzn-errortype", error.type + ":http://internal.amazon.com/coral/com.amazon.bedrock/"}};
  }
  std::string stream_error(std::string_view) const override { return {}; }  // a frame of the dialect's
  std::string model_list() const override {
    std::string out;
    json::Writer w(out);
    w.object().key("modelSummaries").array();
    for (auto name : kModels) w.raw(summary(name));
    w.end_array().end_object();
    return out;
  }
  std::string model_body(std::string_view name) const override {
    return fmt::format(R"({{"modelDetails":{}}})", summary(name));
  }
  HeaderList headers(std::string_view request_id, int) const override {
    return {{"x-amzn-requestid", std::string(request_id)}};
  }

  bool counts_cache_writes() const override { return true; }
  bool signs_reasoning() const override { return true; }
  std::string_view answer_prefix() const override { return "sim"; }
  std::string_view call_prefix() const override { return "tooluse_"; }

 private:
  static std::string summary(std::string_view name) {
    std::string out;
    json::Writer w(out);
    w.object().key("modelArn").string(fmt::format("arn:aws:bedrock:eu-central-1::foundation-model/{}", name));
    w.key("modelId").string(name).key("modelName").string(name).key("providerName").string("Hanse");
    for (const char* modalities : {"inputModalities", "outputModalities"})
      w.key(modalities).array().string("TEXT").end_array();
    w.key("responseStreamingSupported").boolean(true).end_object();
    return out;
  }
};

}  // namespace

const Vendor& bedrock() {
  static const Bedrock cloud;
  return cloud;
}

}  // namespace hanse::sim
