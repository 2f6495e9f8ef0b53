#include "catalog/credential.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "catalog/config.h"
#include "catalog/outside.h"
#include "catalog/snapshot.h"

namespace hanse::catalog {
namespace {

constexpr size_t kFileBytesMax = 1024 * 1024;
constexpr std::string_view kGoogleScope = "https://www.googleapis.com/auth/cloud-platform";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Where gcloud keeps what `gcloud auth application-default login` gave it.
std::string gcloud_file() {
  std::string folder = variable("CLOUDSDK_CONFIG");
  if (folder.empty() && !variable("HOME").empty()) folder = variable("HOME") + "/.config/gcloud";
  std::string path = folder + "/application_default_credentials.json";
  std::error_code ignored;
  return !folder.empty() && std::filesystem::exists(path, ignored) ? path : "";
}

using Found = Result<std::shared_ptr<const Credential>>;

Found finished(Credential credential, std::string_view made_of) {
  credential.identity = sha256(fmt::format("{}\n{}\n{}", credential.source, credential.scope, made_of));
  return std::make_shared<const Credential>(std::move(credential));
}

Found google_metadata() {
  const std::string host = variable("GCE_METADATA_HOST");
  auto url = parse_url("http://" + (host.empty() ? "metadata.google.internal" : host));
  if (!url) return fail(Code::bad_request, "GCE_METADATA_HOST: " + url.error().message).at("metadata");
  Credential credential{GoogleMetadata{*url}, std::string(kGoogleScope), "Google's metadata server", {}};
  return finished(std::move(credential), url->text);
}

// The file of the config, else the usual variable's, else gcloud's; the metadata server where that is wanted.
Found google(const Provider& provider) {
  std::string path = provider.credentials_file;
  if (path.empty() && provider.metadata) return google_metadata();
  if (path.empty()) path = variable("GOOGLE_APPLICATION_CREDENTIALS");
  if (path.empty()) path = gcloud_file();
  if (path.empty()) return nullptr;
  auto wrong = [&](const Error& error) {
    return fail(Code::bad_request, fmt::format("{}: {}", path, error.message)).at("credentials_file");
  };
  auto text = read_file(path, kFileBytesMax);
  if (!text) return wrong(text.error());
  const Secret kept(*text);
  auto credential = read_google_file(kept.reveal());
  if (!credential) return wrong(credential.error());
  credential->scope = kGoogleScope;
  credential->source += " in " + path;
  return finished(std::move(*credential), kept.reveal());
}

}  // namespace

Result<std::shared_ptr<const Credential>> find_credential(const Provider& provider, const ProviderRow& row) {
  if (!provider.key.empty() || row.token.empty()) return nullptr;
  return google(provider);
}

}  // namespace hanse::catalog
