#include <gtest/gtest.h>

#include "dialect/anthropic_messages/test_support.h"

namespace hanse::anthropic_messages {
namespace {

TEST(AnthropicErrors, AsTheSdkReadsThem) {
  auto body = [](Code code) { return dialect().encode_error(Error(code, "m"), "r"); };
  auto status = [](Code code) { return dialect().client_status(Error(code, "m")); };
  EXPECT_EQ(body(Code::bad_request),
            R"({"type":"error","error":{"type":"invalid_request_error","message":"m"},"request_id":"r"})");
  const std::tuple<Code, int, std::string_view> rows[] = {
      {Code::bad_request, 400, "invalid_request_error"},
      {Code::unauthenticated, 401, "authentication_error"},
      {Code::denied, 403, "permission_error"},
      {Code::not_found, 404, "not_found_error"},
      {Code::too_large, 413, "request_too_large"},
      {Code::rate_limited, 429, "rate_limit_error"},
      {Code::internal, 500, "api_error"},
      {Code::unreachable, 502, "api_error"},
      {Code::timed_out, 504, "timeout_error"},
      {Code::overloaded, 529, "overloaded_error"}};
  for (const auto& [code, number, type] : rows) {
    EXPECT_EQ(status(code), number);
    EXPECT_NE(body(code).find(std::string(type)), std::string::npos) << body(code);
  }
}

TEST(AnthropicErrors, OfAProvider) {
  Error error = dialect().decode_error(
      529, R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"},"request_id":"r"})");
  EXPECT_EQ(error.code, Code::overloaded);
  EXPECT_EQ(error.provider_type, "overloaded_error");
  EXPECT_EQ(error.message, "Busy");
  EXPECT_EQ(error.status, 529);
  EXPECT_EQ(dialect().decode_error(502, "<html>\n<h1>Bad</h1>").message,
            "the provider answered with status 502: <html> <h1>Bad</h1>");
  EXPECT_EQ(dialect().decode_error(500, "").message, "the provider answered with status 500");
  EXPECT_EQ(dialect().decode_error(400, R"({"error":"plain"})").message, "plain");
}

TEST(AnthropicModels, AListAndOne) {
  ModelInfo models[] = {{"a", "o", 0}, {"b", "o", 1700000000}};
  EXPECT_EQ(dialect().encode_models(models),
            R"({"data":[{"type":"model","id":"a","display_name":"a","created_at":"1970-01-01T00:00:00Z"},)"
            R"({"type":"model","id":"b","display_name":"b","created_at":"2023-11-14T22:13:20Z"}],)"
            R"("has_more":false,"first_id":"a","last_id":"b"})");
  EXPECT_EQ(dialect().encode_models({}), R"({"data":[],"has_more":false,"first_id":null,"last_id":null})");
  EXPECT_EQ(dialect().encode_model(models[0]),
            R"({"type":"model","id":"a","display_name":"a","created_at":"1970-01-01T00:00:00Z"})");
  EXPECT_EQ(dialect().request_id_header(), "request-id");
}

}  // namespace
}  // namespace hanse::anthropic_messages
