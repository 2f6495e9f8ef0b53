#include "base/clock.h"
#include "sim/anthropic_rules.h"
#include "sim/vendor.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kModels[] = {"sim-claude", "sim-claude-mini"};
constexpr std::string_view kCountPath = "/v1/messages/count_tokens";

std::string_view type_of(int status) {
  switch (status) {
    case 400:
      return "invalid_request_error";
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

class Anthropic final : public Vendor {
 public:
  std::string_view dialect() const override { return "anthropic-messages"; }
  std::string_view chat_path() const override { return "/v1/messages"; }
  std::string_view count_path() const override { return kCountPath; }
  std::span<const std::string_view> models() const override { return kModels; }

  Check check_key(const http::RequestHead& head, std::string_view key) const override {
    if (key.empty()) return {};
    std::string_view plain = head.headers.get("x-api-key"), bearer = head.headers.get("authorization");
    if (plain.empty() && !bearer.starts_with("Bearer ")) return error(401, "x-api-key header is required");
    if (!plain.empty()) return plain == key ? Check() : error(401, "invalid x-api-key");
    return bearer.substr(7) == key ? Check() : error(401, "Invalid bearer token");
  }
  Check check_head(const http::RequestHead& head) const override {
    if (!head.headers.get("anthropic-version").empty()) return {};
    return error(400, "anthropic-version: header is required");
  }
  Check check_request(json::Value root, bool counting) const override {
    return check_anthropic_request(root, counting);
  }

  CloudError not_json(std::string_view why) const override {
    return error(400, fmt::format("The request body is not valid JSON: {}", why));
  }
  CloudError no_model(std::string_view name) const override {
    return error(404, fmt::format("model: {}", name));
  }
  CloudError no_path(std::string_view, std::string_view) const override { return error(404, "Not found"); }
  CloudError no_method(std::string_view, std::string_view) const override {
    return error(405, "Method Not Allowed");
  }
  CloudError error_of(int status) const override {
    switch (status) {
      case 401:
        return error(status, "invalid x-api-key");
      case 403:
        return error(status, "Your API key does not have permission to use the specified resource.");
      case 404:
        return error(status, "Not found");
      case 413:
        return error(status, "Request exceeds the maximum size");
      case 429:
        return error(status,
                     "This request would exceed your organization's rate limit of 4,000 requests per minute. "
                     "Please try again later.");
      case 503:
        return error(status, "Service temporarily unavailable");
      case 504:
        return error(status, "Request timed out");
      case 529:
        return error(status, "Overloaded");
      default:
        return error(status, status >= 500
                                 ? "Internal server error"
                                 : fmt::format("The simulated cloud was asked to fail with {}.", status));
    }
  }

  std::string request_id(Random& random) const override { return random.id("req_011C", 20); }
  std::string error_body(const CloudError& error, std::string_view request_id) const override {
    std::string out;
    json::Writer w(out);
    w.object()
        .key("type")
        .string("error")
        .key("error")
        .object()
        .key("type")
        .string(error.type)
        .key("message")
        .string(error.message);
    w.end_object().key("request_id").string(request_id).end_object();
    return out;
  }
  std::string stream_error(std::string_view request_id) const override {
    return "event: error\ndata: " + error_body(error_of(529), request_id) + "\n\n";
  }
  std::string model_list() const override {
    std::string out;
    json::Writer w(out);
    w.object().key("data").array();
    for (auto name : kModels) w.raw(model_body(name));
    w.end_array()
        .key("has_more")
        .boolean(false)
        .key("first_id")
        .string(kModels[0])
        .key("last_id")
        .string(kModels[std::size(kModels) - 1])
        .end_object();
    return out;
  }
  std::string model_body(std::string_view name) const override {
    std::string out;
    json::Writer w(out);
    w.object()
        .key("type")
        .string("model")
        .key("id")
        .string(name)
        .key("display_name")
        .string(name)
        .key("created_at")
        .string("2025-12-01T00:00:00Z")
        .end_object();
    return out;
  }
  std::string count_body(int64_t tokens) const override {
    return fmt::format(R"({{"input_tokens":{}}})", tokens);
  }
  HeaderList headers(std::string_view request_id, int status) const override {
    std::string reset =
        wall_time_rfc3339(std::chrono::system_clock::now() + std::chrono::seconds(status == 429 ? 1 : 0));
    reset.replace(reset.find('.'), std::string::npos, "Z");
    HeaderList out = {{"request-id", std::string(request_id)},
                      {"anthropic-organization-id", "5f0c3a52-51b0-4c8e-9d3e-000000000517"}};
    auto limits = [&](std::string_view what, std::string_view most, std::string_view left) {
      out.emplace_back(fmt::format("anthropic-ratelimit-{}-limit", what), most);
      out.emplace_back(fmt::format("anthropic-ratelimit-{}-remaining", what), left);
      out.emplace_back(fmt::format("anthropic-ratelimit-{}-reset", what), reset);
    };
    limits("requests", "4000", status == 429 ? "0" : "3999");
    limits("tokens", "480000", "479000");
    limits("input-tokens", "400000", "399000");
    limits("output-tokens", "80000", "80000");
    return out;
  }

  bool counts_cache_writes() const override { return true; }
  bool signs_reasoning() const override { return true; }
  std::string_view answer_prefix() const override { return "msg_01"; }
  std::string_view call_prefix() const override { return "toolu_01"; }
  std::string_view after_first_event() const override {
    return "event: ping\ndata: {\"type\": \"ping\"}\n\n";
  }

 private:
  static CloudError error(int status, std::string message) {
    return {status, std::string(type_of(status)), std::move(message)};
  }
};

}  // namespace

const Vendor& anthropic() {
  static const Anthropic cloud;
  return cloud;
}

}  // namespace hanse::sim
