#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/oracles_testing.h"
#include "dialect/aws_error.h"
#include "dialect/bedrock_converse/dialect.h"
#include "dialect/bedrock_converse/wire.h"
#include "dialect/frame/event_stream_testing.h"

namespace hanse::bedrock_converse {
namespace {

// botocore finds the class by the name, and whether to try again by name and status.
TEST(BedrockErrors, AsTheSdksReadThem) {
  const std::tuple<Code, int, std::string_view> rows[] = {
      {Code::bad_request, 400, "ValidationException"},
      {Code::unsupported, 400, "ValidationException"},
      {Code::unauthenticated, 403, "UnrecognizedClientException"},
      {Code::denied, 403, "AccessDeniedException"},
      {Code::not_found, 404, "ResourceNotFoundException"},
      {Code::too_large, 400, "ValidationException"},
      {Code::rate_limited, 429, "ThrottlingException"},
      {Code::internal, 500, "InternalServerException"},
      {Code::unreachable, 500, "InternalServerException"},
      {Code::overloaded, 503, "ServiceUnavailableException"},
      {Code::timed_out, 503, "ServiceUnavailableException"}};
  for (const auto& [code, status, name] : rows) {
    const Error error(code, "why");
    EXPECT_EQ(dialect().client_status(error), status) << facts(code).name;
    const HeaderList headers = dialect().error_headers(error);
    ASSERT_EQ(headers.size(), 1u);
    EXPECT_EQ(headers.front().first, "x-amzn-errortype");
    EXPECT_EQ(headers.front().second, name) << facts(code).name;
    EXPECT_EQ(dialect().encode_error(error, "r"), R"({"message":"why"})");
  }
}

TEST(BedrockErrors, NameTheFieldOnce) {
  Error error(Code::bad_request, "wanted an array");
  error.field = "messages";
  EXPECT_EQ(aws_error::error_body(error), R"({"message":"messages: wanted an array"})");
  error.message = "messages: wanted an array";
  EXPECT_EQ(aws_error::error_body(error), R"({"message":"messages: wanted an array"})");
}

TEST(BedrockErrors, KeepTheNameThatTheProviderGave) {
  Error error = dialect().decode_error(403, R"({"message":"expired"})");
  error.provider_type = "ExpiredTokenException";  // of the header
  EXPECT_EQ(aws_error::exception_name(error), "ExpiredTokenException");
  error.provider_type = "SomethingNewException";
  EXPECT_EQ(aws_error::exception_name(error), "AccessDeniedException");
}

TEST(BedrockErrors, InAStreamHaveTheNamesThatAStreamMayHave) {
  const std::pair<Code, std::string_view> rows[] = {{Code::bad_request, "validationException"},
                                                    {Code::rate_limited, "throttlingException"},
                                                    {Code::overloaded, "serviceUnavailableException"},
                                                    {Code::malformed_reply, "internalServerException"}};
  for (const auto& [code, name] : rows) {
    auto events = event_stream::events_of(dialect().encode_stream_error(Error(code, "why"), "r"));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events.front().first, "exception " + std::string(name));
    EXPECT_EQ(events.front().second, R"({"message":"why"})");
  }
}

TEST(BedrockErrors, OfAProvider) {
  Error error = dialect().decode_error(429, R"({"message":"slow down"})");
  EXPECT_EQ(error.code, Code::rate_limited);
  EXPECT_EQ(error.message, "slow down");
  EXPECT_EQ(error.status, 429);
  EXPECT_EQ(dialect().decode_error(500, "").message, "the provider answered with status 500");
  EXPECT_EQ(dialect().decode_error(424, "{}").code, Code::provider_failed);
}

TEST(BedrockErrors, TheNameIsFoundWhereItMayStand) {
  for (std::string_view body : {R"({"__type":"ThrottlingException"})", R"({"code":"ThrottlingException"})",
                                R"({"__type":"com.amazonaws#ThrottlingException","message":"slow"})",
                                R"({"code":"a.b#ThrottlingException:http://internal.example/x/"})",
                                R"({"code":429,"__type":"ThrottlingException"})"})
    EXPECT_EQ(aws_error::read_error(429, body).provider_type, "ThrottlingException") << body;
  EXPECT_EQ(aws_error::read_error(429, R"({"code":429})").provider_type, "");
  EXPECT_EQ(aws_error::bare_name("a.b#FooError:http://x/"), "FooError");
}

// The cases of AWS's own protocol tests (restJson1, which Bedrock speaks) that say how an error is named.
TEST(BedrockErrors, SmithysCases) {
  HANSE_ORACLES_OR_SKIP(folder, "vectors/aws-protocols");
  json::Document document;
  const std::string text = read_whole(folder / "output" / "rest-json.json");
  auto suites = document.parse(text, 64);
  ASSERT_TRUE(suites) << suites.error().message;
  int cases = 0;
  for (json::Value suite : *suites)
    for (json::Value each : suite["cases"]) {
      if (!each["errorCode"].is_string()) continue;
      ++cases;
      const json::Value response = each["response"];
      std::string header;
      for (json::Value field : response["headers"])
        if (equal_ignoring_case(field.key().escaped, "x-amzn-errortype")) header = field.string();
      const Error read = aws_error::read_error(
          static_cast<int>(response["status_code"].integer().value_or(0)), response["body"].string());
      const std::string named(header.empty() ? read.provider_type : aws_error::bare_name(header));
      EXPECT_EQ(named, each["errorCode"].string()) << each["id"].string();
      EXPECT_FALSE(read.message.empty());
      if (each["errorMessage"].is_string()) EXPECT_EQ(read.message, each["errorMessage"].string());
    }
  EXPECT_GE(cases, 12);
}

}  // namespace
}  // namespace hanse::bedrock_converse
