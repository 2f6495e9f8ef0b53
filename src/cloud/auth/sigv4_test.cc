// AWS's own vectors (aws-c-auth), signed and verified; what a signature must not let pass.
#include <gtest/gtest.h>

#include <chrono>

#include "base/json.h"
#include "base/oracles_testing.h"
#include "cloud/auth/sigv4_verify.h"

namespace hanse::cloud::sigv4 {
namespace {

struct Message {
  std::string method, path, query, body;
  std::vector<std::pair<std::string, std::string>> headers;

  // Method and target may have blanks and bytes beyond ASCII here, and values go on in the next line.
  static Message read(const std::string& text) {
    Message out;
    size_t at = 0;
    auto line = [&] {
      size_t end = std::min(text.find('\n', at), text.size());
      std::string got = text.substr(at, end - at);
      at = std::min(end + 1, text.size());
      return got;
    };
    std::string first = line();
    size_t space = first.find(' '), last = first.rfind(' ');
    out.method = first.substr(0, space);
    std::string target = first.substr(space + 1, last - space - 1);
    size_t mark = std::min(target.find('?'), target.size());
    out.path = target.substr(0, mark);
    if (mark < target.size()) out.query = target.substr(mark + 1);
    while (at < text.size()) {
      std::string header = line();
      if (header.empty()) break;
      size_t colon = header.find(':');
      if (header[0] == ' ' || header[0] == '\t')
        out.headers.back().second += "\n" + header;
      else
        out.headers.emplace_back(header.substr(0, colon), header.substr(colon + 1));
    }
    out.body = text.substr(at);
    return out;
  }

  std::string take(std::string_view name) {
    for (size_t i = 0; i < headers.size(); ++i) {
      if (headers[i].first != name) continue;
      std::string value = headers[i].second;
      headers.erase(headers.begin() + static_cast<ptrdiff_t>(i));
      return value;
    }
    return {};
  }

  std::vector<Field> fields() const {
    std::vector<Field> out;
    for (const auto& [name, value] : headers) out.push_back({name, value});
    return out;
  }
};

std::string compact(std::string text) {  // the vectors' time as the header has it
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

// What AWS's library adds before it signs.
void sign_vector(const std::filesystem::path& folder) {
  auto whole = [&](const char* name) { return read_whole(folder / name); };
  json::Document document;
  const std::string context_text = whole("context.json");
  auto context = document.parse(context_text, 8);
  ASSERT_TRUE(context) << context.error().message;
  const json::Value root = *context;
  const std::string stamp = compact(root["timestamp"].string());
  Message message = Message::read(whole("request.txt"));
  const std::string token = root["credentials"]["token"].string();
  if (!token.empty() && root["omit_session_token"].raw().json != "true")
    message.headers.emplace_back("X-Amz-Security-Token", token);
  message.headers.emplace_back("X-Amz-Date", stamp);
  const std::string hash = hex_of(sha256(message.body));
  if (root["sign_body"].raw().json == "true") message.headers.emplace_back("x-amz-content-sha256", hash);
  const std::string region = root["region"].string(), service = root["service"].string();
  const Request request{message.method,   message.path, message.query,
                        message.fields(), hash,         root["normalize"].raw().json == "true"};
  const Scope scope{stamp, region, service};
  EXPECT_EQ(canonical_request(request), whole("header-canonical-request.txt"));
  EXPECT_EQ(string_to_sign(request, scope), whole("header-string-to-sign.txt"));
  const std::string secret = root["credentials"]["secret_access_key"].string();
  const std::string id = root["credentials"]["access_key_id"].string();
  const Digest key = signing_key(secret, scope);
  EXPECT_EQ(signature(request, scope, key), whole("header-signature.txt"));
  Message wanted = Message::read(whole("header-signed-request.txt"));
  EXPECT_EQ(authorization(request, scope, id, key), wanted.take("Authorization"));
}

Result<void> verify_message(Message message, std::string_view secret, int64_t now, bool normalize = true) {
  const std::string said_text = message.take("Authorization");
  TRY(Presented said, Presented::parse(said_text));
  std::string host;
  for (const auto& [name, value] : message.headers)
    if (name == "Host") host = value;
  const auto fields = message.fields();
  return verify(said, {message.method, message.path, message.query, host, fields, message.body, normalize},
                secret, now);
}

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr int64_t kThen = 1440938160;  // 2015-08-30T12:36:00Z

std::vector<std::filesystem::path> vectors(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_directory()) out.push_back(entry.path());
  return out;
}

TEST(SigV4, SignsEveryVector) {
  HANSE_ORACLES_OR_SKIP(folder, "vectors/sigv4");
  const auto all = vectors(folder);
  EXPECT_GE(all.size(), 38u);
  for (const auto& one : all) {
    SCOPED_TRACE(one.filename());
    sign_vector(one);
  }
}

TEST(SigV4, VerifiesEveryVectorAndNoneThatWasChanged) {
  HANSE_ORACLES_OR_SKIP(folder, "vectors/sigv4");
  for (const auto& one : vectors(folder)) {
    SCOPED_TRACE(one.filename());
    const bool normalize = read_whole(one / "context.json").find("\"normalize\": true") != std::string::npos;
    const Message good = Message::read(read_whole(one / "header-signed-request.txt"));
    auto verified = verify_message(good, kSecret, kThen, normalize);
    EXPECT_TRUE(verified) << verified.error().message;
    EXPECT_FALSE(verify_message(good, "another secret", kThen, normalize));
    Message changed = good;
    changed.body += "x";
    EXPECT_FALSE(verify_message(changed, kSecret, kThen, normalize));
    changed = good;
    changed.path += "x";
    EXPECT_FALSE(verify_message(changed, kSecret, kThen, normalize));
    changed = good;
    changed.query += "&x=y";
    EXPECT_FALSE(verify_message(changed, kSecret, kThen, normalize));
    changed = good;
    changed.headers.emplace_back("X-Amz-Meta", "unsigned");
    EXPECT_FALSE(verify_message(changed, kSecret, kThen, normalize));
  }
}

// A request of our own, signed as of `kThen`; the tests change what comes of it.
Message signed_message(std::string_view host_name = "host") {
  Message out{"POST", "/model/a%3Ab/converse", "", "{}", {}};
  out.headers = {{"Host", "bedrock-runtime.eu-central-1.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}};
  const Scope scope{"20150830T123600Z", "eu-central-1", "bedrock"};
  const std::string hash = hex_of(sha256(out.body));
  const Request request{out.method,
                        out.path,
                        "",
                        {{host_name, out.headers[0].second}, {"x-amz-date", "20150830T123600Z"}},
                        hash};
  out.headers.emplace_back("Authorization",
                           authorization(request, scope, "AKID", signing_key(kSecret, scope)));
  return out;
}

std::string why(const Result<void>& result) { return result ? "verified" : result.error().message; }

TEST(SigV4, AnAuthorityCountsAsHost) {
  EXPECT_EQ(why(verify_message(signed_message(":authority"), kSecret, kThen)), "verified");
}

TEST(SigV4, ASkewedClockIsCalledOne) {
  EXPECT_EQ(why(verify_message(signed_message(), kSecret, kThen + 900)), "verified");
  EXPECT_EQ(why(verify_message(signed_message(), kSecret, kThen - 900)), "verified");
  auto late = verify_message(signed_message(), kSecret, kThen + 901);
  EXPECT_EQ(why(late),
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 "
            "min.)");
  EXPECT_EQ(late.error().provider_type, "InvalidSignatureException");
  EXPECT_EQ(late.error().http_status(), 403);
  EXPECT_EQ(why(verify_message(signed_message(), kSecret, kThen - 901)),
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z "
            "(20150830T122059Z + 15 "
            "min.)");
}

TEST(SigV4, WhatIsIncompleteIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"AWS4-HMAC-SHA512 x", "Unsupported AWS 'algorithm': wanted 'AWS4-HMAC-SHA256'."},
      {"AWS4-HMAC-SHA256 ", "Authorization header requires 'Credential' parameter."},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Signature=00",
       "Authorization header requires 'SignedHeaders' parameter."},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request,SignedHeaders=host",
       "Authorization header requires 'Signature' parameter."},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=00",
       "Credential must have exactly 5 slash-delimited elements, e.g. "
       "keyid/date/region/service/aws4_request."},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host;host, Signature=00",
       "SignedHeaders must be names of headers, each once."},
  };
  for (auto [text, wanted] : cases) {
    auto parsed = Presented::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message, wanted);
  }
}

TEST(SigV4, WhatMustBeSignedIs) {
  Message no_host = signed_message("x-other");
  no_host.headers.emplace_back("X-Other", no_host.headers[0].second);
  EXPECT_EQ(why(verify_message(no_host, kSecret, kThen)),
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  Message no_date = signed_message();
  no_date.take("X-Amz-Date");
  EXPECT_FALSE(verify_message(no_date, kSecret, kThen));
  Message other_day = signed_message();
  other_day.headers[1].second = "20150831T123600Z";
  EXPECT_FALSE(verify_message(other_day, kSecret, kThen + 86'400));
}

TEST(SigV4, TheSigningKeyIsTheOneOfTheLastQuestionOrANewOne) {
  SigningKeys keys;
  const Secret one("one"), two("two");
  const Scope scope{"20150830T123600Z", "eu-central-1", "bedrock"},
      next{"20150831T000000Z", "eu-central-1", "bedrock"};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(keys.key(one, scope), signing_key("one", scope));
    EXPECT_EQ(keys.key(one, next), signing_key("one", next));
    EXPECT_EQ(keys.key(two, next), signing_key("two", next));
  }
}

}  // namespace
}  // namespace hanse::cloud::sigv4
