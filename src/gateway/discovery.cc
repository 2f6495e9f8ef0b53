#include "gateway/discovery.h"

#include "gateway/provider_request.h"

namespace hanse::gateway {

namespace {

// {"data":[{"id"}]} as OpenAI and Anthropic have it, {"models":[{"name"}]} as Google (with a prefix) and
// Cohere.
std::vector<std::string> names_of(json::Value root) {
  constexpr std::string_view kGooglesPrefix = "models/";
  std::vector<std::string> names;
  for (json::Value model : root["data"])
    if (model["id"].is_string()) names.push_back(model["id"].string());
  for (json::Value model : root["models"]) {
    std::string name = model["name"].string();
    if (name.starts_with(kGooglesPrefix)) name.erase(0, kGooglesPrefix.size());
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

net::Task<Result<std::vector<std::string>>> list_models(const ProviderAccess& access, net::Cancel* cancel) {
  constexpr milliseconds kPatience{5000};
  constexpr size_t kBytesMax = 8 * 1024 * 1024;
  Time deadline = net::Reactor::current().now() + kPatience;
  net::Bounds bounds{deadline, cancel};
  Held token;
  if (access.token) {
    CO_TRY(token, co_await access.token->get(bounds));
  }
  std::string head =
      request_line("GET", access.provider->models_target()) + provider_headers(*access.provider, "GET");
  for (const auto& [name, value] : access.provider->headers) head += name + ": " + value + "\r\n";
  if (token) head += token->header.reveal();
  head += "\r\n";
  iovec part{head.data(), head.size()};
  net::Call wire(access.pool);
  auto answered = co_await wire.request({&part, 1}, "GET", deadline, kPatience, cancel);
  if (!answered) co_return fail(std::move(answered.error()));
  int status = (*answered)->status;
  auto body = co_await wire.read_all(kBytesMax, bounds);
  if (!body) co_return fail(std::move(body.error()));
  if (status != 200) co_return fail(access.doors.front().dialect->decode_error(status, *body));
  CO_TRY(json::Value root, json::scratch().parse(*body, 64));
  std::vector<std::string> names = names_of(root);
  if (names.empty()) co_return fail(Code::malformed_reply, "the list of models is empty or not a list");
  co_return std::move(names);
}

}  // namespace hanse::gateway
