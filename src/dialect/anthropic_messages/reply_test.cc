// Answers both ways, and watched.
#include <gtest/gtest.h>

#include "dialect/anthropic_messages/test_support.h"

namespace hanse::anthropic_messages {
namespace {

constexpr std::string_view kStream =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
    "\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
    "\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":3,\"cache_creation_input_tokens\":7,"
    "\"cache_creation\":{\"ephemeral_5m_input_tokens\":5,\"ephemeral_1h_input_tokens\":2},\"output_tokens\":"
    "1}}}\n\n"
    "event: ping\ndata: {\"type\": \"ping\"}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
    "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
    "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
    "{\"type\":\"signature_delta\",\"signature\":\"sig\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":"
    "{\"type\":\"redacted_thinking\",\"data\":\"red\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":"
    "{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":"
    "{\"type\":\"text_delta\",\"text\":\"h\\u00e9 \\\"x\\\"\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":3,\"content_block\":"
    "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"get\",\"input\":{}}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":"
    "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":"
    "{\"type\":\"input_json_delta\",\"partial_json\":\"1}\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":3}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\","
    "\"stop_sequence\":null},\"usage\":{\"input_tokens\":10,\"cache_creation_input_tokens\":7,"
    "\"cache_creation\":{\"ephemeral_5m_input_tokens\":5,\"ephemeral_1h_input_tokens\":2},"
    "\"cache_read_input_tokens\":3,\"output_tokens\":20,\"output_tokens_details\":{\"thinking_tokens\":4}}}"
    "\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

constexpr std::string_view kEvents =
    "start msg_1 claude\nreasoning hm\nsignature sig\nredacted red\ntext h\\u00e9 \\\"x\\\"\n"
    "call 0 toolu_1 get\nargs 0 {\\\"a\\\":\nargs 0 1}\nstop 4\n";

std::string trimmed_lines(const EventLines& events) {
  std::string out;
  for (auto line : events.lines) {
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

struct Read {
  EventLines events;
  Result<void> result;
  explicit Read(std::string_view body, bool stream = true, size_t cut = 0) {
    auto decoder = dialect().reply_decoder(stream);
    result = decoder->feed(body.substr(0, cut), events);
    if (result) result = decoder->feed(body.substr(cut), events);
    if (result) result = decoder->finish(events);
  }
};

TEST(AnthropicReplyDecoder, ReadsAStreamWhateverTheCut) {
  for (size_t cut = 0; cut <= kStream.size(); ++cut) {
    Read it(kStream, true, cut);
    ASSERT_TRUE(it.result);
    ASSERT_EQ(trimmed_lines(it.events), kEvents) << cut;
    const auto& usage = it.events.usage;
    EXPECT_EQ(usage.uncached_in, 10);
    EXPECT_EQ(usage.cache_read, 3);
    EXPECT_EQ(usage.cache_write_5m, 5);
    EXPECT_EQ(usage.cache_write_1h, 2);
    EXPECT_EQ(usage.visible_out, 16);
    EXPECT_EQ(usage.reasoning_out, 4);
    EXPECT_EQ(usage.input(), 20);
  }
}

TEST(AnthropicReplyDecoder, ACutStreamIsNoAnswer) {
  size_t delta = kStream.find("event: message_delta"), stop = kStream.find("event: message_stop");
  Read whole(kStream.substr(0, stop));
  EXPECT_TRUE(whole.result);
  EXPECT_EQ(trimmed_lines(whole.events), kEvents);
  Read cut(kStream.substr(0, delta));
  ASSERT_FALSE(cut.result);
  EXPECT_EQ(cut.result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("<html>").result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("data: {\n\n").result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("").result.error().code, Code::malformed_reply);
}

TEST(AnthropicReplyDecoder, AnErrorInTheStreamIsAFailure) {
  Read it(
      "event: error\ndata: "
      "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Busy\"}}\n\n");
  ASSERT_TRUE(it.result);
  EXPECT_EQ(trimmed_lines(it.events), "failure overloaded Busy\n");
}

TEST(AnthropicReplyDecoder, WhatIsNewIsSteppedOver) {
  Read it(
      "event: novel\ndata: {\"type\":\"novel\"}\n\n"
      "data: "
      "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"server_tool_use\",\"id\":"
      "\"x\"}}\n\n"
      "data: "
      "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_"
      "json\":\"{}\"}}\n\n"
      "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"citations_delta\"}}\n\n"
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"novel\"}}\n\n");
  ASSERT_TRUE(it.result);
  EXPECT_EQ(trimmed_lines(it.events), "stop 7  novel\n");
}

TEST(AnthropicReplyDecoder, InputGivenAtTheStartOfABlock) {
  Read it(
      "data: "
      "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"x\","
      "\"name\":\"n\",\"input\":{\"a\":\"b\"}}}\n\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "data: {\"type\":\"message_stop\"}\n\n");
  EXPECT_EQ(trimmed_lines(it.events), "call 0 x n\nargs 0 {\\\"a\\\":\\\"b\\\"}\nstop 0\n");
}

TEST(AnthropicReplyDecoder, ReadsAWholeAnswer) {
  Read it(R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
    {"type":"thinking","thinking":"hm","signature":"sig"},{"type":"text","text":"a"},
    {"type":"tool_use","id":"t","name":"get","input":{"a":"\n"}}],"stop_reason":"stop_sequence",
    "stop_sequence":"END","usage":{"input_tokens":5,"output_tokens":6}})",
          false);
  ASSERT_TRUE(it.result);
  EXPECT_EQ(trimmed_lines(it.events),
            "start msg_1 claude\nreasoning hm\nsignature sig\ntext a\ncall 0 t get\n"
            "args 0 {\\\"a\\\":\\\"\\\\n\\\"}\nstop 1 END\n");
  EXPECT_EQ(it.events.usage.visible_out, 6);
  EXPECT_EQ(Read("{\"id\":", false).result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("{}", false).result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("[1]", false).result.error().code, Code::malformed_reply);
}

// ---- to a client

std::unique_ptr<ReplyEncoder> encoder(bool stream) {
  return dialect().reply_encoder({.stream = stream, .request_id = "req_9"});
}

TEST(AnthropicReplyEncoder, WhatWasReadIsWrittenTheSame) {
  auto out = encoder(true);
  auto decoder = dialect().reply_decoder(true);
  ASSERT_TRUE(decoder->feed(kStream, *out));
  ASSERT_TRUE(decoder->finish(*out));
  Read again(out->out);
  ASSERT_TRUE(again.result) << out->out;
  EXPECT_EQ(trimmed_lines(again.events), kEvents);
  EXPECT_EQ(again.events.usage.cache_write_1h, 2);
  EXPECT_EQ(again.events.usage.visible_out, 16);
  EXPECT_EQ(again.events.usage.reasoning_out, 4);
}

TEST(AnthropicReplyEncoder, InterleavedCallsAreUntangled) {
  auto out = encoder(true);
  out->on(canon::Start{{"chatcmpl-1"}, {"gpt"}, 0});
  out->on(canon::ToolCallStart{0, {"a"}, {"f"}});
  out->on(canon::ToolCallStart{1, {"b"}, {"g"}});
  out->on(canon::ToolCallDelta{1, {"{}"}});
  out->on(canon::ToolCallDelta{0, {"{\\\"x\\\":\\\"}"}});
  out->on(canon::TextDelta{{"and"}});
  out->on(canon::ToolCallDelta{0, {"\\\"}"}});
  out->on(canon::ToolCallStart{2, {"c"}, {"h"}});
  out->on(canon::Usage{.uncached_in = 4, .visible_out = 5});
  out->on(canon::Stop{canon::StopReason::tool_calls, {}, {}});
  Read it(out->out);
  EXPECT_EQ(trimmed_lines(it.events),
            "start msg_req_9 gpt\ncall 0 a f\nargs 0 {\\\"x\\\":\\\"}\nargs 0 \\\"}\ncall 1 b g\nargs 1 {}\n"
            "text and\ncall 2 c h\nstop 4\n");
  EXPECT_EQ(it.events.usage.uncached_in, 4);
  EXPECT_EQ(it.events.usage.visible_out, 5);
}

TEST(AnthropicReplyEncoder, AStreamFrameByFrame) {
  auto out = encoder(true);
  out->on(canon::Start{{"msg_7"}, {"gpt"}, 0});
  out->on(canon::TextDelta{{"a"}});
  out->on(canon::Stop{canon::StopReason::length, {}, {}});
  EXPECT_EQ(
      out->out,
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_7\",\"type\":"
      "\"message\",\"role\":\"assistant\",\"model\":\"gpt\",\"content\":[],\"stop_reason\":null,"
      "\"stop_sequence\":null,\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}}\n\n"
      "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
      "{\"type\":\"text\",\"text\":\"\"}}\n\n"
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
      "\"text_delta\",\"text\":\"a\"}}\n\n"
      "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\","
      "\"stop_sequence\":null},\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

TEST(AnthropicReplyEncoder, AFailureEndsAStreamAndNothingFollows) {
  auto out = encoder(true);
  out->on(canon::Start{{"x"}, {"gpt"}, 0});
  out->on(canon::TextDelta{{"a"}});
  out->out.clear();
  out->on(canon::Failure{Error(Code::overloaded, "no room")});
  out->on(canon::Stop{});
  EXPECT_EQ(out->out,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
            "\"no room\"},\"request_id\":\"req_9\"}\n\n");
}

TEST(AnthropicReplyEncoder, AWholeAnswer) {
  auto out = encoder(false);
  out->on(canon::Start{{"chatcmpl-1"}, {"gpt"}, 0});
  out->on(canon::ReasoningDelta{{"hm"}});
  out->on(canon::TextDelta{{"a"}});
  out->on(canon::ToolCallStart{0, {"x"}, {"f"}});
  out->on(canon::ToolCallStart{1, {}, {"g"}});
  out->on(canon::ToolCallDelta{1, {"{\\\"a\\\":"}});
  out->on(canon::ToolCallDelta{0, {" "}});
  EXPECT_EQ(out->out, "");
  out->on(canon::Stop{canon::StopReason::end, {}, {}});
  EXPECT_EQ(
      out->out,
      R"({"id":"msg_req_9","type":"message","role":"assistant","model":"gpt","content":[)"
      R"({"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"a"},)"
      R"({"type":"tool_use","id":"x","name":"f","input":{}},{"type":"tool_use","id":"toolu_req_9_1",)"
      R"("name":"g","input":{"INVALID_JSON":"{\"a\":"}}],"stop_reason":"tool_use","stop_sequence":null,)"
      R"("usage":{"input_tokens":0,"output_tokens":0}})");
}

// ---- passing through

TEST(AnthropicReplyWatcher, SeesUsageContentAndTheEnd) {
  auto watcher = dialect().reply_watcher(true);
  size_t delta = kStream.find("event: content_block_delta"), stop = kStream.find("event: message_stop");
  ASSERT_TRUE(watcher->feed(kStream.substr(0, delta)));
  EXPECT_FALSE(watcher->content_seen);
  EXPECT_EQ(watcher->usage.uncached_in, 10);
  ASSERT_TRUE(watcher->feed(kStream.substr(delta, stop - delta)));
  EXPECT_TRUE(watcher->content_seen);
  EXPECT_FALSE(watcher->ended);
  ASSERT_TRUE(watcher->feed(kStream.substr(stop)));
  EXPECT_TRUE(watcher->ended);
  EXPECT_FALSE(watcher->failed);
  EXPECT_EQ(watcher->usage.visible_out, 16);
}

TEST(AnthropicReplyWatcher, OtherSpellings) {
  std::string crlf = "\xEF\xBB\xBF: hello\r\n\r\n";
  for (char c : kStream) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  auto watcher = dialect().reply_watcher(true);
  ASSERT_TRUE(watcher->feed(crlf));
  EXPECT_TRUE(watcher->ended && watcher->content_seen);
  EXPECT_EQ(watcher->usage.reasoning_out, 4);
  EXPECT_FALSE(dialect().reply_watcher(true)->feed("<html>no</html>\n\n"));
  watcher = dialect().reply_watcher(true);
  ASSERT_TRUE(watcher->feed("event: error\ndata: {}\n\n"));
  EXPECT_TRUE(watcher->failed);
  EXPECT_FALSE(watcher->ended);
}

TEST(AnthropicReplyWatcher, WholeBodiesInPieces) {
  std::string_view body = R"({"type":"message","content":[{"text":"a}\"}"}],"usage":{"input_tokens":5}} )";
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    auto watcher = dialect().reply_watcher(false);
    ASSERT_TRUE(watcher->feed(body.substr(0, cut)));
    EXPECT_EQ(watcher->ended, cut >= body.size() - 1) << cut;
    ASSERT_TRUE(watcher->feed(body.substr(cut)));
    EXPECT_TRUE(watcher->ended) << cut;
    EXPECT_EQ(watcher->usage.uncached_in, 5);
  }
  auto watcher = dialect().reply_watcher(false);
  ASSERT_TRUE(watcher->feed("<html></html>"));
  EXPECT_FALSE(watcher->ended);
}

// ---- errors and models

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
