// Tokens of Google: for service accounts (a signed assertion, RFC 7523), users (a refresh token), federated
// workloads (RFC 8693, and maybe a service account that they may act as), and machines of Google's own.
#include <fmt/format.h>

#include "base/base64.h"
#include "base/clock.h"
#include "cloud/auth/granter.h"
#include "cloud/auth/jwt.h"

namespace hanse::cloud {
namespace {

using catalog::Credential;

// One request and its answer.
class ServiceAccount final : public Granter {
 public:
  ServiceAccount(const catalog::GoogleServiceAccount& of, std::string_view scope) : of_(of), scope_(scope) {}

  Result<Step> begin(const Outside& outside) override {
    constexpr int64_t kLifeSeconds = 3600;  // the longest that is taken
    std::string header, claims;
    json::Writer head(header), body(claims);
    head.object().key("alg").string("RS256").key("typ").string("JWT");
    if (!of_.key_id.empty()) head.key("kid").string(of_.key_id);
    head.end_object();
    body.object().key("iss").string(of_.email).key("scope").string(scope_);
    body.key("aud").string(of_.token_uri.text);
    body.key("iat").number(outside.now_unix).key("exp").number(outside.now_unix + kLifeSeconds).end_object();
    TRY(const std::string assertion, jwt(header, claims, of_.private_key));
    return post_form(of_.token_uri, {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                     {"assertion", assertion}});
  }
  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    return read_token(answer, outside);
  }

 private:
  const catalog::GoogleServiceAccount& of_;
  std::string_view scope_;
};

class User final : public Granter {
 public:
  explicit User(const catalog::GoogleUser& of) : of_(of) {}

  Result<Step> begin(const Outside&) override {
    return post_form(of_.token_uri, {{"grant_type", "refresh_token"},
                                     {"client_id", of_.client_id},
                                     {"client_secret", of_.client_secret.reveal()},
                                     {"refresh_token", of_.refresh_token.reveal()}});
  }
  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    TRY(Grant grant, read_token(answer, outside));
    grant.user_project = of_.project;
    return grant;
  }

 private:
  const catalog::GoogleUser& of_;
};

class Metadata final : public Granter {
 public:
  explicit Metadata(const catalog::GoogleMetadata& of) : of_(of) {}

  Result<Step> begin(const Outside&) override {
    WebRequest out;
    out.method = "GET";
    out.url = of_.url;
    out.target = "/computeMetadata/v1/instance/service-accounts/default/token";
    out.headers.emplace_back("metadata-flavor", Secret("Google"));
    return out;
  }
  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    return read_token(answer, outside);
  }

 private:
  const catalog::GoogleMetadata& of_;
};

// The token of another party is read from its file, exchanged at Google's STS, and the result maybe once
// more.
class External final : public Granter {
 public:
  External(const catalog::GoogleExternal& of, std::string_view scope) : of_(of), scope_(scope) {}

  Result<Step> begin(const Outside& outside) override {
    TRY(const Secret subject, subject_token(outside));
    const bool impersonates = !of_.impersonation_url.text.empty();
    std::string options;
    if (!of_.user_project.empty() && of_.client_id.empty()) {
      json::Writer(options).object().key("userProject").string(of_.user_project).end_object();
    }
    // For the second exchange the first token must be good for all of Google's clouds.
    WebRequest out =
        post_form(of_.token_url, {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                                  {"audience", of_.audience},
                                  {"scope", scope_},
                                  {"requested_token_type", kAccessToken},
                                  {"subject_token", subject.reveal()},
                                  {"subject_token_type", of_.subject_token_type},
                                  {"options", options}});
    if (!of_.client_id.empty()) {
      std::string basic = "Basic ";
      append_base64(fmt::format("{}:{}", of_.client_id, of_.client_secret.reveal()), basic);
      out.headers.emplace_back("authorization", Secret(basic));
    }
    exchanged_ = !impersonates;
    return out;
  }

  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    if (impersonating_) return read_impersonated(answer, outside);
    TRY(Grant grant, read_token(answer, outside));
    if (exchanged_) return grant;
    impersonating_ = true;
    WebRequest out;
    out.url = of_.impersonation_url;
    out.content_type = "application/json";
    out.headers.emplace_back("authorization", Secret(fmt::format("Bearer {}", grant.token.reveal())));
    std::string body;
    json::Writer writer(body);
    writer.object().key("delegates").array().end_array().key("scope").array().string(scope_).end_array();
    writer.key("lifetime").string(of_.impersonation_life).end_object();
    out.body = Secret(body);
    return out;
  }

 private:
  static constexpr std::string_view kAccessToken = "urn:ietf:params:oauth:token-type:access_token";

  // The file rotates: read at every exchange.
  Result<Secret> subject_token(const Outside& outside) const {
    TRY(Secret text, token_of_file(of_.subject_file, outside));
    if (of_.subject_field.empty()) return text;
    json::Document document;
    auto root = document.parse(text.reveal(), 16);
    if (!root) return fail(Code::bad_request, of_.subject_file + ": it is not JSON");
    std::string token = (*root)[of_.subject_field].string();
    if (token.empty())
      return fail(Code::bad_request, fmt::format("{}: '{}' is missing", of_.subject_file, of_.subject_field));
    return Secret(token);
  }

  static Result<Step> read_impersonated(const WebAnswer& answer, const Outside& outside) {
    json::Document document;
    TRY(json::Value root, read_answer(answer, document));
    auto ends = unix_of_rfc3339(root["expireTime"].string());
    if (!ends) return fail(Code::malformed_reply, "the answer does not say when the token ends");
    return bearer(root["accessToken"].string(), *ends - outside.now_unix);
  }

  const catalog::GoogleExternal& of_;
  std::string_view scope_;
  bool exchanged_ = false;      // the first token is the one that is wanted
  bool impersonating_ = false;  // the second one was asked for
};

}  // namespace

std::unique_ptr<Granter> make_google_granter(const Credential& credential) {
  if (auto* of = std::get_if<catalog::GoogleServiceAccount>(&credential.of))
    return std::make_unique<ServiceAccount>(*of, credential.scope);
  if (auto* of = std::get_if<catalog::GoogleUser>(&credential.of)) return std::make_unique<User>(*of);
  if (auto* of = std::get_if<catalog::GoogleExternal>(&credential.of))
    return std::make_unique<External>(*of, credential.scope);
  if (auto* of = std::get_if<catalog::GoogleMetadata>(&credential.of)) return std::make_unique<Metadata>(*of);
  return nullptr;
}

}  // namespace hanse::cloud
