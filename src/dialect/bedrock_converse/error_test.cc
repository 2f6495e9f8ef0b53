#include <gtest/gtest.h>

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

}  // namespace
}  // namespace hanse::bedrock_converse
