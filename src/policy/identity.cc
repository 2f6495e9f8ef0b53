#include "policy/identity.h"

#include <algorithm>

#include "base/bytes.h"

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

}  // namespace

Result<const catalog::ClientKey*> identify(std::string_view authorization, std::string_view x_api_key,
                                           const catalog::Snapshot& snapshot) {
  if (!snapshot.has_clients()) return nullptr;
  // Either place is enough; where both are filled each is tried, for SDKs that always send one of their own.
  std::string_view given[] = {bearer(authorization), x_api_key};
  for (std::string_view key : given)
    if (!key.empty())
      if (const auto* client = snapshot.find_client(key)) return client;
  if (given[0].empty() && given[1].empty())
    return fail(Code::unauthenticated, "no key: send it as 'Authorization: Bearer KEY' or 'x-api-key: KEY'");
  return fail(Code::unauthenticated, "the key is not known here");
}

Result<void> may_use(const catalog::ClientKey* client, std::string_view model) {
  if (!client || client->models.empty() || std::ranges::find(client->models, model) != client->models.end())
    return {};
  return fail(Code::denied,
              "the key '" + client->name + "' may not use the model '" + std::string(model) + "'")
      .at("model");
}

}  // namespace hanse::policy
