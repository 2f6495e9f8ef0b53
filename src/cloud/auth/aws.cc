// Keys of AWS that last an hour or so: of a role, by STS (its query protocol, answers in XML), of a
// container, of an instance (IMDSv2).
#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "cloud/auth/granter.h"
#include "cloud/auth/sigv4.h"

namespace hanse::cloud {
namespace {

constexpr std::string_view kVersion = "2011-06-15";

// The text of the first <name> element: STS's elements have neither attributes nor, in what is read here,
// entities.
std::string_view element(std::string_view xml, std::string_view name) {
  const std::string open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
  const size_t at = xml.find(open);
  if (at == std::string_view::npos) return {};
  const size_t end = xml.find(close, at);
  if (end == std::string_view::npos) return {};
  return xml.substr(at + open.size(), end - at - open.size());
}

bool is_key_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '&' && c != '<'; });
}

struct Parts {
  std::string_view id, secret, session, ends;
};

Result<Grant> grant_of(const Parts& parts, const Outside& outside) {
  if (parts.id.empty() || parts.secret.empty())
    return fail(Code::malformed_reply, "the answer holds no credentials");
  if (!is_key_text(parts.id) || !is_key_text(parts.secret) || !is_key_text(parts.session))
    return fail(Code::malformed_reply, "the credentials have a byte that none may have");
  auto ends = unix_of_rfc3339(parts.ends);
  if (!ends) return fail(Code::malformed_reply, "the answer does not say when the credentials end");
  if (*ends <= outside.now_unix)
    return fail(Code::malformed_reply, "the credentials that were given have ended already");
  Grant out;
  out.aws = {std::string(parts.id), Secret(parts.secret), Secret(parts.session), {}};
  out.life_s = *ends - outside.now_unix;
  return out;
}

Result<Grant> read_sts(const WebAnswer& answer, const Outside& outside) {
  if (answer.status != 200) {
    constexpr size_t kShownMax = 300;
    std::string reason = fmt::format("{}: {}", element(answer.body, "Code"), element(answer.body, "Message"));
    reason.resize(std::min(reason.size(), kShownMax));
    for (char& c : reason)
      if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
    return fail(Code::provider_failed, fmt::format("status {}{}{}", answer.status, reason == ": " ? "" : ": ",
                                                   reason == ": " ? "" : reason));
  }
  const std::string_view found = element(answer.body, "Credentials");
  return grant_of({element(found, "AccessKeyId"), element(found, "SecretAccessKey"),
                   element(found, "SessionToken"), element(found, "Expiration")},
                  outside);
}

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"} of containers and instances.
Result<Grant> read_keys(const WebAnswer& answer, const Outside& outside) {
  json::Document document;
  TRY(json::Value root, read_answer(answer, document));
  const std::string id = root["AccessKeyId"].string(), ends = root["Expiration"].string();
  const Secret secret(root["SecretAccessKey"].string()), session(root["Token"].string());
  if (const std::string code = root["Code"].string(); id.empty() && !code.empty() && is_key_text(code))
    return fail(Code::provider_failed, "the server says " + code.substr(0, 100));
  return grant_of({id, secret.reveal(), session.reveal(), ends}, outside);
}

class WebIdentity final : public Granter {
 public:
  explicit WebIdentity(const catalog::AwsWebIdentity& of) : of_(of) {}

  Result<Step> begin(const Outside& outside) override {
    TRY(const Secret token, token_of_file(of_.token_file, outside));
    return post_form(of_.sts, {{"Action", "AssumeRoleWithWebIdentity"},
                               {"Version", kVersion},
                               {"RoleArn", of_.arn},
                               {"RoleSessionName", of_.session_name},
                               {"WebIdentityToken", token.reveal()}});
  }
  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    return read_sts(answer, outside);
  }

 private:
  const catalog::AwsWebIdentity& of_;
};

// The base's steps first, where its keys have to be fetched; then the signed request for the role's.
class Role final : public Granter {
 public:
  explicit Role(const catalog::AwsRole& of) : of_(of) {
    if (of.base) base_ = make_aws_granter(*of.base);
  }

  Result<Step> begin(const Outside& outside) override {
    if (!base_) return ask(of_.keys, outside);
    TRY(Step step, base_->begin(outside));
    return passed_on(std::move(step), outside);
  }
  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    if (asked_) return read_sts(answer, outside);
    TRY(Step step, base_->go_on(answer, outside));
    return passed_on(std::move(step), outside);
  }

 private:
  Result<Step> passed_on(Step step, const Outside& outside) {
    if (auto* grant = std::get_if<Grant>(&step)) return ask(grant->aws, outside);
    return step;
  }

  Step ask(const catalog::AwsKeys& keys, const Outside& outside) {
    asked_ = true;
    WebRequest out = post_form(of_.sts, {{"Action", "AssumeRole"},
                                         {"Version", kVersion},
                                         {"RoleArn", of_.arn},
                                         {"RoleSessionName", of_.session_name},
                                         {"DurationSeconds", of_.duration_s},
                                         {"ExternalId", of_.external_id}});
    const std::string stamp = sigv4::timestamp_of(outside.now_unix), host = of_.sts.host_header();
    const std::string hash = hex_of(sha256(out.body.reveal())),
                      path = of_.sts.path.empty() ? "/" : of_.sts.path;
    const sigv4::Scope scope{stamp, of_.region, "sts"};
    sigv4::Request request{"POST", path, "", {}, hash};
    request.fields = {{"content-type", out.content_type}, {"host", host}, {"x-amz-date", stamp}};
    if (!keys.session_token.empty())
      request.fields.push_back({"x-amz-security-token", keys.session_token.reveal()});
    const std::string value = sigv4::authorization(request, scope, keys.access_key_id,
                                                   sigv4::signing_key(keys.secret.reveal(), scope));
    out.headers.emplace_back("x-amz-date", Secret(stamp));
    if (!keys.session_token.empty()) out.headers.emplace_back("x-amz-security-token", keys.session_token);
    out.headers.emplace_back("authorization", Secret(value));
    return out;
  }

  const catalog::AwsRole& of_;
  std::unique_ptr<Granter> base_;
  bool asked_ = false;
};

class Container final : public Granter {
 public:
  explicit Container(const catalog::AwsContainer& of) : of_(of) {}

  Result<Step> begin(const Outside& outside) override {
    WebRequest out;
    out.method = "GET";
    out.url = of_.url;
    out.target = of_.query;
    Secret token = of_.authorization;
    if (!of_.authorization_file.empty()) {
      TRY(token, token_of_file(of_.authorization_file, outside));
      if (!std::ranges::all_of(token.reveal(), [](char c) { return c >= ' ' && c < 0x7f; }))
        return fail(Code::bad_request, of_.authorization_file + ": a byte that no header may have");
    }
    if (!token.empty()) out.headers.emplace_back("authorization", token);
    return out;
  }
  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    return read_keys(answer, outside);
  }

 private:
  const catalog::AwsContainer& of_;
};

// A session with the server, the name of the role, and its keys.
class Machine final : public Granter {
 public:
  explicit Machine(const catalog::AwsMachine& of) : of_(of) {}

  Result<Step> begin(const Outside&) override {
    WebRequest out;
    out.method = "PUT";
    out.url = of_.url;
    out.target = "/latest/api/token";
    out.headers.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", Secret("300"));
    return out;
  }

  Result<Step> go_on(const WebAnswer& answer, const Outside& outside) override {
    if (named_) return read_keys(answer, outside);
    if (answer.status == 404 && !session_.empty())
      return fail(Code::provider_failed, "status 404: the instance has no role");
    if (answer.status != 200) return fail(Code::provider_failed, fmt::format("status {}", answer.status));
    const std::string_view line = answer.body.substr(0, std::min(answer.body.find('\n'), answer.body.size()));
    if (line.empty() || !is_key_text(line) || (!session_.empty() && line.find('/') != std::string_view::npos))
      return fail(Code::malformed_reply, "the metadata server's answer is not what was expected");
    named_ = !session_.empty();
    if (!named_) session_ = Secret(line);
    WebRequest out;
    out.method = "GET";
    out.url = of_.url;
    out.target = "/latest/meta-data/iam/security-credentials/";
    if (named_) percent_encode(line, out.target);
    out.headers.emplace_back("x-aws-ec2-metadata-token", session_);
    return out;
  }

 private:
  const catalog::AwsMachine& of_;
  Secret session_;
  bool named_ = false;  // the role's keys were asked for
};

}  // namespace

std::unique_ptr<Granter> make_aws_granter(const catalog::Credential& credential) {
  if (auto* of = std::get_if<catalog::AwsRole>(&credential.of)) return std::make_unique<Role>(*of);
  if (auto* of = std::get_if<catalog::AwsWebIdentity>(&credential.of))
    return std::make_unique<WebIdentity>(*of);
  if (auto* of = std::get_if<catalog::AwsContainer>(&credential.of)) return std::make_unique<Container>(*of);
  if (auto* of = std::get_if<catalog::AwsMachine>(&credential.of)) return std::make_unique<Machine>(*of);
  return nullptr;
}

}  // namespace hanse::cloud
