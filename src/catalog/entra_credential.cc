// Who Microsoft Entra is told that we are: an application of a tenant, by what the usual variables name, or
// the machine itself.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "catalog/credential_sources.h"
#include "catalog/outside.h"
#include "catalog/pem.h"
#include "catalog/snapshot.h"

namespace hanse::catalog {
namespace {

// Of a tenant or an application: what may stand in a path and in a form.
bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 256 && !is_dots(text) && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

Failed wrong(std::string_view what) { return fail(Code::bad_request, std::string(what)).at("kind"); }

Result<std::string> id_of(const char* name, std::string_view because) {
  std::string value = variable(name);
  if (value.empty()) return wrong(fmt::format("{} is set, and {} is not", because, name));
  if (!is_id(value)) return wrong(fmt::format("{}: wanted letters, digits, '-', '.' and '_' only", name));
  return value;
}

Result<Url> token_url(std::string_view tenant) {
  const std::string host = variable("AZURE_AUTHORITY_HOST");
  auto url = parse_url(host.empty() ? "https://login.microsoftonline.com" : host);
  if (!url) return wrong("AZURE_AUTHORITY_HOST: " + url.error().message);
  if (!url->tls && !is_loopback(url->host))
    return wrong("AZURE_AUTHORITY_HOST has no TLS: a credential would go out unencrypted");
  return parse_url(fmt::format("{}/{}/oauth2/v2.0/token", url->text, tenant));
}

Result<void> read_certificate(const std::string& path, EntraApplication& out) {
  auto said = [&](std::string_view what) {
    return fail(Code::bad_request, fmt::format("{}: {}", path, what)).at("credentials_file");
  };
  auto text = read_file(path, kCredentialFileBytesMax);
  if (!text) return said(text.error().message);
  const Secret kept(*text);
  auto certificate = pem_block(kept.reveal(), "CERTIFICATE");
  if (!certificate) return said("it holds no PEM CERTIFICATE");
  out.thumbprint = sha256(certificate->reveal());
  auto key = private_key_of(kept.reveal());
  if (!key) return said(key.error().message);
  out.private_key = std::move(*key);
  return {};
}

FoundCredential application(const Provider& provider, std::string_view scope) {
  EntraApplication out;
  std::string because, path = provider.credentials_file;
  if (path.empty()) path = variable("AZURE_CLIENT_CERTIFICATE_PATH");
  Credential credential;
  if (!path.empty()) {
    TRY_VOID(read_certificate(path, out));
    because = provider.credentials_file.empty() ? "AZURE_CLIENT_CERTIFICATE_PATH" : "credentials_file";
    credential.source = "Entra by the certificate in " + path;
  } else if (std::string secret = variable("AZURE_CLIENT_SECRET"); !secret.empty()) {
    out.client_secret = Secret(secret);
    because = "AZURE_CLIENT_SECRET";
    credential.source = "Entra by AZURE_CLIENT_SECRET";
  } else if (out.token_file = variable("AZURE_FEDERATED_TOKEN_FILE"); !out.token_file.empty()) {
    because = "AZURE_FEDERATED_TOKEN_FILE";
    credential.source = "Entra by the workload identity in " + out.token_file;
  } else {
    return nullptr;
  }
  TRY(const std::string tenant, id_of("AZURE_TENANT_ID", because));
  TRY(out.client_id, id_of("AZURE_CLIENT_ID", because));
  TRY(out.token_url, token_url(tenant));
  const std::string made_of = fmt::format("{}\n{}\n{}\n{}", out.token_url.text, out.client_id,
                                          out.client_secret.reveal(), out.thumbprint);
  credential.of = std::move(out);
  credential.scope = scope;
  return finish_credential(std::move(credential), made_of);
}

// App Service and Container Apps name an endpoint of their own; elsewhere it is the machine's metadata
// server.
FoundCredential machine(std::string_view scope) {
  EntraMachine out;
  const std::string endpoint = variable("IDENTITY_ENDPOINT"), header = variable("IDENTITY_HEADER");
  const bool hosted = !endpoint.empty() && !header.empty();
  const std::string host = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
  const std::string text = hosted ? endpoint : host.empty() ? std::string("http://169.254.169.254") : host;
  auto url = parse_url(text);
  if (!url)
    return wrong(fmt::format("{}: {}", hosted ? "IDENTITY_ENDPOINT" : "AZURE_POD_IDENTITY_AUTHORITY_HOST",
                             url.error().message));
  out.url = std::move(*url);
  out.client_id = variable("AZURE_CLIENT_ID");
  if (!out.client_id.empty() && !is_id(out.client_id))
    return wrong("AZURE_CLIENT_ID: wanted letters, digits, '-', '.' and '_' only");
  if (hosted && !is_visible(header)) return wrong("IDENTITY_HEADER has a byte that no header may have");
  if (hosted) out.identity_header = Secret(header);
  const std::string made_of = fmt::format("{}\n{}\n{}", out.url.text, out.client_id, header);
  Credential credential{std::move(out), std::string(scope), "Entra by the machine's managed identity", {}};
  return finish_credential(std::move(credential), made_of);
}

}  // namespace

FoundCredential find_entra(const Provider& provider, std::string_view scope) {
  if (provider.metadata && provider.credentials_file.empty()) return machine(scope);
  return application(provider, scope);
}

}  // namespace hanse::catalog
