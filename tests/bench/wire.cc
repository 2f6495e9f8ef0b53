#include "wire.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "support.h"

namespace bench {
namespace {

constexpr std::string_view kIdField = "\"user\":\"bench-";

constexpr std::array kCases = {
    Case{"chat_2k", 16, 2048, false, Pace::burst},      Case{"chat_32k", 16, 32 * 1024, false, Pace::burst},
    Case{"sse_burst", 16, 2048, true, Pace::burst},     Case{"sse_apart", 64, 2048, true, Pace::on_read},
    Case{"translate_2k", 16, 2048, false, Pace::burst}, Case{"translate_event", 16, 2048, true, Pace::burst},
    Case{"idle", 16, 2048, false, Pace::burst},         Case{"slow_stream", 16, 2048, true, Pace::slow},
};

std::string number(long value) { return std::to_string(value); }

std::string padded(int value, int digits) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%0*d", digits, value);
  return text.data();
}

// Prose of exactly this size as the inside of a JSON string: some escapes, some UTF-8, like real prompts.
std::string prose(std::size_t bytes) {
  constexpr std::string_view kText =
      "The league had no king and no army; it had ledgers, \\\"Kontore\\\" and a rule that a city which "
      "closed its "
      "harbour to one was closed to all.\\nL\xc3\xbc"
      "beck kept the books, Bergen the fish, Novgorod the furs. ";
  std::string text;
  while (text.size() + kText.size() <= bytes) text += kText;
  return text.append(bytes - text.size(), '.');
}

std::string delta_text(int index) { return std::string(kDeltaMark) + padded(index, 3) + " of the league"; }

std::string chat_body(const Case& what, std::string_view model, int stream_id) {
  std::string body = "{\"model\":\"" + std::string(model) + "\",";
  body += std::string(kIdField) + padded(stream_id, 5) + "\",";
  if (what.stream) body += "\"stream\":true,\"stream_options\":{\"include_usage\":true},";
  body += "\"temperature\":0.7,\"max_tokens\":512,\"messages\":[{\"role\":\"system\",\"content\":\"" +
          prose(300) + "\"}";
  const std::string last = ",{\"role\":\"user\",\"content\":\"And what would they do today?\"}]}";
  const std::size_t turn_bytes = what.request_bytes / 5;
  for (bool user = true; body.size() + last.size() + turn_bytes < what.request_bytes; user = !user) {
    const std::string opening =
        std::string(",{\"role\":\"") + (user ? "user" : "assistant") + "\",\"content\":\"";
    // The last turn takes up what is left, so that every request has exactly its size.
    const std::size_t left = what.request_bytes - body.size() - last.size();
    const std::size_t bytes = left < 2 * turn_bytes ? left : turn_bytes;
    body += opening + prose(bytes - opening.size() - 2) + "\"}";
  }
  return body + last;
}

std::string response_head(std::string_view type) {
  return "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\nServer: bench\r\nContent-Type: " +
         std::string(type) + "\r\nx-request-id: req_0123456789abcdef0123456789abcdef\r\n";
}

std::string in_chunk(const std::string& bytes) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return size.data() + bytes + "\r\n";
}

Answers assemble(const std::string& json, const std::vector<std::string>& events) {
  Answers answers;
  answers.json_body = json;
  answers.json_response = response_head("application/json") +
                          "Content-Length: " + number(static_cast<long>(json.size())) + "\r\n\r\n" + json;
  answers.stream_head = response_head("text/event-stream; charset=utf-8") +
                        "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& event : events) {
    answers.stream_body += event;
    answers.event_ends.push_back(answers.stream_body.size());
    answers.chunks.push_back(in_chunk(event));
  }
  answers.chunks.back() += "0\r\n\r\n";
  answers.burst_response = answers.stream_head;
  for (const std::string& chunk : answers.chunks) answers.burst_response += chunk;
  return answers;
}

std::string chat_chunk(const std::string& delta, const std::string& rest) {
  return "data: "
         "{\"id\":\"chatcmpl-BenchBenchBench01\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
         "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"delta\":{" +
         delta + "}," + rest + "\n\n";
}

std::vector<std::string> chat_events() {
  const std::string going_on = "\"finish_reason\":null}]}";
  std::vector<std::string> events = {chat_chunk("\"role\":\"assistant\",\"content\":\"\"", going_on)};
  for (int i = 0; i < kDeltas; ++i) {
    const std::string content = "\"content\":\"" + delta_text(i);
    const std::size_t bare = chat_chunk(content + "\"", going_on).size();
    events.push_back(chat_chunk(content + std::string(kEventBytes - bare, '.') + "\"", going_on));
  }
  events.push_back(chat_chunk("", "\"finish_reason\":\"stop\"}]}"));
  events.push_back(
      "data: "
      "{\"id\":\"chatcmpl-BenchBenchBench01\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
      "\"model\":\"bench-model\",\"choices\":[],\"usage\":{\"prompt_tokens\":420,\"completion_tokens\":400,"
      "\"total_tokens\":820}}\n\n");
  events.push_back("data: [DONE]\n\n");
  return events;
}

// A JSON answer of kAnswerBytes: what stands before the text, the text, what stands after it.
std::string json_answer(const std::string& before, const std::string& after) {
  return before + prose(kAnswerBytes - before.size() - after.size()) + after;
}

std::string chat_json() {
  return json_answer(
      "{\"id\":\"chatcmpl-BenchBenchBench01\",\"object\":\"chat.completion\",\"created\":1790000000,"
      "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
      "\"",
      "\"},\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":420,\"completion_tokens\":160,\"total_tokens\":580}}");
}

std::string named(const std::string& type, const std::string& rest) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n";
}

// The same text as the chat events', so that a translated stream and a passed-through one say the same.
std::vector<std::string> messages_events() {
  const std::size_t bare = chat_chunk("\"content\":\"\"", "\"finish_reason\":null}]}").size();
  std::vector<std::string> events = {
      named("message_start",
            ",\"message\":{\"id\":\"msg_BenchBenchBench01\",\"type\":\"message\",\"role\":\"assistant\","
            "\"content\":[],"
            "\"model\":\"bench-claude\",\"stop_reason\":null,\"stop_sequence\":null,"
            "\"usage\":{\"input_tokens\":420,\"output_tokens\":1}}"),
      named("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")};
  for (int i = 0; i < kDeltas; ++i) {
    std::string text = delta_text(i);
    text.append(kEventBytes - bare - text.size(), '.');
    events.push_back(named("content_block_delta",
                           ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + text + "\"}"));
  }
  events.push_back(named("content_block_stop", ",\"index\":0"));
  events.push_back(named("message_delta",
                         ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
                         "\"usage\":{\"output_tokens\":400}"));
  events.push_back(named("message_stop", ""));
  return events;
}

std::string messages_json() {
  return json_answer(
      "{\"id\":\"msg_BenchBenchBench01\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"bench-"
      "claude\","
      "\"content\":[{\"type\":\"text\",\"text\":\"",
      "\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
      "\"usage\":{\"input_tokens\":420,\"output_tokens\":160}}");
}

}  // namespace

const Case* find_case(std::string_view name) {
  for (const Case& candidate : kCases) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

std::string chat_request(const Case& what, std::string_view model, int port, int stream_id) {
  const std::string body = chat_body(what, model, stream_id);
  if (body.size() != what.request_bytes)
    die("a request has the wrong size: " + number(static_cast<long>(body.size())));
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" + number(port) +
         "\r\nAuthorization: Bearer bench-client-0123456789abcdef\r\nContent-Type: "
         "application/json\r\nAccept: " +
         (what.stream ? "text/event-stream" : "application/json") +
         "\r\nUser-Agent: bench/1.0\r\nContent-Length: " + number(static_cast<long>(body.size())) +
         "\r\n\r\n" + body;
}

int stream_id_of(std::string_view body) {
  const std::size_t at = body.substr(0, 1024).find(kIdField);
  return at == std::string_view::npos ? -1 : std::atoi(body.data() + at + kIdField.size());
}

const Answers& openai_answers() {
  static const Answers answers = assemble(chat_json(), chat_events());
  return answers;
}

const Answers& anthropic_answers() {
  static const Answers answers = assemble(messages_json(), messages_events());
  return answers;
}

}  // namespace bench
