// Where credentials are looked for, one file a cloud; credential.cc asks the one that the row names.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "catalog/config.h"

namespace hanse::catalog {

using FoundCredential = Result<std::shared_ptr<const Credential>>;  // nullptr: none is there

constexpr size_t kCredentialFileBytesMax = 1024 * 1024;

// google_credential.cc, entra_credential.cc
FoundCredential find_google(const Provider& provider);
FoundCredential find_entra(const Provider& provider, std::string_view scope);

// aws_credential.cc: for a provider that signs and has no key; either part may be set. Errors are at
// `profile`, `region` or `kind`.
struct FoundAws {
  AwsKeys keys;
  std::shared_ptr<const Credential> credential;
};
Result<FoundAws> find_aws(const Provider& provider);

// With its identity, which is made of all that decides whose token it is.
FoundCredential finish_credential(Credential credential, std::string_view made_of);

// An environment variable; unset is empty.
std::string variable(const char* name);
// Neither blanks nor control bytes, nor anything beyond ASCII.
bool is_visible(std::string_view text);

}  // namespace hanse::catalog
