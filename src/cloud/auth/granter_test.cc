// What is asked for tokens, and how answers are read. End to end, with each cloud's own library as the judge:
// tests/e2e/http_tokens.py.
#include "cloud/auth/granter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/base64.h"
#include "base/clock.h"
#include "catalog/rsa_testing.h"
#include "cloud/auth/jwt.h"

namespace hanse::cloud {
namespace {

using testing::HasSubstr;

constexpr int64_t kNow = 1'795'428'000;

Outside outside() {
  return {kNow, "nonce-1", [](const std::string& path) -> Result<std::string> {
            if (path == "/token") return std::string(" subject \n");
            return fail(Code::bad_request, "No such file or directory");
          }};
}

catalog::Credential of(std::string_view text) {
  auto read = catalog::read_google_file(text);
  EXPECT_TRUE(read) << read.error().message;
  read->scope = "scope";
  return std::move(*read);
}

const WebRequest& request_of(const Result<Step>& step) {
  EXPECT_TRUE(step) << step.error().message;
  return std::get<WebRequest>(*step);
}

std::string from_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  std::string out;
  EXPECT_TRUE(append_from_base64(text, out));
  return out;
}

bool verifies(std::string_view token) {
  const size_t dot = token.rfind('.');
  const std::string signature = from_base64url(std::string(token.substr(dot + 1)));
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, catalog::TestKey::get().key.get());
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(token.data()), dot) == 1;
}

TEST(Jwt, IsSignedAndUrlSafe) {
  const Secret key(catalog::TestKey::get().der());
  auto token = jwt(R"({"alg":"RS256"})", R"({"a":"\u00ff\u00fe?"})", key);
  ASSERT_TRUE(token);
  EXPECT_TRUE(verifies(*token));
  EXPECT_EQ(token->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."),
            std::string::npos);
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  EXPECT_FALSE(jwt("{}", "{}", Secret("no key")));
}

TEST(Google, AServiceAccountAssertsWhoItIs) {
  const std::string file =
      R"({"type":"service_account","client_email":"a@b","private_key_id":"k","private_key":")" +
      catalog::TestKey::get().pem() + "\"}";
  const auto credential = of(file);
  auto granter = make_granter(credential);
  auto step = granter->begin(outside());
  const WebRequest& request = request_of(step);
  EXPECT_EQ(request.url.text, "https://oauth2.googleapis.com/token");
  const std::string body(request.body.reveal());
  const std::string mark = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  ASSERT_TRUE(body.starts_with(mark)) << body;
  const std::string token = body.substr(mark.size());
  EXPECT_TRUE(verifies(token));
  const size_t dot = token.find('.');
  EXPECT_EQ(from_base64url(token.substr(0, dot)), R"({"alg":"RS256","typ":"JWT","kid":"k"})");
  EXPECT_EQ(from_base64url(token.substr(dot + 1, token.rfind('.') - dot - 1)),
            R"({"iss":"a@b","scope":"scope","aud":"https://oauth2.googleapis.com/token",)"
            R"("iat":1795428000,"exp":1795431600})");
  step = granter->go_on({200, R"({"access_token":"t","expires_in":3599,"token_type":"Bearer"})"}, outside());
  ASSERT_TRUE(step);
  EXPECT_EQ(std::get<Grant>(*step).token.reveal(), "t");
  EXPECT_EQ(std::get<Grant>(*step).life_s, 3599);
}

TEST(Google, AFederatedWorkloadExchangesTwice) {
  const auto credential = of(
      R"({"type":"external_account","audience":"//a","subject_token_type":"urn:jwt","client_id":"c","client_secret":"s",
          "credential_source":{"file":"/token"},"service_account_impersonation_url":"https://iam.example/x:y"})");
  auto granter = make_granter(credential);
  auto step = granter->begin(outside());
  EXPECT_EQ(
      request_of(step).body.reveal(),
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&audience=%2F%2Fa&scope=scope&"
      "requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token=subject&"
      "subject_token_type=urn%3Ajwt");
  EXPECT_EQ(request_of(step).headers.at(0).second.reveal(), "Basic Yzpz");
  step = granter->go_on({200, R"({"access_token":"first","expires_in":"3600"})"}, outside());
  EXPECT_EQ(request_of(step).headers.at(0).second.reveal(), "Bearer first");
  EXPECT_EQ(request_of(step).body.reveal(), R"({"delegates":[],"scope":["scope"],"lifetime":"3600s"})");
  auto again =
      granter->go_on({200, R"({"accessToken":"second","expireTime":"2026-11-23T12:10:00.5Z"})"}, outside());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(std::get<Grant>(*again).token.reveal(), "second");
  EXPECT_EQ(std::get<Grant>(*again).life_s, *unix_of_rfc3339("2026-11-23T12:10:00Z") - kNow);
}

TEST(Google, AMissingSubjectFileIsNamed) {
  const auto credential = of(
      R"({"type":"external_account","audience":"//a","subject_token_type":"t","credential_source":{"file":"/gone"}})");
  auto step = make_granter(credential)->begin(outside());
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().message, "/gone: No such file or directory");
}

catalog::Credential application(catalog::EntraApplication of) {
  of.client_id = "app";
  of.token_url = *parse_url("https://login.example/t/oauth2/v2.0/token");
  return {std::move(of), "https://ai.azure.com/.default", "", ""};
}

TEST(Entra, AnApplicationHasASecretOrAnAssertion) {
  catalog::EntraApplication of;
  of.client_secret = Secret("s&t");
  auto credential = application(of);
  auto step = make_granter(credential)->begin(outside());
  EXPECT_EQ(request_of(step).url.path, "/t/oauth2/v2.0/token");
  EXPECT_EQ(
      request_of(step).body.reveal(),
      "client_id=app&client_secret=s%26t&grant_type=client_credentials&scope=https%3A%2F%2Fai.azure.com%2F."
      "default");
  of.client_secret = Secret();
  of.token_file = "/token";
  credential = application(of);
  step = make_granter(credential)->begin(outside());
  EXPECT_THAT(
      request_of(step).body.reveal(),
      HasSubstr("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&"
                "client_assertion=subject&"));
  of.token_file = "/gone";
  credential = application(of);
  EXPECT_FALSE(make_granter(credential)->begin(outside()));
}

TEST(Entra, ACertificateSigns) {
  catalog::EntraApplication of;
  of.private_key = Secret(catalog::TestKey::get().der());
  of.thumbprint = std::string(32, '\xfb');
  const auto credential = application(of);
  auto step = make_granter(credential)->begin(outside());
  std::string body(request_of(step).body.reveal());
  body.erase(0, body.find("client_assertion=") + 17);
  const std::string token = body.substr(0, body.find('&'));
  const size_t dot = token.find('.');
  EXPECT_EQ(from_base64url(token.substr(0, dot)),
            R"({"typ":"JWT","alg":"PS256","x5t#S256":"-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"})");
  EXPECT_EQ(from_base64url(token.substr(dot + 1, token.rfind('.') - dot - 1)),
            R"({"aud":"https://login.example/t/oauth2/v2.0/token","iss":"app","sub":"app","jti":"nonce-1",)"
            R"("iat":1795428000,"nbf":1795428000,"exp":1795428600})");
  EXPECT_FALSE(verifies(token)) << "padded by PSS, not PKCS #1";
}

TEST(Entra, AMachineAsksWhereItIs) {
  catalog::EntraMachine of;
  of.url = *parse_url("http://169.254.169.254");
  catalog::Credential credential{of, "https://ai.azure.com/.default", "", ""};
  auto step = make_granter(credential)->begin(outside());
  EXPECT_EQ(request_of(step).target,
            "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fai.azure.com");
  EXPECT_EQ(request_of(step).headers.at(0).first, "metadata");
  of.url = *parse_url("http://127.0.0.1:42/msi/token");
  of.identity_header = Secret("h");
  of.client_id = "c";
  credential.of = of;
  auto granter = make_granter(credential);
  step = granter->begin(outside());
  EXPECT_EQ(request_of(step).target,
            "?api-version=2019-08-01&resource=https%3A%2F%2Fai.azure.com&client_id=c");
  step = granter->go_on({200, R"({"access_token":"t","expires_on":"1795428060"})"}, outside());
  ASSERT_TRUE(step);
  EXPECT_EQ(std::get<Grant>(*step).life_s, 60);
}

constexpr std::string_view kSts =
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId>"
    "<SecretAccessKey>s/1</SecretAccessKey><SessionToken>t==</SessionToken>"
    "<Expiration>2026-11-23T13:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

catalog::AwsRole role_with(catalog::AwsKeys keys) {
  catalog::AwsRole out;
  out.arn = "arn:aws:iam::1:role/r";
  out.session_name = "hanse";
  out.region = "eu-central-1";
  out.sts = *parse_url("https://sts.eu-central-1.amazonaws.com");
  out.keys = std::move(keys);
  return out;
}

TEST(Aws, ARoleIsAssumedByASignedRequest) {
  catalog::Credential credential{role_with({"AKID", Secret("s"), Secret("session"), ""}), "", "", ""};
  auto granter = make_granter(credential);
  auto step = granter->begin(outside());
  EXPECT_EQ(
      request_of(step).body.reveal(),
      "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=hanse");
  EXPECT_EQ(request_of(step).headers.at(1).second.reveal(), "session");
  EXPECT_THAT(request_of(step).headers.at(2).second.reveal(),
              HasSubstr("/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;"
                        "x-amz-security-token, Signature="));
  step = granter->go_on({200, kSts}, outside());
  ASSERT_TRUE(step) << step.error().message;
  const auto& grant = std::get<Grant>(*step);
  EXPECT_EQ(grant.aws.access_key_id, "ASIA1");
  EXPECT_EQ(grant.aws.secret.reveal(), "s/1");
  EXPECT_EQ(grant.aws.session_token.reveal(), "t==");
  EXPECT_EQ(grant.life_s, *unix_of_rfc3339("2026-11-23T13:00:00Z") - kNow);
}

TEST(Aws, ARoleIsAssumedWithKeysThatAreFetchedFirst) {
  auto role = role_with({});
  role.base = std::make_shared<catalog::Credential>(
      catalog::Credential{catalog::AwsMachine{*parse_url("http://169.254.169.254")}, "", "", ""});
  catalog::Credential credential{std::move(role), "", "", ""};
  auto granter = make_granter(credential);
  auto step = granter->begin(outside());
  EXPECT_EQ(request_of(step).method, "PUT");
  step = granter->go_on({200, "session"}, outside());
  EXPECT_EQ(request_of(step).target, "/latest/meta-data/iam/security-credentials/");
  step = granter->go_on({200, "my-role\n"}, outside());
  EXPECT_EQ(request_of(step).target, "/latest/meta-data/iam/security-credentials/my-role");
  EXPECT_EQ(request_of(step).headers.at(0).second.reveal(), "session");
  step = granter->go_on({200, R"({"Code":"Success","AccessKeyId":"ASIA0","SecretAccessKey":"s","Token":"t",
                              "Expiration":"2026-11-23T13:00:00Z"})"},
                        outside());
  EXPECT_THAT(request_of(step).headers.at(2).second.reveal(), HasSubstr("Credential=ASIA0/"));
  step = granter->go_on({200, kSts}, outside());
  EXPECT_TRUE(step && std::holds_alternative<Grant>(*step));
}

TEST(Aws, AnswersThatAreNoneAreRefused) {
  catalog::Credential credential{role_with({"AKID", Secret("s"), Secret(), ""}), "", "", ""};
  auto said = [&](int status, std::string body) {
    auto granter = make_granter(credential);
    EXPECT_TRUE(granter->begin(outside()));
    auto step = granter->go_on({status, body}, outside());
    EXPECT_FALSE(step);
    return step ? "" : step.error().message;
  };
  auto without = [](std::string_view part, std::string_view instead = "") {
    std::string out(kSts);
    return out.replace(out.find(part), part.size(), instead);
  };
  EXPECT_EQ(said(200, ""), "the answer holds no credentials");
  EXPECT_EQ(said(200, without("</SecretAccessKey>")), "the answer holds no credentials");
  EXPECT_THAT(said(200, without("t==", "a\r\nb: c")), HasSubstr("a byte that none may have"));
  EXPECT_THAT(said(200, without("s/1", "a&amp;b")), HasSubstr("a byte that none may have"));
  EXPECT_THAT(said(200, without("2026-11-23T13:00:00Z")), HasSubstr("does not say when"));
  EXPECT_THAT(said(200, without("2026", "2025")), HasSubstr("ended already"));
  EXPECT_EQ(said(403, "<Error><Code>AccessDenied</Code><Message>no\nway</Message></Error>"),
            "status 403: AccessDenied: no way");
  EXPECT_EQ(said(500, "<html>"), "status 500");
  EXPECT_LT(said(400, "<Message>" + std::string(5000, 'x') + "</Message>").size(), 400u);
}

TEST(Aws, AnInstanceWithoutARoleSaysSo) {
  catalog::Credential credential{catalog::AwsMachine{*parse_url("http://169.254.169.254")}, "", "", ""};
  auto granter = make_granter(credential);
  EXPECT_TRUE(granter->begin(outside()));
  EXPECT_TRUE(granter->go_on({200, "session"}, outside()));
  EXPECT_THAT(granter->go_on({404, ""}, outside()).error().message, HasSubstr("the instance has no role"));
  for (std::string_view bad : {"", "a b", "../x", "r\r\nx: y"}) {
    auto other = make_granter(credential);
    EXPECT_TRUE(other->begin(outside()));
    EXPECT_TRUE(other->go_on({200, "session"}, outside()));
    auto step = other->go_on({200, bad}, outside());
    if (step) {
      EXPECT_EQ(request_of(step).target.find_first_of(" \r\n"), std::string::npos) << bad;
    }
  }
}

TEST(Aws, AContainerIsAskedWithItsToken) {
  catalog::AwsContainer of;
  of.url = *parse_url("http://169.254.170.23/v1/credentials");
  of.authorization_file = "/token";
  catalog::Credential credential{std::move(of), "", "", ""};
  auto step = make_granter(credential)->begin(outside());
  EXPECT_EQ(request_of(step).headers.at(0).second.reveal(), "subject");
}

TEST(Granter, AnswersThatAreNoneAreRefused) {
  for (auto [status, body, words] : {
           std::tuple(200, "", "not the JSON"),
           std::tuple(200, "[]", "not the JSON"),
           std::tuple(200, "{}", "does not say when"),
           std::tuple(200, R"({"access_token":"t","expires_in":0})", "ended already"),
           std::tuple(200, R"({"access_token":"t","expires_in":-5})", "ended already"),
           std::tuple(200, R"({"access_token":"t","expires_in":"x"})", "does not say when"),
           std::tuple(200, R"({"access_token":"","expires_in":9})", "no token"),
           std::tuple(200, R"({"access_token":5,"expires_in":9})", "no token"),
           std::tuple(200, R"({"access_token":"a\r\nx: y","expires_in":9})", "byte that none may have"),
           std::tuple(500, "<html>", "status 500"),
           std::tuple(302, "", "status 302"),
           std::tuple(400, R"({"error":"invalid_grant","error_description":"a\nb"})",
                      "status 400: invalid_grant: a b"),
           std::tuple(403, R"({"error":{"status":"PERMISSION_DENIED","message":"no"}})",
                      "status 403: PERMISSION_DENIED: no"),
       }) {
    auto read = read_token({status, body}, outside());
    ASSERT_FALSE(read) << body;
    EXPECT_THAT(read.error().message, HasSubstr(words));
  }
  const std::string noise = R"({"error":")" + std::string(5000, 'x') + "\"}";
  EXPECT_LT(read_token({400, noise}, outside()).error().message.size(), 400u);
}

TEST(Granter, Forms) {
  EXPECT_EQ(form_text({{"a", "b c+/="}, {"none", ""}, {"d", "\xc3\xa9~"}}), "a=b%20c%2B%2F%3D&d=%C3%A9~");
}

}  // namespace
}  // namespace hanse::cloud
