// What the tests of this folder share: requests from JSON text, events as lines to compare, a stream.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/anthropic_messages/dialect.h"

namespace hanse::anthropic_messages {

// A request that keeps the text that it is made of.
struct Decoded {
  std::string text;
  json::Document document;
  Result<std::unique_ptr<canon::Request>> request;
  explicit Decoded(std::string body) : text(std::move(body)), request(fail(Code::internal, "")) {
    auto root = document.parse(text, 64);
    if (root)
      request = dialect().decode_request(*root);
    else
      request = fail(root.error());
  }
  const canon::Request& operator*() const { return **request; }
  const canon::Request* operator->() const { return request->get(); }
};

// Events as one line each: "text Hello", "call 0 toolu_1 get", "stop end".
class EventLines : public canon::EventSink {
 public:
  std::vector<std::string> lines;
  canon::Usage usage;

  void on(const canon::Event& event) override {
    std::visit([this](const auto& e) { take(e); }, event);
  }
  // Deltas of one kind that follow each other joined, as any cut of the bytes must give the same.
  std::string joined() const {
    std::string out;
    for (const auto& line : lines) out += line + "\n";
    return out;
  }

 private:
  template <class... Views>
  void line(Views... views) {
    std::string out;
    for (std::string_view view : {std::string_view(views)...})
      out.append(out.empty() ? "" : " ").append(view);
    lines.push_back(std::move(out));
  }
  void take(const canon::Start& e) { line("start", e.id.escaped, e.model.escaped); }
  void take(const canon::TextDelta& e) { line("text", e.text.escaped); }
  void take(const canon::RefusalDelta& e) { line("refusal", e.text.escaped); }
  void take(const canon::ReasoningDelta& e) { line("reasoning", e.text.escaped); }
  void take(const canon::ReasoningSignature& e) { line("signature", e.signature.escaped); }
  void take(const canon::RedactedReasoning& e) { line("redacted", e.data.escaped); }
  void take(const canon::ToolCallStart& e) {
    line("call", std::to_string(e.call), e.id.escaped, e.name.escaped);
  }
  void take(const canon::ToolCallDelta& e) { line("args", std::to_string(e.call), e.fragment.escaped); }
  void take(const canon::Usage& e) { usage.update(e); }
  void take(const canon::Stop& e) {
    line("stop", std::to_string(static_cast<int>(e.reason)), e.sequence.escaped, e.original.escaped);
  }
  void take(const canon::Failure& e) { line("failure", facts(e.error.code).name, e.error.message); }
};

inline constexpr std::string_view kStream =
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

inline constexpr std::string_view kEvents =
    "start msg_1 claude\nreasoning hm\nsignature sig\nredacted red\ntext h\\u00e9 \\\"x\\\"\n"
    "call 0 toolu_1 get\nargs 0 {\\\"a\\\":\nargs 0 1}\nstop 4\n";

inline std::string trimmed_lines(const EventLines& events) {
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

// Events of a stream that has begun, each by its data.
inline std::string streamed(std::initializer_list<std::string> datas) {
  std::string out = R"(data: {"type":"message_start","message":{"id":"m","model":"c"}})";
  for (const auto& data : datas) out += "\n\ndata: " + data;
  return out + "\n\n";
}
inline std::string block(std::string_view inside) {
  return R"({"type":"content_block_start","index":0,"content_block":{)" + std::string(inside) + "}}";
}
inline std::string delta(std::string_view inside) {
  return R"({"type":"content_block_delta","index":0,"delta":{)" + std::string(inside) + "}}";
}
inline const std::string kText = block(R"("type":"text","text":"")");
inline const std::string kReason = R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})";
inline const std::string kStop = R"({"type":"message_stop"})";

}  // namespace hanse::anthropic_messages
