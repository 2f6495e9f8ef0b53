#include "catalog/aws_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "catalog/config.h"
#include "catalog/outside.h"

namespace hanse::catalog {
namespace {

constexpr size_t kFileBytesMax = 1024 * 1024;
constexpr size_t kScopeWordMax = 128;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

// Half a credential is a mistake, and one that would end a header is refused.
Result<AwsKeys> checked(AwsKeys keys, std::string_view where) {
  if (keys.access_key_id.empty() != keys.secret.empty())
    return fail(Code::bad_request,
                fmt::format("{} has one of access key id and secret access key, and not the other", where));
  if (!is_visible(keys.access_key_id) || !is_visible(keys.secret.reveal()) ||
      !is_visible(keys.session_token.reveal()))
    return fail(
        Code::bad_request,
        fmt::format("{}: a credential has a blank, a control byte or a byte beyond ASCII in it", where));
  return keys;
}

Result<AwsKeys> of_environment() {
  AwsKeys keys;
  keys.access_key_id = variable("AWS_ACCESS_KEY_ID");
  keys.secret = Secret(variable("AWS_SECRET_ACCESS_KEY"));
  keys.session_token = Secret(variable("AWS_SESSION_TOKEN"));
  keys.source = keys.session_token.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN";
  return checked(std::move(keys), "the environment");
}

std::string shared_file(const char* named, const char* usual) {
  std::string path = variable(named);
  return path.empty() ? variable("HOME") + "/.aws/" + usual : path;
}

Result<AwsKeys> of_file(const std::string& path, std::string_view profile, bool config) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return AwsKeys();
  auto text = read_file(path, kFileBytesMax);
  if (!text) return fail(Code::bad_request, fmt::format("{}: {}", path, text.error().message));
  auto keys = read_aws_profile(*text, profile, config);
  if (!keys) return fail(Code::bad_request, fmt::format("{}: {}", path, keys.error().message));
  keys->source = fmt::format("the profile '{}' in {}", profile, path);
  return keys;
}

}  // namespace

bool is_scope_word(std::string_view text) {
  return !text.empty() && text.size() <= kScopeWordMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// An INI file as AWS's tools write it: nested settings are indented, and none of them is a key.
Result<AwsKeys> read_aws_profile(std::string_view text, std::string_view profile, bool config) {
  AwsKeys keys;
  bool inside = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string_view line = trimmed(whole);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      std::string_view name = trimmed(line.substr(1, std::min(line.find(']'), line.size()) - 1));
      const bool marked = config && name.starts_with("profile ");
      if (marked) name = trimmed(name.substr(8));
      inside = name == profile && (!config || marked || profile == "default");
      continue;
    }
    const size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos || whole[0] == ' ' || whole[0] == '\t') continue;
    const std::string_view name = trimmed(line.substr(0, equals)), value = trimmed(line.substr(equals + 1));
    if (name == "aws_access_key_id") keys.access_key_id = value;
    if (name == "aws_secret_access_key") keys.secret = Secret(value);
    if (name == "aws_session_token") keys.session_token = Secret(value);
  }
  return checked(std::move(keys), fmt::format("the profile '{}'", profile));
}

Result<AwsKeys> read_aws_keys(const std::string& profile) {
  if (profile.empty()) {
    TRY(AwsKeys keys, of_environment());
    if (keys.present()) return keys;
  }
  const std::string usual = variable("AWS_PROFILE");
  const std::string name = !profile.empty() ? profile : usual.empty() ? "default" : usual;
  TRY(AwsKeys keys, of_file(shared_file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), name, false));
  if (keys.present()) return keys;
  TRY(keys, of_file(shared_file("AWS_CONFIG_FILE", "config"), name, true));
  if (keys.present() || profile.empty()) return keys;
  return fail(Code::bad_request,
              fmt::format("no profile '{}' with an access key in AWS's shared files", name));
}

Result<void> find_aws_keys(Provider& provider) {
  if (provider.row.signed_service().empty() || !provider.key.empty()) return {};
  auto keys = read_aws_keys(provider.profile);
  if (!keys) return fail(Code::bad_request, keys.error().message).at("profile");
  provider.aws = std::move(*keys);
  if (provider.aws.present() && provider.region.empty())
    return fail(Code::bad_request, "'region' is missing: the signature of a request names it").at("region");
  return {};
}

}  // namespace hanse::catalog
