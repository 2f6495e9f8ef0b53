#include "dialect/openai_chat/message_reader.h"

#include "dialect/read.h"

namespace hanse::openai_chat {

using canon::EventSink;
using canon::StopReason;
using json::Text;
using json::Value;

namespace {

constexpr size_t kCallsMax = 4096;
constexpr int64_t kFunctionCall = INT64_MAX;  // the index of the one call that came before there were tools

StopReason reason_of(std::string_view word) {
  if (word == "stop") return StopReason::end;
  if (word == "length") return StopReason::length;
  if (word == "tool_calls" || word == "function_call") return StopReason::tool_calls;
  if (word == "content_filter") return StopReason::filtered;
  return StopReason::unknown;
}

Failed odd(std::string_view what) {
  return fail(Code::malformed_reply, "the provider's answer has a wrong type in its " + std::string(what));
}

// Absent and null are empty.
Result<Text> text_in(Value object, std::string_view key) {
  Value value = object[key];
  if (value.present() && !value.is_string()) return odd(key);
  return value.text();
}

}  // namespace

void Piece::tell(Text text, EventSink& sink) const {
  if (text.empty()) return;
  switch (kind) {
    case Kind::text:
      return sink.on(canon::TextDelta{text});
    case Kind::refusal:
      return sink.on(canon::RefusalDelta{text});
    case Kind::reasoning:
      return sink.on(canon::ReasoningDelta{text});
    case Kind::arguments:
      return sink.on(canon::ToolCallDelta{call, text});
    case Kind::none:
      return;
  }
}

void MessageReader::give(Piece piece, EventSink& sink) {
  if (piece.token.empty()) return;
  ++events_;
  said_ = true;
  piece_ = piece;
  piece.tell(piece.token, sink);
}

void MessageReader::give(const canon::Event& event, EventSink& sink) {
  events_ += 2;
  said_ = true;
  sink.on(event);
}

Result<void> MessageReader::start(Value root, EventSink& sink) {
  if (started_) return {};
  TRY(Text id, text_in(root, "id"));
  TRY(Text model, text_in(root, "model"));
  // Azure's first chunk only tells what its filters think of the prompt; who answers is said by the next.
  if (model.empty() && root["choices"].size() == 0) return {};
  started_ = true;
  sink.on(canon::Start{id, model, root["created"].integer().value_or(0)});
  return {};
}

Result<void> MessageReader::message(Value message, EventSink& sink) {
  events_ = 0;
  if (!message.present()) return {};
  if (!message.is_object()) return odd(whole_ ? "message" : "delta");
  TRY_VOID(reasoning(message, sink));
  TRY_VOID(content(message["content"], sink));
  TRY(Text refusal, text_in(message, "refusal"));
  give({Piece::Kind::refusal, refusal}, sink);
  Value calls = message["tool_calls"];
  if (calls.present() && !calls.is_array()) return odd("tool_calls");
  int64_t position = 0;
  for (Value call : calls) TRY_VOID(tool_call(call, position++, sink));
  Value function = message["function_call"];
  bool empty = function["name"].text().empty() && asks_nothing(function["arguments"]);  // Snowflake's, always
  return empty ? Result<void>() : call_piece(kFunctionCall, {}, function, sink);
}

// A string; from some servers (Mistral's) a list of parts, thoughts among them.
Result<void> MessageReader::content(Value content, EventSink& sink) {
  if (!content.present()) return {};
  if (content.is_string()) return give({Piece::Kind::text, content.text()}, sink), Result<void>();
  if (!content.is_array()) return odd("content");
  for (Value part : content) {
    if (!part.is_object()) return odd("content");
    TRY(Text text, text_in(part, "text"));
    give({Piece::Kind::text, text}, sink);
    for (Value thought : part["thinking"]) give({Piece::Kind::reasoning, thought["text"].text()}, sink);
  }
  return {};
}

// `thinking_blocks` say the same as `reasoning_content`, with signatures. Of a whole message the blocks are
// told; in a stream the text comes piece by piece before its block, which then only adds the signature.
Result<void> MessageReader::reasoning(Value message, EventSink& sink) {
  Value blocks = message["thinking_blocks"];
  TRY(Text thought, text_in(message, "reasoning_content"));
  if (thought.empty()) thought = message["reasoning"].text();
  if (whole_ && blocks.size() > 0) thought = {};
  give({Piece::Kind::reasoning, thought}, sink);
  reasoning_told_ = reasoning_told_ || !thought.empty();
  for (Value block : blocks) {
    std::string_view type = block["type"].text().escaped;
    if (type == "redacted_thinking") give(canon::RedactedReasoning{block["data"].text()}, sink);
    if (type != "thinking") continue;
    if (!reasoning_told_) give({Piece::Kind::reasoning, block["thinking"].text()}, sink);
    Text signature = block["signature"].text();
    if (signature.empty()) continue;
    give(canon::ReasoningSignature{signature}, sink);
    reasoning_told_ = false;
  }
  return {};
}

// A whole answer has no indexes, its calls are told apart by their places.
Result<void> MessageReader::tool_call(Value call, int64_t position, EventSink& sink) {
  if (!call.is_object()) return odd("tool_calls");
  TRY(Text id, text_in(call, "id"));
  Value number = call["index"];
  int64_t index = whole_ ? position : number.integer().value_or(-1);
  if (!whole_ && number.present() && index < 0) return odd("index of a tool call");
  return call_piece(index, id, call["function"], sink);
}

Result<void> MessageReader::call_piece(int64_t index, Text id, Value function, EventSink& sink) {
  if (function.present() && !function.is_object()) return odd("function of a tool call");
  TRY(Text name, text_in(function, "name"));
  TRY(size_t at, find_call(index, id, name));
  Call& known = calls_[at];
  if (known.id.empty()) known.id = id.escaped;
  if (!known.started && !name.empty()) {
    known.started = true;
    give(canon::ToolCallStart{static_cast<uint32_t>(at), Text{known.id}, name}, sink);
    if (!known.held.empty()) give(canon::ToolCallDelta{static_cast<uint32_t>(at), Text{known.held}}, sink);
  }
  return arguments(at, function["arguments"], sink);
}

// By the server's index. Servers that give every call the same one, or none, tell calls apart by their ids
// only; what has neither goes on with the call before, if only by giving its name.
Result<size_t> MessageReader::find_call(int64_t index, Text id, Text name) {
  if (index < 0 && id.empty() && !calls_.empty() && (name.empty() || !calls_.back().started))
    return calls_.size() - 1;
  for (size_t i = calls_.size(); i-- > 0;) {
    if (index < 0 ? calls_[i].id != id.escaped || id.empty() : calls_[i].index != index) continue;
    bool another = !id.empty() && !name.empty() && calls_[i].started && calls_[i].id != id.escaped;
    if (!another) return i;
    break;
  }
  if (calls_.size() >= kCallsMax)
    return fail(Code::malformed_reply, "the provider's answer has too many tool calls");
  calls_.push_back({index, std::string(id.escaped), false, {}});
  return calls_.size() - 1;
}

// The text of an object, or, from a few servers, the object.
Result<void> MessageReader::arguments(size_t call, Value value, EventSink& sink) {
  Call& known = calls_[call];
  Text text = value.text();
  if (value.is_object()) {
    escaped_.clear();
    json::escape(value.raw().json, escaped_);
    text = {escaped_};
  } else if (value.present() && !value.is_string()) {
    return odd("arguments of a tool call");
  }
  if (!known.started)
    known.held += text.escaped;
  else
    give({Piece::Kind::arguments, text, static_cast<uint32_t>(call)}, sink);
  return {};
}

Result<void> MessageReader::finish_reason(Value choice) {
  TRY(Text reason, text_in(choice, "finish_reason"));
  if (reason.empty()) return {};
  finished_ = true;
  reason_ = reason_of(reason.escaped);
  if (reason_ == StopReason::unknown) original_ = reason.escaped;
  Text met = choice["stop_reason"].text();  // vLLM's
  if (reason_ == StopReason::end && !met.empty()) {
    reason_ = StopReason::stop_sequence;
    sequence_ = met.escaped;
  }
  return {};
}

Result<void> MessageReader::stop(EventSink& sink) {
  for (const Call& call : calls_)
    if (!call.started) return fail(Code::malformed_reply, "a tool call of the provider has no name");
  // Some servers say "stop" behind tool calls; the calls are what counts.
  if (reason_ == StopReason::end && !calls_.empty()) reason_ = StopReason::tool_calls;
  sink.on(canon::Stop{reason_, Text{sequence_}, Text{original_}});
  return {};
}

}  // namespace hanse::openai_chat
