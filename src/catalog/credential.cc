#include "catalog/credential.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "catalog/credential_sources.h"
#include "catalog/snapshot.h"

namespace hanse::catalog {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

FoundCredential finish_credential(Credential credential, std::string_view made_of) {
  credential.identity = sha256(fmt::format("{}\n{}\n{}", credential.source, credential.scope, made_of));
  return std::make_shared<const Credential>(std::move(credential));
}

Result<std::shared_ptr<const Credential>> find_credential(const Provider& provider, const ProviderRow& row) {
  if (!provider.key.empty() || row.token.empty()) return nullptr;
  return row.token == "entra" ? find_entra(provider, row.token_scope) : find_google(provider);
}

}  // namespace hanse::catalog
