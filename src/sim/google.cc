// The Gemini API, as its recordings show it.
#include "sim/google_rules.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kModels[] = {"sim-gemini", "sim-gemini-mini"};

std::string_view status_of(int status) {
  switch (status) {
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
  }
}

std::string_view key_in(std::string_view query) {
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.starts_with("key=")) return pair.substr(4);
  }
  return {};
}

class Google final : public Vendor {
 public:
  std::string_view dialect() const override { return "google-gemini"; }
  std::string_view chat_path() const override { return "/v1beta/models/sim-gemini:generateContent"; }
  std::span<const std::string_view> models() const override { return kModels; }

  PathAsk read_path(std::string_view path) const override {
    using What = PathAsk::What;
    for (std::string_view version : {"/v1beta/models", "/v1/models"}) {
      if (!path.starts_with(version)) continue;
      path.remove_prefix(version.size());
      if (path.empty()) return {What::models, {}, false};
      if (path.front() != '/') return {};
      path.remove_prefix(1);
      const size_t colon = std::min(path.rfind(':'), path.size());
      std::string_view model = path.substr(0, colon), verb = path.substr(colon);
      if (model.empty()) return {};
      if (verb == ":generateContent") return {What::chat, model, false};
      if (verb == ":streamGenerateContent") return {What::chat, model, true};
      if (verb == ":countTokens") return {What::count, model, false};
      return verb.empty() ? PathAsk{What::model, model, false} : PathAsk();
    }
    return {};
  }

  Check check_key(const http::RequestHead& head, std::string_view key) const override {
    if (key.empty()) return {};
    std::string_view given = head.headers.get("x-goog-api-key");
    if (given.empty())
      given = key_in(head.target.substr(std::min(head.target.find('?'), head.target.size() - 1) + 1));
    if (given == key) return {};
    if (given.empty())
      return error(403,
                   "Method doesn't allow unregistered callers (callers without established identity). Please "
                   "use API Key or other form of API consumer identity to call this API.");
    CloudError wrong = error(400, "API key not valid. Please pass a valid API key.");
    wrong.code = "API_KEY_INVALID";
    return wrong;
  }
  Check check_request(json::Value root, bool counting) const override {
    return check_google_request(root, counting);
  }

  CloudError not_json(std::string_view why) const override {
    return error(400, fmt::format("Invalid JSON payload received. {}", why));
  }
  CloudError no_model(std::string_view name) const override {
    return error(404, fmt::format("models/{} is not found for API version v1beta, or is not supported for "
                                  "generateContent. Call ListModels to see the list of available models and "
                                  "their supported methods.",
                                  name));
  }
  CloudError no_path(std::string_view, std::string_view path) const override {
    return error(404, fmt::format("The requested URL {} was not found on this server.", path));
  }
  CloudError no_method(std::string_view, std::string_view) const override {
    return error(405, "Method not allowed.");
  }
  CloudError error_of(int status) const override {
    switch (status) {
      case 401:
        return error(status, "Request had invalid authentication credentials.");
      case 403:
        return error(status, "The caller does not have permission");
      case 404:
        return no_model("sim");
      case 413:
        return error(status, "Request payload size exceeds the limit: 20971520 bytes.");
      case 429:
        return error(status, "You exceeded your current quota, please check your plan and billing details.");
      case 503:
        return error(status, "The model is overloaded. Please try again later.");
      case 504:
        return error(status, "Deadline expired before operation could complete.");
      default:
        return error(status, status >= 500
                                 ? "An internal error has occurred. Please retry or report."
                                 : fmt::format("The simulated cloud was asked to fail with {}.", status));
    }
  }

  std::string request_id(Random& random) const override { return random.id("", 22); }
  std::string error_body(const CloudError& error, std::string_view) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("error").object().key("code").number(error.status);
    w.key("message").string(error.message).key("status").string(error.type);
    if (!error.code.empty()) {
      w.key("details").array().object().key("@type").string("type.googleapis.com/google.rpc.ErrorInfo");
      w.key("reason").string(error.code).key("domain").string("googleapis.com").end_object().end_array();
    } else if (error.status == 429) {
      w.key("details").array().object().key("@type").string("type.googleapis.com/google.rpc.RetryInfo");
      w.key("retryDelay").string("1s").end_object().end_array();
    }
    w.end_object().end_object();
    return out;
  }
  std::string stream_error(std::string_view request_id) const override {
    return "data: " + error_body(error_of(503), request_id) + "\r\n\r\n";
  }
  std::string model_list() const override {
    std::string out;
    json::Writer w(out);
    w.object().key("models").array();
    for (auto name : kModels) w.raw(model_body(name));
    w.end_array().end_object();
    return out;
  }
  std::string model_body(std::string_view name) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("name").string(fmt::format("models/{}", name)).key("version").string("001");
    w.key("displayName").string(name).key("inputTokenLimit").number(1'048'576);
    w.key("outputTokenLimit").number(65'536).key("supportedGenerationMethods").array();
    for (const char* method : {"generateContent", "countTokens"}) w.string(method);
    w.end_array().end_object();
    return out;
  }
  std::string count_body(int64_t tokens) const override {
    return fmt::format(R"({{"totalTokens":{}}})", tokens);
  }
  HeaderList headers(std::string_view, int) const override {
    return {{"server-timing", "gfet4t7; dur=12"}, {"vary", "Origin, X-Origin, Referer"}};
  }

  bool counts_cache_writes() const override { return false; }
  bool signs_reasoning() const override { return true; }
  std::string_view proof_prefix() const override { return "google-gemini:thought:A"; }  // so it is base64
  std::string_view answer_prefix() const override { return "sim"; }
  std::string_view call_prefix() const override { return "fc"; }

 private:
  static CloudError error(int status, std::string message) {
    return {status, std::string(status_of(status)), std::move(message)};
  }
};

}  // namespace

const Vendor& google() {
  static const Google cloud;
  return cloud;
}

}  // namespace hanse::sim
