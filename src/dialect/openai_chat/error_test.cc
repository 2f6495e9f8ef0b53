#include "dialect/openai_chat/test_support.h"

namespace hanse::openai_chat {
namespace {

std::string body(Error error) { return dialect().encode_error(error, "req"); }

TEST(OpenAiError, BodiesAsTheSdkExpects) {
  EXPECT_EQ(body(Error(Code::bad_request, "messages: wanted \"an array\"").at("messages")),
            R"({"error":{"message":"messages: wanted \"an array\"","type":"invalid_request_error",)"
            R"("param":"messages","code":null}})");
  EXPECT_EQ(
      body(Error(Code::unauthenticated, "no key")),
      R"({"error":{"message":"no key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})");
  EXPECT_EQ(body(Error(Code::not_found, "no such model").at("model")),
            R"({"error":{"message":"no such model","type":"invalid_request_error","param":"model",)"
            R"("code":"model_not_found"}})");
  EXPECT_NE(body(Error(Code::rate_limited, "x"))
                .find(R"("type":"rate_limit_error","param":null,"code":"rate_limit_exceeded")"),
            std::string::npos);
  EXPECT_EQ(dialect().encode_stream_error(Error(Code::timed_out, "slow"), "req"),
            R"(data: {"error":{"message":"slow","type":"server_error","param":null,"code":"timeout"}})"
            "\n\n");
}

TEST(OpenAiError, Statuses) {
  struct {
    Code code;
    int status;
  } rows[] = {{Code::bad_request, 400}, {Code::unauthenticated, 401}, {Code::denied, 403},
              {Code::not_found, 404},   {Code::too_large, 413},       {Code::rate_limited, 429},
              {Code::internal, 500},    {Code::overloaded, 503},      {Code::exhausted, 503},
              {Code::unsupported, 400}};
  for (auto row : rows) EXPECT_EQ(dialect().client_status(Error(row.code, "")), row.status);
  Error overloaded(Code::overloaded, "");
  overloaded.status = 529;
  EXPECT_EQ(dialect().client_status(overloaded), 503);
}

TEST(OpenAiError, ReadsWhatProvidersSay) {
  Error quota = dialect().decode_error(
      429, R"({"error":{"message":"too fast","type":"requests","param":null,"code":"rate_limit_exceeded"}})");
  EXPECT_EQ(quota.code, Code::rate_limited);
  EXPECT_EQ(quota.message, "too fast");
  EXPECT_EQ(quota.provider_type, "rate_limit_exceeded");
  EXPECT_EQ(quota.status, 429);
  EXPECT_EQ(dialect().decode_error(400, R"({"error":{"message":"m","param":"top_p"}})").field, "top_p");
  EXPECT_EQ(dialect().decode_error(404, R"({"error":"model 'x' not found"})").message, "model 'x' not found");
  EXPECT_EQ(dialect().decode_error(422, R"({"detail":"bad"})").message, "bad");
  EXPECT_EQ(dialect().decode_error(400, R"([{"error":{"message":"google"}}])").message, "google");
  for (auto odd : {"<html>x</html>", "", "[]", "[[]]", "null", "{\"error\":[]}", "\"x\""})
    EXPECT_EQ(dialect().decode_error(502, odd).message, "the provider answered with status 502") << odd;
}

TEST(OpenAiError, Models) {
  ModelInfo models[] = {{"a/\"b\"", "acme", 5}, {"c", "", 0}};
  EXPECT_EQ(dialect().encode_models(models),
            R"({"object":"list","data":[{"id":"a/\"b\"","object":"model","created":5,"owned_by":"acme"},)"
            R"({"id":"c","object":"model","created":0,"owned_by":""}]})");
  EXPECT_EQ(dialect().encode_model(models[1]), R"({"id":"c","object":"model","created":0,"owned_by":""})");
}

}  // namespace
}  // namespace hanse::openai_chat
