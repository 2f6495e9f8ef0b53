#include "policy/identity.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/url.h"

namespace hanse::policy {
namespace {

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size() ||
      !equal_ignoring_case(authorization.substr(0, scheme.size()), scheme))
    return {};
  std::string_view key = authorization.substr(scheme.size());
  return key.substr(std::min(key.find_first_not_of(' '), key.size()));
}

std::string key_of_query(std::string_view query) {
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.starts_with("key=")) return percent_decode(pair.substr(4)).value_or("");
  }
  return {};
}

}  // namespace

Result<const catalog::ClientKey*> identify(const PresentedKeys& presented, const catalog::Snapshot& snapshot,
                                           KnownKeys& known) {
  if (!snapshot.has_clients()) return nullptr;
  const std::string in_query = key_of_query(presented.query);
  // One place is enough; where several are filled each is tried, for SDKs that always send one of their own.
  bool any = false;
  for (std::string_view key : {bearer(presented.authorization), presented.x_api_key, presented.api_key,
                               presented.x_goog_api_key, std::string_view(in_query)}) {
    if (key.empty()) continue;
    any = true;
    if (const auto* client = known.find(key, snapshot)) return client;
  }
  if (any) return fail(Code::unauthenticated, "the key is not known here");
  return fail(Code::unauthenticated,
              "no key: send it as 'Authorization: Bearer KEY', or in x-api-key, api-key or x-goog-api-key");
}

Result<void> may_use(const catalog::ClientKey* client, std::string_view model) {
  if (!client || client->models.empty() || std::ranges::find(client->models, model) != client->models.end())
    return {};
  return fail(Code::denied,
              "the key '" + client->name + "' may not use the model '" + std::string(model) + "'")
      .at("model");
}

Result<catalog::Priority> priority_of(const catalog::ClientKey* client, std::string_view asked) {
  const auto own = client ? catalog::priority_named(client->priority) : std::nullopt;
  if (asked.empty()) return own.value_or(catalog::Priority::normal);
  const auto wanted = catalog::priority_named(asked);
  if (!wanted)
    return fail(Code::bad_request, "x-hanse-priority: wanted low, normal or high, not '" +
                                       std::string(asked.substr(0, 40)) + "'")
        .at("x-hanse-priority");
  return own ? std::min(*own, *wanted) : *wanted;
}

}  // namespace hanse::policy
