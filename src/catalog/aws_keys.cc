#include "catalog/aws_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "catalog/credential_sources.h"
#include "catalog/outside.h"

namespace hanse::catalog {
namespace {

constexpr size_t kFileBytesMax = 1024 * 1024;
constexpr size_t kScopeWordMax = 128;
constexpr std::string_view kFileOfProfile = "";  // a setting of our own: where the profile stands

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
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

std::string shared_file(const char* named, const char* usual) {
  std::string path = variable(named);
  return path.empty() ? variable("HOME") + "/.aws/" + usual : path;
}

Result<AwsProfile> of_file(const std::string& path, std::string_view profile, bool config) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return AwsProfile();
  auto text = read_file(path, kFileBytesMax);
  if (!text) return fail(Code::bad_request, fmt::format("{}: {}", path, text.error().message));
  AwsProfile out = read_aws_profile(*text, profile, config);
  if (out.contains("aws_access_key_id") || out.contains("aws_secret_access_key"))
    out.emplace(kFileOfProfile, path);
  return out;
}

}  // namespace

bool is_scope_word(std::string_view text) {
  return !text.empty() && text.size() <= kScopeWordMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<AwsKeys> aws_keys_of_environment() {
  AwsKeys keys;
  keys.access_key_id = variable("AWS_ACCESS_KEY_ID");
  keys.secret = Secret(variable("AWS_SECRET_ACCESS_KEY"));
  keys.session_token = Secret(variable("AWS_SESSION_TOKEN"));
  keys.source = keys.session_token.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN";
  return checked(std::move(keys), "the environment");
}

// An INI file as AWS's tools write it: nested settings are indented.
AwsProfile read_aws_profile(std::string_view text, std::string_view profile, bool config) {
  AwsProfile out;
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
    out.insert_or_assign(std::string(trimmed(line.substr(0, equals))),
                         std::string(trimmed(line.substr(equals + 1))));
  }
  return out;
}

Result<AwsProfile> aws_profile(std::string_view profile) {
  TRY(AwsProfile out, of_file(shared_file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), profile, false));
  TRY(AwsProfile config, of_file(shared_file("AWS_CONFIG_FILE", "config"), profile, true));
  if (out.contains("aws_access_key_id") || out.contains("aws_secret_access_key"))
    for (const char* name : {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"})
      config.erase(name);
  out.merge(config);
  return out;
}

Result<AwsKeys> keys_of_profile(const AwsProfile& profile, std::string_view where) {
  auto value = [&](std::string_view name) {
    auto found = profile.find(name);
    return found == profile.end() ? std::string_view() : std::string_view(found->second);
  };
  AwsKeys keys;
  keys.access_key_id = value("aws_access_key_id");
  keys.secret = Secret(value("aws_secret_access_key"));
  keys.session_token = Secret(value("aws_session_token"));
  keys.source = fmt::format("{} in {}", where, value(kFileOfProfile));
  return checked(std::move(keys), where);
}

}  // namespace hanse::catalog
