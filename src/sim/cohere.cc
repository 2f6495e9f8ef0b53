// Cohere's cloud, as its recordings show it.
#include "sim/cohere_rules.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kModels[] = {"sim-command", "sim-command-mini"};

class Cohere final : public Vendor {
 public:
  std::string_view dialect() const override { return "cohere-chat"; }
  std::string_view chat_path() const override { return "/v2/chat"; }
  std::span<const std::string_view> models() const override { return kModels; }

  Check check_key(const http::RequestHead& head, std::string_view key) const override {
    if (key.empty()) return {};
    std::string_view given = head.headers.get("authorization");
    if (!given.starts_with("Bearer ")) return CloudError{401, "", "no api key supplied"};
    return given.substr(7) == key ? Check() : error_of(401);
  }
  Check check_request(json::Value root, bool) const override { return check_cohere_request(root); }

  CloudError not_json(std::string_view why) const override {
    return {400, "", fmt::format("invalid request: could not parse JSON: {}", why)};
  }
  CloudError no_model(std::string_view name) const override {
    return {404, "", fmt::format("model '{}' not found, make sure the correct model ID was used", name)};
  }
  CloudError no_path(std::string_view, std::string_view path) const override {
    return {404, "", fmt::format("invalid path '{}'", path)};
  }
  CloudError no_method(std::string_view, std::string_view) const override {
    return {405, "", "method not allowed"};
  }
  CloudError error_of(int status) const override {
    switch (status) {
      case 401:
        return {status, "",
                "Incorrect API key provided: ***********. You can find your API key at "
                "https://dashboard.cohere.com/api-keys."};
      case 403:
        return {status, "", "your API key is not allowed to use this model"};
      case 404:
        return {status, "", "model 'sim' not found, make sure the correct model ID was used"};
      case 413:
        return {status, "", "request body too large"};
      case 429:
        return {status, "",
                "You are using a Trial key, which is limited to 20 API calls / minute. You can continue to "
                "use the "
                "Trial key for free or upgrade to a Production key with higher rate limits."};
      case 503:
        return {status, "", "service unavailable"};
      default:
        break;
    }
    if (status >= 500) return {status, "", "internal server error"};
    return {status, "", fmt::format("the simulated cloud was asked to fail with {}", status)};
  }

  std::string request_id(Random& random) const override {
    std::string digits = random.id("", 32);
    for (size_t at : {8, 13, 18, 23}) digits.insert(at, 1, '-');
    return digits;
  }
  std::string error_body(const CloudError& error, std::string_view request_id) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("id").string(request_id).key("message").string(error.message).end_object();
    return out;
  }
  std::string stream_error(std::string_view) const override {
    std::string out = "event: message-end\ndata: ";
    json::Writer w(out);
    w.object().key("type").string("message-end").key("delta").object();
    w.key("error").string(error_of(500).message).key("finish_reason").string("ERROR");
    w.end_object().end_object();
    return out.append("\n\n");
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
    w.object().key("name").string(name).key("endpoints").array().string("chat").end_array();
    w.key("finetuned").boolean(false).key("context_length").number(256'000).end_object();
    return out;
  }
  HeaderList headers(std::string_view request_id, int) const override {
    return {{"x-debug-trace-id", std::string(request_id)}};
  }

  bool counts_cache_writes() const override { return false; }
  bool signs_reasoning() const override { return false; }
  std::string_view answer_prefix() const override { return ""; }
  std::string_view call_prefix() const override { return "get_"; }
};

}  // namespace

const Vendor& cohere() {
  static const Cohere cloud;
  return cloud;
}

}  // namespace hanse::sim
