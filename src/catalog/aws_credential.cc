// Which of AWS's credentials signs: keys that stand somewhere, or what is fetched in their place.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/credential_sources.h"

namespace hanse::catalog {
namespace {

constexpr int kChainMax = 5;  // of profiles that name each other

Failed wrong(std::string what) { return fail(Code::bad_request, std::move(what)).at("profile"); }

std::string_view setting(const AwsProfile& profile, std::string_view name) {
  auto found = profile.find(name);
  return found == profile.end() ? std::string_view() : std::string_view(found->second);
}

Result<Url> sts_url(const Provider& provider) {
  std::string text = variable("AWS_ENDPOINT_URL_STS");
  if (text.empty())
    text = fmt::format("https://sts.{}.amazonaws.com{}", provider.region,
                       provider.region.starts_with("cn-") ? ".cn" : "");
  auto url = parse_url(text);
  if (!url) return wrong("AWS_ENDPOINT_URL_STS: " + url.error().message);
  if (!url->tls && !is_loopback(url->host))
    return wrong("AWS_ENDPOINT_URL_STS has no TLS: a credential would go out unencrypted");
  return url;
}

// As AWS wants the names of sessions, which stand in its logs.
Result<std::string> session_name(std::string_view given) {
  if (given.empty()) return "hanse";
  auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_=,.@+-").find(c) != std::string_view::npos;
  };
  if (given.size() < 2 || given.size() > 64 || !std::ranges::all_of(given, good))
    return wrong("role_session_name: wanted 2 to 64 letters, digits and _=,.@+-");
  return std::string(given);
}

Result<FoundAws> fetched(Credential credential, std::string_view made_of) {
  TRY(auto made, finish_credential(std::move(credential), made_of));
  return FoundAws{{}, std::move(made)};
}

Result<FoundAws> web_identity(const Provider& provider, std::string_view arn, std::string_view name,
                              std::string_view file) {
  AwsWebIdentity out{std::string(arn), {}, std::string(file), {}};
  TRY(out.session_name, session_name(name));
  TRY(out.sts, sts_url(provider));
  const std::string made_of = fmt::format("{}\n{}\n{}", out.arn, out.session_name, out.sts.text);
  std::string source = fmt::format("{} by the web identity in {}", arn, file);
  return fetched({std::move(out), {}, std::move(source), {}}, made_of);
}

// A server that isn't on this machine gets the token only by TLS, but for the addresses of AWS's own agents.
bool is_container_host(const Url& url) {
  return url.tls || is_loopback(url.host) || url.host == "169.254.170.2" || url.host == "169.254.170.23" ||
         url.host == "fd00:ec2::23";
}

Result<FoundAws> container() {
  const std::string relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty()) return FoundAws();
  const std::string text = relative.empty() ? full : "http://169.254.170.2" + relative;
  const size_t mark = std::min(text.find('?'), text.size());
  const std::string query = text.substr(mark);
  AwsContainer out;
  auto url = parse_url(text.substr(0, mark));
  const std::string name =
      fmt::format("AWS_CONTAINER_CREDENTIALS_{}_URI", relative.empty() ? "FULL" : "RELATIVE");
  if (!url) return wrong(fmt::format("{}: {}", name, url.error().message));
  if (!is_visible(query)) return wrong(name + ": its query has a byte that none may have");
  if (!is_container_host(*url)) return wrong(name + ": a host that isn't this machine's needs TLS");
  out.url = std::move(*url);
  out.query = query;
  out.authorization_file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (out.authorization_file.empty())
    out.authorization = Secret(variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
  auto printable = [](char c) { return c >= ' ' && c < 0x7f; };  // "Bearer ..." has a blank
  if (!std::ranges::all_of(out.authorization.reveal(), printable))
    return wrong("AWS_CONTAINER_AUTHORIZATION_TOKEN has a byte that no header may have");
  const std::string made_of =
      fmt::format("{}\n{}\n{}", text, out.authorization.reveal(), out.authorization_file);
  return fetched({std::move(out), {}, "the container's credentials (" + name + ")", {}}, made_of);
}

Result<FoundAws> instance() {
  const std::string named = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  auto url = parse_url(named.empty() ? "http://169.254.169.254" : named);
  if (!url) return wrong("AWS_EC2_METADATA_SERVICE_ENDPOINT: " + url.error().message);
  return fetched({AwsMachine{*url}, {}, "the instance's metadata server", {}}, url->text);
}

Result<FoundAws> of_profile(const Provider& provider, std::string_view name, int depth);

// What a role is assumed with.
Result<FoundAws> base_of(const Provider& provider, std::string_view name, const AwsProfile& profile,
                         int depth) {
  const std::string_view source = setting(profile, "source_profile");
  const std::string_view place = setting(profile, "credential_source");
  if (!source.empty() && source != name) return of_profile(provider, source, depth + 1);
  if (source == name) {
    TRY(AwsKeys keys, keys_of_profile(profile, fmt::format("the profile '{}'", name)));
    return FoundAws{std::move(keys), nullptr};
  }
  if (place == "Environment") {
    TRY(AwsKeys keys, aws_keys_of_environment());
    return FoundAws{std::move(keys), nullptr};
  }
  if (place == "EcsContainer") return container();
  if (place == "Ec2InstanceMetadata" && !provider.metadata)
    return wrong(fmt::format(
        "the profile '{}' wants the instance's metadata server: allow it with metadata = true", name));
  if (place == "Ec2InstanceMetadata") return instance();
  return wrong(
      fmt::format("the profile '{}' has role_arn, and no source_profile, credential_source or "
                  "web_identity_token_file that is known",
                  name));
}

Result<FoundAws> role(const Provider& provider, std::string_view name, const AwsProfile& profile, int depth) {
  const std::string_view arn = setting(profile, "role_arn");
  const std::string_view session = setting(profile, "role_session_name");
  if (const std::string_view file = setting(profile, "web_identity_token_file"); !file.empty())
    return web_identity(provider, arn, session, file);
  if (profile.contains("mfa_serial"))
    return wrong(
        fmt::format("the profile '{}' wants a second factor (mfa_serial), which nobody gives here", name));
  TRY(FoundAws base, base_of(provider, name, profile, depth));
  if (!base.keys.present() && !base.credential)
    return wrong(
        fmt::format("the profile '{}' has role_arn, and there are no credentials to assume it with", name));
  AwsRole out;
  out.arn = arn;
  TRY(out.session_name, session_name(session));
  out.external_id = setting(profile, "external_id");
  out.duration_s = setting(profile, "duration_seconds");
  out.region = provider.region;
  TRY(out.sts, sts_url(provider));
  const std::string& with = base.credential ? base.credential->source : base.keys.source;
  std::string source = fmt::format("{}, assumed with {}", arn, with);
  const std::string made_of = fmt::format(
      "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", out.session_name, out.external_id, out.duration_s, out.region,
      out.sts.text, base.keys.access_key_id, base.keys.secret.reveal(),
      base.credential ? base.credential->identity : std::string(base.keys.session_token.reveal()));
  out.keys = std::move(base.keys);
  out.base = std::move(base.credential);
  return fetched({std::move(out), {}, std::move(source), {}}, made_of);
}

Result<FoundAws> of_profile(const Provider& provider, std::string_view name, int depth) {
  if (depth > kChainMax)
    return wrong(fmt::format("the profile '{}' is named in a circle by source_profile", name));
  auto profile = aws_profile(name);
  if (!profile) return wrong(profile.error().message);
  if (!setting(*profile, "role_arn").empty()) return role(provider, name, *profile, depth);
  auto keys = keys_of_profile(*profile, fmt::format("the profile '{}'", name));
  if (!keys) return wrong(keys.error().message);
  if (depth > 0 && !keys->present())
    return wrong(fmt::format("no profile '{}' with an access key in AWS's shared files", name));
  return FoundAws{std::move(*keys), nullptr};
}

Result<FoundAws> of_surroundings(const Provider& provider) {
  if (provider.metadata) return instance();
  auto keys = aws_keys_of_environment();
  if (!keys) return wrong(keys.error().message);
  if (keys->present()) return FoundAws{std::move(*keys), nullptr};
  const std::string usual = variable("AWS_PROFILE");
  const std::string file = variable("AWS_WEB_IDENTITY_TOKEN_FILE"), arn = variable("AWS_ROLE_ARN");
  if (usual.empty() && !file.empty() && !arn.empty())
    return web_identity(provider, arn, variable("AWS_ROLE_SESSION_NAME"), file);
  TRY(FoundAws found, of_profile(provider, usual.empty() ? "default" : usual, 0));
  if (found.keys.present() || found.credential) return found;
  return container();
}

}  // namespace

Result<FoundAws> find_aws(const Provider& provider) {
  FoundAws found;
  if (provider.profile.empty()) {
    TRY(found, of_surroundings(provider));
  } else {
    TRY(found, of_profile(provider, provider.profile, 0));
    if (!found.keys.present() && !found.credential)
      return wrong(fmt::format("no profile '{}' with an access key or a role in AWS's shared files",
                               provider.profile));
  }
  if ((found.keys.present() || found.credential) && provider.region.empty())
    return fail(Code::bad_request, "'region' is missing: the signature of a request names it").at("region");
  return found;
}

}  // namespace hanse::catalog
