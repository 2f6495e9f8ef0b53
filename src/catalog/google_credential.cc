// The files that Google's tools write: service accounts, users, workload identity federation.
#include <fmt/format.h>

#include <filesystem>

#include "base/json.h"
#include "catalog/credential_sources.h"
#include "catalog/outside.h"
#include "catalog/pem.h"

namespace hanse::catalog {
namespace {

constexpr int kDepthMax = 16;
constexpr std::string_view kGoogleScope = "https://www.googleapis.com/auth/cloud-platform";

// A credential never goes out in the clear, but for tests and helpers on this machine.
Result<Url> url_of(json::Value root, std::string_view key, std::string_view usual) {
  std::string text = root[key].string();
  auto url = parse_url(text.empty() ? usual : std::string_view(text));
  if (!url) return fail(Code::bad_request, fmt::format("'{}': {}", key, url.error().message));
  if (!url->tls && !is_loopback(url->host))
    return fail(Code::bad_request,
                fmt::format("'{}' has no TLS: a credential would go out unencrypted", key));
  return std::move(*url);
}

Result<std::string> wanted(json::Value root, std::string_view key) {
  std::string text = root[key].string();
  if (text.empty()) return fail(Code::bad_request, fmt::format("'{}' is missing", key));
  return text;
}

Result<Credential> service_account(json::Value root) {
  GoogleServiceAccount out;
  TRY(out.email, wanted(root, "client_email"));
  TRY(const std::string pem, wanted(root, "private_key"));
  TRY(out.private_key, private_key_of(pem));
  TRY(out.token_uri, url_of(root, "token_uri", "https://oauth2.googleapis.com/token"));
  out.key_id = root["private_key_id"].string();
  out.project = root["project_id"].string();
  return Credential{std::move(out), {}, "the service account", {}};
}

Result<Credential> user(json::Value root) {
  GoogleUser out;
  TRY(out.client_id, wanted(root, "client_id"));
  TRY(const std::string secret, wanted(root, "client_secret"));
  TRY(const std::string refresh, wanted(root, "refresh_token"));
  out.client_secret = Secret(secret);
  out.refresh_token = Secret(refresh);
  TRY(out.token_uri, url_of(root, "token_uri", "https://oauth2.googleapis.com/token"));
  out.project = root["quota_project_id"].string();
  if (!is_visible(out.project))
    return fail(Code::bad_request, "'quota_project_id' has a byte that no header may have");
  return Credential{std::move(out), {}, "the user", {}};
}

Result<Credential> external(json::Value root) {
  GoogleExternal out;
  TRY(out.audience, wanted(root, "audience"));
  TRY(out.subject_token_type, wanted(root, "subject_token_type"));
  TRY(out.token_url, url_of(root, "token_url", "https://sts.googleapis.com/v1/token"));
  const json::Value source = root["credential_source"];
  out.subject_file = source["file"].string();
  if (out.subject_file.empty())
    return fail(Code::unsupported, "'credential_source' names no 'file': other sources are not supported");
  const json::Value format = source["format"];
  if (format["type"].string() == "json") {
    TRY(out.subject_field, wanted(format, "subject_token_field_name"));
  }
  out.user_project = root["workforce_pool_user_project"].string();
  out.client_id = root["client_id"].string();
  out.client_secret = Secret(root["client_secret"].string());
  constexpr std::string_view kImpersonation = "service_account_impersonation_url";
  if (root[kImpersonation].present()) {
    TRY(out.impersonation_url, url_of(root, kImpersonation, {}));
    auto life = root["service_account_impersonation"]["token_lifetime_seconds"].integer();
    if (life) out.impersonation_life = fmt::format("{}s", *life);
  }
  return Credential{std::move(out), {}, "the workload identity", {}};
}

// Where gcloud keeps what `gcloud auth application-default login` gave it.
std::string gcloud_file() {
  std::string folder = variable("CLOUDSDK_CONFIG");
  if (folder.empty() && !variable("HOME").empty()) folder = variable("HOME") + "/.config/gcloud";
  std::string path = folder + "/application_default_credentials.json";
  std::error_code ignored;
  return !folder.empty() && std::filesystem::exists(path, ignored) ? path : "";
}

FoundCredential google_metadata() {
  const std::string host = variable("GCE_METADATA_HOST");
  auto url = parse_url("http://" + (host.empty() ? "metadata.google.internal" : host));
  if (!url) return fail(Code::bad_request, "GCE_METADATA_HOST: " + url.error().message).at("metadata");
  Credential credential{GoogleMetadata{*url}, std::string(kGoogleScope), "Google's metadata server", {}};
  return finish_credential(std::move(credential), url->text);
}

}  // namespace

Result<Credential> read_google_file(std::string_view text) {
  json::Document document;
  auto root = document.parse(text, kDepthMax);
  if (!root || !root->is_object()) return fail(Code::bad_request, "it is not a JSON object");
  const std::string type = (*root)["type"].string();
  if (type == "service_account") return service_account(*root);
  if (type == "authorized_user") return user(*root);
  if (type == "external_account") return external(*root);
  return fail(Code::bad_request,
              fmt::format("its 'type' is {}: wanted service_account, authorized_user or external_account",
                          type.empty() ? "missing" : "not supported"));
}

// The file of the config, else the usual variable's, else gcloud's; the metadata server where that is wanted.
FoundCredential find_google(const Provider& provider) {
  std::string path = provider.credentials_file;
  if (path.empty() && provider.metadata) return google_metadata();
  if (path.empty()) path = variable("GOOGLE_APPLICATION_CREDENTIALS");
  if (path.empty()) path = gcloud_file();
  if (path.empty()) return nullptr;
  auto wrong = [&](const Error& error) {
    return fail(Code::bad_request, fmt::format("{}: {}", path, error.message)).at("credentials_file");
  };
  auto text = read_file(path, kCredentialFileBytesMax);
  if (!text) return wrong(text.error());
  const Secret kept(*text);
  auto credential = read_google_file(kept.reveal());
  if (!credential) return wrong(credential.error());
  credential->scope = kGoogleScope;
  credential->source += " in " + path;
  return finish_credential(std::move(*credential), kept.reveal());
}

std::string_view Credential::project() const {
  if (const auto* account = std::get_if<GoogleServiceAccount>(&of)) return account->project;
  if (const auto* person = std::get_if<GoogleUser>(&of)) return person->project;
  return {};
}

}  // namespace hanse::catalog
