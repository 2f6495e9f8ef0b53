#include "sim/openai.h"

#include "sim/openai_rules.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kModels[] = {"sim-gpt", "sim-gpt-mini"};
constexpr std::string_view kInvalid = "invalid_request_error";
constexpr int64_t kCreated = 1'764'547'200;  // 2025-12-01

// As the service hides all but the ends of a key.
std::string masked(std::string_view key) {
  if (key.size() < 9) return std::string(key.size(), '*');
  return fmt::format("{}****{}", key.substr(0, 4), key.substr(key.size() - 4));
}

}  // namespace

std::span<const std::string_view> OpenAi::models() const { return kModels; }

Check OpenAi::check_key(const http::RequestHead& head, std::string_view key) const {
  if (key.empty()) return {};
  std::string_view given = head.headers.get("authorization");
  if (!given.starts_with("Bearer ") || given.size() == 7)
    return CloudError{
        401, std::string(kInvalid),
        "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        "Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."};
  if (given.substr(7) == key) return {};
  return CloudError{401, std::string(kInvalid),
                    fmt::format("Incorrect API key provided: {}. You can find your API key at "
                                "https://platform.openai.com/account/api-keys.",
                                masked(given.substr(7))),
                    "", "invalid_api_key"};
}

Check OpenAi::check_request(json::Value root, bool) const { return check_openai_request(root); }

CloudError OpenAi::not_json(std::string_view) const {
  return {400, std::string(kInvalid),
          "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
          "your HTTP library "
          "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)"};
}

CloudError OpenAi::no_model(std::string_view name) const {
  return {404, std::string(kInvalid),
          fmt::format("The model `{}` does not exist or you do not have access to it.", name), "",
          "model_not_found"};
}

CloudError OpenAi::no_path(std::string_view method, std::string_view path) const {
  return {404, std::string(kInvalid), fmt::format("Invalid URL ({} {})", method, path)};
}

CloudError OpenAi::no_method(std::string_view method, std::string_view path) const {
  return {405, std::string(kInvalid), fmt::format("Not allowed to {} on {}.", method, path), "",
          "method_not_supported"};
}

CloudError OpenAi::error_of(int status) const {
  switch (status) {
    case 401:
      return {401, std::string(kInvalid),
              "Incorrect API key provided: ****. You can find your API key at "
              "https://platform.openai.com/account/api-keys.",
              "", "invalid_api_key"};
    case 403:
      return {403, std::string(kInvalid), "You are not allowed to sample from this model.", "",
              "unsupported_country_region_territory"};
    case 404:
      return {404, std::string(kInvalid), "The model `sim` does not exist or you do not have access to it.",
              "", "model_not_found"};
    case 413:
      return {413, std::string(kInvalid), "Request body too large."};
    case 429:
      return {429, "requests",
              "Rate limit reached for the simulated model on requests per min (RPM): Limit 10000, Used "
              "10000, Requested 1. Please try again in 1s.",
              "", "rate_limit_exceeded"};
    case 503:
      return {503, "service_unavailable_error", "The engine is currently overloaded, please try again later.",
              "", "server_overloaded"};
    default:
      break;
  }
  if (status >= 500)
    return {status, "server_error",
            "The server had an error while processing your request. Sorry about that!"};
  return {status, std::string(kInvalid),
          fmt::format("The simulated cloud was asked to fail with {}.", status)};
}

std::string OpenAi::request_id(Random& random) const { return random.id("req_", 32); }

std::string OpenAi::error_body(const CloudError& error, std::string_view) const {
  std::string out;
  json::Writer w(out);
  w.object().key("error").object().key("message").string(error.message).key("type").string(error.type);
  error.param.empty() ? w.key("param").null() : w.key("param").string(error.param);
  error.code.empty() ? w.key("code").null() : w.key("code").string(error.code);
  w.end_object().end_object();
  return out;
}

std::string OpenAi::stream_error(std::string_view request_id) const {
  return "data: " + error_body(error_of(500), request_id) + "\n\n";
}

std::string OpenAi::model_list() const {
  std::string out;
  json::Writer w(out);
  w.object().key("object").string("list").key("data").array();
  for (auto name : kModels) w.raw(model_body(name));
  w.end_array().end_object();
  return out;
}

std::string OpenAi::model_body(std::string_view name) const {
  std::string out;
  json::Writer w(out);
  w.object()
      .key("id")
      .string(name)
      .key("object")
      .string("model")
      .key("created")
      .number(kCreated)
      .key("owned_by")
      .string("system")
      .end_object();
  return out;
}

HeaderList OpenAi::headers(std::string_view request_id, int status) const {
  bool limited = status == 429;
  return {{"x-request-id", std::string(request_id)},
          {"openai-version", "2020-10-01"},
          {"openai-organization", "org-sim"},
          {"openai-processing-ms", "12"},
          {"x-ratelimit-limit-requests", "10000"},
          {"x-ratelimit-remaining-requests", limited ? "0" : "9999"},
          {"x-ratelimit-reset-requests", limited ? "1s" : "6ms"},
          {"x-ratelimit-limit-tokens", "2000000"},
          {"x-ratelimit-remaining-tokens", "1999822"},
          {"x-ratelimit-reset-tokens", "5ms"}};
}

const Vendor& openai() {
  static const OpenAi cloud;
  return cloud;
}

bool is_plain_name(std::string_view name, size_t size_max) {
  if (name.empty() || name.size() > size_max) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace hanse::sim
