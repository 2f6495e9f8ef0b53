// Tokens of Microsoft Entra: for an application (a secret, a signed assertion, or another party's token in a
// file) and for machines of Azure's own.
#include <fmt/format.h>

#include "cloud/auth/granter.h"
#include "cloud/auth/jwt.h"

namespace hanse::cloud {
namespace {

// One request and its answer.
class Application final : public Granter {
 public:
  Application(const catalog::EntraApplication& of, std::string_view scope) : of_(of), scope_(scope) {}

  Result<Step> begin(const Outside& outside) override {
    Secret assertion;
    if (!of_.private_key.empty()) {
      TRY(assertion, signed_assertion(outside));
    } else if (!of_.token_file.empty()) {
      TRY(assertion, token_of_file(of_.token_file, outside));
    }
    constexpr std::string_view kJwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    return post_form(of_.token_url, {{"client_id", of_.client_id},
                                     {"client_secret", of_.client_secret.reveal()},
                                     {"client_assertion_type", assertion.empty() ? "" : kJwt},
                                     {"client_assertion", assertion.reveal()},
                                     {"grant_type", "client_credentials"},
                                     {"scope", scope_}});
  }
  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    return read_token(answer, outside);
  }

 private:
  // The certificate is named by its thumbprint; Entra has it.
  Result<Secret> signed_assertion(const Outside& outside) const {
    constexpr int64_t kLifeSeconds = 600;
    std::string header, claims;
    json::Writer head(header), body(claims);
    head.object().key("typ").string("JWT").key("alg").string("PS256");
    head.key("x5t#S256").string(base64url(of_.thumbprint)).end_object();
    body.object().key("aud").string(of_.token_url.text);
    body.key("iss").string(of_.client_id).key("sub").string(of_.client_id).key("jti").string(outside.nonce);
    body.key("iat").number(outside.now_unix).key("nbf").number(outside.now_unix);
    body.key("exp").number(outside.now_unix + kLifeSeconds).end_object();
    TRY(const std::string token, jwt(header, claims, of_.private_key, JwtPadding::pss));
    return Secret(token);
  }

  const catalog::EntraApplication& of_;
  std::string_view scope_;
};

class Machine final : public Granter {
 public:
  Machine(const catalog::EntraMachine& of, std::string_view scope) : of_(of), scope_(scope) {}

  Result<Step> begin(const Outside&) override {
    constexpr std::string_view kSuffix = "/.default";
    const bool hosted = !of_.identity_header.empty();
    const std::string_view resource = scope_.substr(0, scope_.size() - kSuffix.size());
    WebRequest out;
    out.method = "GET";
    out.url = of_.url;
    out.target = fmt::format("{}?{}", hosted ? "" : "/metadata/identity/oauth2/token",
                             form_text({{"api-version", hosted ? "2019-08-01" : "2018-02-01"},
                                        {"resource", resource},
                                        {"client_id", of_.client_id}}));
    if (hosted)
      out.headers.emplace_back("x-identity-header", of_.identity_header);
    else
      out.headers.emplace_back("metadata", Secret("true"));
    return out;
  }
  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    return read_token(answer, outside);
  }

 private:
  const catalog::EntraMachine& of_;
  std::string_view scope_;
};

}  // namespace

std::unique_ptr<Granter> make_entra_granter(const catalog::Credential& credential) {
  if (auto* of = std::get_if<catalog::EntraApplication>(&credential.of))
    return std::make_unique<Application>(*of, credential.scope);
  if (auto* of = std::get_if<catalog::EntraMachine>(&credential.of))
    return std::make_unique<Machine>(*of, credential.scope);
  return nullptr;
}

}  // namespace hanse::cloud
