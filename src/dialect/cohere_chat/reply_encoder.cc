// Events for a client: as a stream of this dialect's blocks, or gathered to one body.
#include "dialect/cohere_chat/wire.h"

namespace hanse::cohere_chat {

using json::Text;

namespace {

std::string answer_id(Text given, const ReplyShape& shape) {
  if (!given.empty()) return std::string(given.escaped);
  std::string out;
  json::escape(shape.request_id, out);
  return out;
}

std::string call_id(const canon::ToolCallStart& call, const ReplyShape& shape) {
  if (!call.id.empty()) return std::string(call.id.escaped);
  std::string out = "call_";
  json::escape(shape.request_id, out);
  return out.append(1, '_') + std::to_string(call.call);
}

void write_call(json::Writer& w, Text id, Text name, Text arguments) {
  w.object().key("id").text(id).key("type").text({"function"}).key("function").object();
  w.key("name").text(name).key("arguments").text(arguments).end_object().end_object();
}

class StreamEncoder final : public ReplyEncoder {
 public:
  explicit StreamEncoder(const ReplyShape& shape) : shape_(shape) {}

  void on(const canon::Event& event) override {
    std::visit([&](const auto& each) { write(each); }, event);
  }

 private:
  enum class Block : uint8_t { none, text, thinking, call };

  void write(const canon::Start& start) {
    out += "event: message-start\ndata: {\"id\":\"" + answer_id(start.id, shape_) +
           "\",\"type\":\"message-start\",\"delta\":{\"message\":{\"role\":\"assistant\",\"content\":[],"
           "\"tool_plan\":\"\",\"tool_calls\":[],\"citations\":[]}}}\n\n";
  }
  void write(const canon::TextDelta& said) { content(Block::text, "text", said.text); }
  void write(const canon::RefusalDelta& said) { content(Block::text, "text", said.text); }
  void write(const canon::ReasoningDelta& thought) {
    if (shape_.echo_reasoning) content(Block::thinking, "thinking", thought.text);
  }
  // A signature is valid at its origin only, and this dialect has no place for one.
  void write(const canon::ReasoningSignature&) {}
  void write(const canon::RedactedReasoning&) {}

  void begin_event(std::string_view type, int index) {
    out.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type).append("\",\"index\":");
    out += std::to_string(index);
  }

  void content(Block block, std::string_view key, Text text) {
    if (block_ != block) {
      close();
      block_ = block;
      begin_event("content-start", index_);
      out.append(",\"delta\":{\"message\":{\"content\":{\"type\":\"").append(key).append("\",\"");
      out.append(key).append("\":\"\"}}}}\n\n");
    }
    begin_event("content-delta", index_);
    out.append(",\"delta\":{\"message\":{\"content\":{\"").append(key).append("\":\"").append(text.escaped);
    out.append("\"}}}}\n\n");
  }

  void close() {
    if (block_ == Block::none) return;
    begin_event(block_ == Block::call ? "tool-call-end" : "content-end",
                block_ == Block::call ? static_cast<int>(call_) : index_++);
    out += "}\n\n";
    block_ = Block::none;
  }

  void write(const canon::ToolCallStart& call) {
    close();
    block_ = Block::call;
    call_ = call.call;
    begin_event("tool-call-start", static_cast<int>(call_));
    out += ",\"delta\":{\"message\":{\"tool_calls\":";
    json::Writer w(out);
    write_call(w, Text{call_id(call, shape_)}, call.name, {});
    out += "}}}\n\n";
  }
  // Pieces of another call than the open one are told by its number all the same: clients gather by it.
  void write(const canon::ToolCallDelta& piece) {
    begin_event("tool-call-delta", static_cast<int>(piece.call));
    out.append(",\"delta\":{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":\"");
    out.append(piece.fragment.escaped).append("\"}}}}}\n\n");
  }

  void write(const canon::Usage& usage) { usage_.update(usage); }
  void write(const canon::Stop& stop) {
    close();
    out += "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"";
    out.append(finish_reason(stop.reason)).append("\"");
    if (usage_.known()) {
      out += ",\"usage\":";
      json::Writer w(out);
      write_usage(w, usage_);
    }
    out += "}}\n\ndata: [DONE]\n\n";
  }
  void write(const canon::Failure& failure) {
    out += "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"error\":\"";
    json::escape(failure.error.message, out);
    out += "\",\"finish_reason\":\"ERROR\"}}\n\n";
  }

  ReplyShape shape_;
  Block block_ = Block::none;
  int index_ = 0;
  uint32_t call_ = 0;
  canon::Usage usage_;
};

class BodyEncoder final : public ReplyEncoder {
 public:
  explicit BodyEncoder(const ReplyShape& shape) : shape_(shape) {}

  void on(const canon::Event& event) override {
    std::visit([&](const auto& each) { take(each); }, event);
  }

 private:
  struct Call {
    std::string id, name, arguments;
  };

  void take(const canon::Start& start) { id_ = answer_id(start.id, shape_); }
  void take(const canon::TextDelta& said) { text_ += said.text.escaped; }
  void take(const canon::RefusalDelta& said) { text_ += said.text.escaped; }
  void take(const canon::ReasoningDelta& thought) {
    if (shape_.echo_reasoning) thought_ += thought.text.escaped;
  }
  void take(const canon::ReasoningSignature&) {}
  void take(const canon::RedactedReasoning&) {}
  void take(const canon::ToolCallStart& call) {
    if (calls_.size() <= call.call) calls_.resize(call.call + 1);
    calls_[call.call] = {call_id(call, shape_), std::string(call.name.escaped), {}};
  }
  void take(const canon::ToolCallDelta& piece) {
    if (piece.call < calls_.size()) calls_[piece.call].arguments += piece.fragment.escaped;
  }
  void take(const canon::Usage& usage) { usage_.update(usage); }
  void take(const canon::Failure& failure) { out = error_body(failure.error, shape_.request_id); }

  void take(const canon::Stop& stop) {
    json::Writer w(out);
    w.object().key("id").text(Text{id_}).key("finish_reason").text({finish_reason(stop.reason)});
    w.key("message").object().key("role").text({"assistant"});
    if (!calls_.empty() && !text_.empty()) w.key("tool_plan").text(Text{text_});
    const bool says = calls_.empty() || !thought_.empty();
    if (says) w.key("content").array();
    if (!thought_.empty())
      w.object().key("type").text({"thinking"}).key("thinking").text(Text{thought_}).end_object();
    if (calls_.empty()) w.object().key("type").text({"text"}).key("text").text(Text{text_}).end_object();
    if (says) w.end_array();
    if (!calls_.empty()) {
      w.key("tool_calls").array();
      for (const Call& call : calls_)
        write_call(w, Text{call.id}, Text{call.name},
                   call.arguments.empty() ? Text{"{}"} : Text{call.arguments});
      w.end_array();
    }
    w.end_object();
    if (usage_.known()) {
      w.key("usage");
      write_usage(w, usage_);
    }
    w.end_object();
  }

  ReplyShape shape_;
  std::string id_, text_, thought_;
  std::vector<Call> calls_;
  canon::Usage usage_;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape) {
  if (shape.stream) return std::make_unique<StreamEncoder>(shape);
  return std::make_unique<BodyEncoder>(shape);
}

}  // namespace hanse::cohere_chat
