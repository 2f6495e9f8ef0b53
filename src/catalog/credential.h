// A credential that isn't a key yet: what it takes to fetch a short-lived token with it, as files, variables
// and the config say. Plain values; cloud/auth makes requests of them, gateway/credential.h sends those.
//
//   TRY(auto credential, find_credential(provider));      // nullptr: there is none, or none is needed
//   credential->source;                                    // "the service account in /run/vertex.json"
//
// Read while the config is loaded, like keys. Only files that rotate are read again, when they are used.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/secret.h"
#include "base/url.h"
#include "catalog/aws_keys.h"

namespace hanse::catalog {

// ---- Google

// A key file of a service account: it signs who it is.
struct GoogleServiceAccount {
  std::string email, key_id, project;
  Secret private_key;  // RSA, DER
  Url token_uri;
};
// What `gcloud auth application-default login` leaves behind.
struct GoogleUser {
  std::string client_id, project;
  Secret client_secret, refresh_token;
  Url token_uri;
};
// Workload identity federation: another party's token, in a file that somebody renews, is exchanged.
struct GoogleExternal {
  std::string audience, subject_token_type, user_project;
  std::string subject_file, subject_field;  // with a field the file is JSON
  std::string client_id;
  Secret client_secret;
  Url token_url;
  Url impersonation_url;  // empty text: the exchanged token is used as it is
  std::string impersonation_life = "3600s";
};
// The server in the machine's own network that knows who the machine is.
struct GoogleMetadata {
  Url url;
};

// ---- Entra

// An application of a tenant, which has one of a secret, a certificate, or another party's token in a file.
struct EntraApplication {
  std::string client_id;
  Url token_url;
  Secret client_secret;
  Secret private_key;      // RSA, DER
  std::string thumbprint;  // SHA-256 of the certificate
  std::string token_file;
};
// The machine's managed identity, or one of several that `client_id` names.
struct EntraMachine {
  Url url;
  std::string client_id;
  Secret identity_header;  // of App Service; empty: the metadata server of a virtual machine
};

// ---- AWS, whose credentials are keys to sign with

struct Credential;

// A role that is assumed with another credential: keys that stand somewhere, or that are fetched first.
struct AwsRole {
  std::string arn, session_name, external_id, duration_s, region;
  Url sts;
  AwsKeys keys;
  std::shared_ptr<const Credential> base;  // instead of keys
};
// A role that is assumed with another party's token.
struct AwsWebIdentity {
  std::string arn, session_name, token_file;
  Url sts;
};
// The server beside a container that the environment names.
struct AwsContainer {
  Url url;
  std::string query;  // with its '?'
  Secret authorization;
  std::string authorization_file;  // rotates
};
// The metadata server of an instance, version 2.
struct AwsMachine {
  Url url;
};

struct Credential {
  std::variant<GoogleServiceAccount, GoogleUser, GoogleExternal, GoogleMetadata, EntraApplication,
               EntraMachine, AwsRole, AwsWebIdentity, AwsContainer, AwsMachine>
      of;
  std::string scope;
  std::string source;    // for people
  std::string identity;  // SHA-256 of all that makes it: equal ones share their tokens

  // That a file names; empty: none.
  std::string_view project() const;
};

struct Provider;
struct ProviderRow;

// What the row says about tokens (`token`), where the provider has no key. Errors are at the option.
Result<std::shared_ptr<const Credential>> find_credential(const Provider& provider, const ProviderRow& row);

// The text of a file as Google's tools write it. `error` names what it lacks, never what it holds.
Result<Credential> read_google_file(std::string_view text);

}  // namespace hanse::catalog
