// Providers' answers read into events.
#include <gtest/gtest.h>

#include "dialect/openai_responses/test_support.h"

namespace hanse::openai_responses {
namespace {

constexpr std::string_view kUsage =
    R"(,"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":9,)"
    R"("output_tokens_details":{"reasoning_tokens":2},"total_tokens":19})";
constexpr std::string_view kMessage =
    R"({"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[)"
    R"({"type":"output_text","annotations":[],"text":"Hello"},{"type":"refusal","refusal":"No."}]})";
constexpr std::string_view kCall =
    R"({"id":"fc_1","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{\"a\":1}"})";
constexpr std::string_view kThought =
    R"({"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"A"},)"
    R"({"type":"summary_text","text":"B"}],"encrypted_content":"gAAA"})";

std::string completed(std::string_view more = kUsage) {
  return event("response.completed", response("completed", more));
}
std::string added(int index, std::string_view item) {
  return event("response.output_item.added", fmt::format(R"("output_index":{},"item":{})", index, item));
}
std::string done(int index, std::string_view item) {
  return event("response.output_item.done", fmt::format(R"("output_index":{},"item":{})", index, item));
}
std::string piece(std::string_view type, int index, std::string_view delta, std::string_view key = "delta") {
  return event(type, fmt::format(R"("output_index":{},"content_index":0,"summary_index":0,"{}":"{}")", index,
                                 key, delta));
}
std::string both_ways(const std::string& bytes) {
  std::string whole = read_reply(bytes, true);
  EXPECT_EQ(read_reply(bytes, true, 1), whole);
  EXPECT_EQ(read_reply(bytes, true, 7), whole);
  return whole;
}

TEST(OpenAiResponsesReply, TextComesInPiecesAndIsNotToldTwice) {
  std::string message(kMessage);
  EXPECT_EQ(
      both_ways(created() + event("response.in_progress", response("in_progress")) +
                added(0, R"({"id":"msg_1","type":"message","content":[]})") +
                piece("response.output_text.delta", 0, "Hel") + piece("response.output_text.delta", 0, "lo") +
                piece("response.output_text.done", 0, "Hello", "text") + done(0, message) + completed()),
      "start resp_1 m-1 7\ntext Hel\ntext lo\nrefusal No.\nusage 6 4 7 2\nstop 0  \n");
}

TEST(OpenAiResponsesReply, WhatDidNotComeInPiecesIsToldByTheEventsThatEndIt) {
  EXPECT_EQ(both_ways(created() + added(0, R"({"type":"message"})") +
                      piece("response.output_text.done", 0, "Hello", "text") + completed("")),
            "start resp_1 m-1 7\ntext Hello\nstop 0  \n");
  EXPECT_EQ(both_ways(created() + done(0, kMessage) + done(1, kCall) + completed("")),
            "start resp_1 m-1 7\ntext Hello\nrefusal No.\ncall 0 c1 f\nargs 0 {\\\"a\\\":1}\nstop 4  \n");
  EXPECT_EQ(both_ways(created() + completed(fmt::format(",\"output\":[{},{}]", kMessage, kCall))),
            "start resp_1 m-1 7\ntext Hello\nrefusal No.\ncall 0 c1 f\nargs 0 {\\\"a\\\":1}\nstop 4  \n");
  EXPECT_EQ(both_ways(completed(fmt::format(",\"output\":[{}]", kMessage))),
            "start resp_1 m-1 7\ntext Hello\nrefusal No.\nstop 0  \n");
}

TEST(OpenAiResponsesReply, CallsMayInterleave) {
  const std::string f = R"({"type":"function_call","call_id":"c1","name":"f","arguments":""})";
  const std::string g =
      R"({"type":"function_call","call_id":"c2","name":"g","namespace":"n","arguments":""})";
  const std::string_view delta = "response.function_call_arguments.delta";
  EXPECT_EQ(both_ways(created() + added(0, f) + added(1, g) + piece(delta, 0, R"({\"a\":)") +
                      piece(delta, 1, "{}") + piece(delta, 0, "1}") +
                      piece("response.function_call_arguments.done", 0, R"({\"a\":1})", "arguments") +
                      done(0, kCall) + done(1, g) + completed("")),
            "start resp_1 m-1 7\ncall 0 c1 f\ncall 1 c2 n__g\nargs 0 {\\\"a\\\":\nargs 1 {}\nargs 0 1}\n"
            "stop 4  \n");
  EXPECT_EQ(both_ways(created() + added(0, f) +
                      piece("response.function_call_arguments.done", 0, R"({\"a\":1})", "arguments") +
                      done(0, kCall) + completed("")),
            "start resp_1 m-1 7\ncall 0 c1 f\nargs 0 {\\\"a\\\":1}\nstop 4  \n");
}

TEST(OpenAiResponsesReply, ToolsThatTakeATextHaveAnObjectAroundIt) {
  const std::string item = R"({"type":"custom_tool_call","call_id":"c1","name":"sql","input":""})";
  const std::string whole = R"({"type":"custom_tool_call","call_id":"c1","name":"sql","input":"say \"x\""})";
  const std::string args = "args 0 {\\\"input\\\":\\\"say \\\\\\\"x\\\\\\\"\nargs 0 \\\"}\n";
  EXPECT_EQ(both_ways(created() + done(0, whole) + completed("")),
            "start resp_1 m-1 7\ncall 0 c1 sql\n" + args + "stop 4  \n");
  EXPECT_EQ(
      both_ways(created() + added(0, item) + piece("response.custom_tool_call_input.delta", 0, R"(say )") +
                piece("response.custom_tool_call_input.delta", 0, R"(\"x\")") +
                piece("response.custom_tool_call_input.done", 0, R"(say \"x\")", "input") + done(0, whole) +
                completed("")),
      "start resp_1 m-1 7\ncall 0 c1 sql\nargs 0 {\\\"input\\\":\\\"say \nargs 0 "
      "\\\\\\\"x\\\\\\\"\nargs 0 \\\"}\nstop 4  \n");
  EXPECT_EQ(both_ways(created() + done(0, item) + completed("")),
            "start resp_1 m-1 7\ncall 0 c1 sql\nargs 0 {\\\"input\\\":\\\"\nargs 0 \\\"}\nstop 4  \n");
}

TEST(OpenAiResponsesReply, ThoughtsCarryWhatProvesThem) {
  EXPECT_EQ(both_ways(created() + added(0, R"({"type":"reasoning","summary":[]})") +
                      piece("response.reasoning_summary_text.delta", 0, "A") +
                      event("response.reasoning_summary_text.delta",
                            R"("output_index":0,"summary_index":1,"delta":"B")") +
                      piece("response.reasoning_summary_text.done", 0, "A", "text") + done(0, kThought) +
                      done(1, kMessage) + completed("")),
            "start resp_1 m-1 7\nreasoning A\nreasoning \\n\\n\nreasoning B\nsignature "
            "openai-responses:rs_1:gAAA\ntext Hello\nrefusal No.\nstop 0  \n");
  EXPECT_EQ(both_ways(created() + done(0, kThought) + completed("")),
            "start resp_1 m-1 7\nreasoning A\nreasoning \\n\\n\nreasoning B\nsignature "
            "openai-responses:rs_1:gAAA\nstop 0  \n");
  EXPECT_EQ(both_ways(created() +
                      done(0, R"({"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA"})") +
                      completed("")),
            "start resp_1 m-1 7\nredacted openai-responses:rs_1:gAAA\nstop 0  \n");
  // The thoughts themselves, as open models tell them.
  EXPECT_EQ(
      both_ways(
          created() + piece("response.reasoning_text.delta", 0, "T") +
          done(0, R"({"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"T"}]})") +
          completed("")),
      "start resp_1 m-1 7\nreasoning T\nstop 0  \n");
  // What a gateway of this kind marked is what it was.
  EXPECT_EQ(
      both_ways(
          created() +
          done(
              0,
              R"({"type":"reasoning","summary":[{"text":"T"}],"encrypted_content":"anthropic-messages:S"})") +
          done(1,
               R"({"type":"reasoning","summary":[],"encrypted_content":"redacted/anthropic-messages:D"})") +
          completed("")),
      "start resp_1 m-1 7\nreasoning T\nsignature S\nredacted D\nstop 0  \n");
}

TEST(OpenAiResponsesReply, EndsAreToldApart) {
  auto incomplete = [](std::string_view why) {
    return created() +
           event("response.incomplete",
                 response("incomplete", fmt::format(R"(,"incomplete_details":{{"reason":"{}"}})", why)));
  };
  EXPECT_EQ(both_ways(incomplete("max_output_tokens")), "start resp_1 m-1 7\nstop 2  \n");
  EXPECT_EQ(both_ways(incomplete("content_filter")), "start resp_1 m-1 7\nstop 5  \n");
  EXPECT_EQ(both_ways(incomplete("tired")), "start resp_1 m-1 7\nstop 7  tired\n");
  EXPECT_EQ(both_ways(created() + piece("response.output_text.delta", 0, "Hi")),
            "start resp_1 m-1 7\ntext Hi\nerror malformed_reply\n");
  EXPECT_EQ(both_ways(""), "error malformed_reply\n");
  EXPECT_EQ(both_ways(created() + "data: {\n\n"), "start resp_1 m-1 7\nerror malformed_reply\n");
  EXPECT_EQ(both_ways(created() + "data: [1]\n\n"), "start resp_1 m-1 7\nerror malformed_reply\n");
  EXPECT_EQ(both_ways(created() + completed("") + "data: [DONE]\n\n"), "start resp_1 m-1 7\nstop 0  \n");
}

TEST(OpenAiResponsesReply, FailuresAreNoEnd) {
  EXPECT_EQ(
      both_ways(
          created() +
          event("response.failed",
                response("failed", std::string(kUsage) +
                                       R"(,"error":{"code":"rate_limit_exceeded","message":"slow down"})"))),
      "start resp_1 m-1 7\nusage 6 4 7 2\nfailure rate_limited slow down\n");
  EXPECT_EQ(both_ways(event("error", R"("code":"server_error","message":"broken","param":null)")),
            "failure provider_failed broken\n");
  EXPECT_EQ(both_ways("data: {\"error\":{\"message\":\"broken\",\"code\":503}}\n\n"),
            "failure overloaded broken\n");
  EXPECT_EQ(both_ways(created() + event("response.cancelled", response("cancelled"))),
            "start resp_1 m-1 7\nfailure provider_failed the provider failed in the middle of its answer\n");
}

TEST(OpenAiResponsesReply, UnknownEventsAndItemsSayNothing) {
  EXPECT_EQ(both_ways(created() + event("response.web_search_call.searching", R"("output_index":0)") +
                      added(0, R"({"type":"web_search_call"})") + done(0, R"({"type":"web_search_call"})") +
                      event("response.invented", "") +
                      event("response.output_text.annotation.added", R"("output_index":1)") +
                      piece("response.output_text.delta", 1, "Hi") + completed("")),
            "start resp_1 m-1 7\ntext Hi\nstop 0  \n");
}

TEST(OpenAiResponsesReply, PartsThatAreNumberedOtherwiseInStreamsAreToldOnce) {
  const std::string at_one = R"("output_index":0,"content_index":1,)";
  EXPECT_EQ(
      both_ways(created() + added(0, R"({"id":"m","type":"message","content":[]})") +
                event("response.output_text.delta", at_one + R"("delta":"Hi")") +
                event("response.output_text.done", at_one + R"("text":"Hi")") +
                done(0, R"({"id":"m","type":"message","content":[{"type":"output_text","text":"Hi"}]})") +
                completed("")),
      "start resp_1 m-1 7\ntext Hi\nstop 0  \n");
}

TEST(OpenAiResponsesReply, AToolThatWasSearchedForIsCalledByItsName) {
  for (auto [space, name] : {std::pair("f", "f"), std::pair("g", "g__f")}) {
    std::string call = fmt::format(
        R"({{"type":"function_call","call_id":"1","namespace":"{}","name":"f","arguments":"{{}}"}})", space);
    std::string lines = both_ways(created() + added(0, call) + done(0, call) + completed(""));
    EXPECT_NE(lines.find(fmt::format("call 0 1 {}\n", name)), std::string::npos) << lines;
  }
}

TEST(OpenAiResponsesReply, OnlyWhatGoesOnIsUnfinished) {
  for (auto [status, last] :
       {std::pair("complete", "stop 0  \n"), std::pair("queued", "error malformed_reply\n"),
        std::pair("in_progress", "error malformed_reply\n")}) {
    std::string body = fmt::format(
        R"({{"id":"resp_1","object":"response","created_at":7,"model":"m","status":"{}","output":[]}})",
        status);
    EXPECT_TRUE(read_reply(body, false).ends_with(last)) << read_reply(body, false);
  }
}

TEST(OpenAiResponsesReply, WrongTypesAreMalformed) {
  for (auto each : {R"("output_index":0,"delta":7)", R"("output_index":0,"delta":{})"}) {
    EXPECT_EQ(both_ways(created() + event("response.output_text.delta", each)),
              "start resp_1 m-1 7\nerror malformed_reply\n");
    EXPECT_EQ(both_ways(created() + event("response.reasoning_text.delta", each)),
              "start resp_1 m-1 7\nerror malformed_reply\n");
  }
  for (auto item :
       {R"([])", R"({"type":"function_call","call_id":"c"})", R"({"type":"function_call","name":7})"})
    EXPECT_EQ(both_ways(created() + added(0, item)), "start resp_1 m-1 7\nerror malformed_reply\n") << item;
  EXPECT_EQ(both_ways(event("response.created", "\"response\":7")), "error malformed_reply\n");
  EXPECT_EQ(both_ways(event("response.completed", "\"response\":{\"output\":7}")),
            "start   0\nerror malformed_reply\n");
}

TEST(OpenAiResponsesReply, WholeBodies) {
  auto body = [](std::string_view status, std::string_view more) {
    std::string out = response(status, more);
    return out.substr(out.find('{'));
  };
  EXPECT_EQ(read_reply(
                body("completed", fmt::format(",\"output\":[{},{},{}]{}", kThought, kMessage, kCall, kUsage)),
                false, 9),
            "start resp_1 m-1 7\nreasoning A\nreasoning \\n\\n\nreasoning B\nsignature "
            "openai-responses:rs_1:gAAA\ntext Hello\nrefusal No.\ncall 0 c1 f\nargs 0 {\\\"a\\\":1}\n"
            "usage 6 4 7 2\nstop 4  \n");
  EXPECT_EQ(read_reply(body("in_progress", ",\"output\":[]"), false),
            "start resp_1 m-1 7\nerror malformed_reply\n");
  EXPECT_EQ(
      read_reply(body("failed", R"(,"output":[],"error":{"code":"server_error","message":"x"})"), false),
      "start resp_1 m-1 7\nfailure provider_failed x\n");
  EXPECT_EQ(read_reply(R"({"error":{"message":"x","code":"invalid_api_key"}})", false),
            "failure unauthenticated x\n");
  EXPECT_EQ(read_reply(body("completed", ""), false), "error malformed_reply\n");
  EXPECT_EQ(read_reply("<html>", false), "error malformed_reply\n");
  EXPECT_EQ(read_reply("", false), "error malformed_reply\n");
}

}  // namespace
}  // namespace hanse::openai_responses
