#include "dialect/google_gemini/answer_reader.h"

#include "dialect/google_gemini/signature.h"
#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {

using canon::EventSink;
using canon::StopReason;
using json::Text;
using json::Value;

namespace {

constexpr uint32_t kCallsMax = 4096;

Failed odd(std::string_view what) {
  return fail(Code::malformed_reply, "the provider's answer has a wrong type in its " + std::string(what));
}

// Absent and null are empty.
Result<Text> text_in(Value value, std::string_view what) {
  if (value.present() && !value.is_string()) return odd(what);
  return value.text();
}

}  // namespace

Result<void> AnswerReader::chunk(Value root, EventSink& sink) {
  if (!root.is_object()) return fail(Code::malformed_reply, "an answer of the provider is not a JSON object");
  Members found;
  for (Value member : root) {
    std::string_view key = member.key().escaped;
    if (key == "candidates")
      found.candidates = member;
    else if (key == "usageMetadata")
      found.usage = member;
    else if (key == "modelVersion")
      found.model = member;
    else if (key == "responseId")
      found.id = member;
    else if (key == "promptFeedback")
      found.feedback = member;
    else if (key == "error")
      found.error = member;
  }
  if (found.usage.is_object()) update_usage(usage_, found.usage);
  if (found.error.present()) {
    over_ = true;
    if (usage_.known()) sink.on(usage_);  // what it cost all the same
    sink.on(canon::Failure{error_in_stream(found.error)});
    return {};
  }
  if (found.candidates.present() && !found.candidates.is_array()) return odd("candidates");
  if (!is_answer(root)) return fail(Code::malformed_reply, "what the provider says is no part of an answer");
  TRY_VOID(start(found, sink));
  for (Value each : found.candidates) {
    if (!each.is_object()) return odd("candidates");
    if (each["index"].integer().value_or(0) == 0) TRY_VOID(candidate(each, sink));
  }
  if (Text blocked = found.feedback["blockReason"].text(); !blocked.empty()) {
    finished_ = true;
    reason_ = StopReason::filtered;
  }
  if (found.usage.is_object() && usage_.known()) sink.on(usage_);
  return {};
}

void AnswerReader::piece(const ChunkForm::Piece& piece, EventSink& sink) {
  if (!piece.text.empty() && piece.thought) sink.on(canon::ReasoningDelta{piece.text});
  if (!piece.text.empty() && !piece.thought) sink.on(canon::TextDelta{piece.text});
  if (piece.counted) sink.on(usage_);
}

Result<void> AnswerReader::start(const Members& members, EventSink& sink) {
  if (started_) return {};
  TRY(Text id, text_in(members.id, "responseId"));
  TRY(Text model, text_in(members.model, "modelVersion"));
  started_ = true;
  sink.on(canon::Start{id, model, 0});
  return {};
}

Result<void> AnswerReader::candidate(Value candidate, EventSink& sink) {
  answered_ = true;
  Value content = candidate["content"];
  if (content.present() && !content.is_object()) return odd("content");
  Value parts = content["parts"];
  if (parts.present() && !parts.is_array()) return odd("parts");
  for (Value each : parts) TRY_VOID(part(each, sink));
  TRY(Text reason, text_in(candidate["finishReason"], "finishReason"));
  if (!reason.empty() && reason.escaped != "FINISH_REASON_UNSPECIFIED") finished_by(reason);
  return {};
}

void AnswerReader::finished_by(Text reason) {
  finished_ = true;
  const canon::Stop stop = stop_of(reason);
  reason_ = stop.reason;
  original_ = stop.original.escaped;
}

// Text, a thought or a call. What runs at the vendor's servers, and what it shows, no other dialect has.
Result<void> AnswerReader::part(Value part, EventSink& sink) {
  if (!part.is_object()) return odd("parts");
  Value text_field, thought, signature_field, function;
  for (Value member : part) {
    std::string_view key = member.key().escaped;
    if (key == "text")
      text_field = member;
    else if (key == "thought")
      thought = member;
    else if (key == "thoughtSignature")
      signature_field = member;
    else if (key == "functionCall")
      function = member;
  }
  TRY(Text signature, text_in(signature_field, "thoughtSignature"));
  if (function.present()) return call(function, signature, sink);
  TRY(Text text, text_in(text_field, "text"));
  if (!thought.boolean().value_or(false)) {
    // Its signature, which the vendor does not demand back, is left out: it would need a thought of its own.
    if (!text.empty()) sink.on(canon::TextDelta{text});
    return {};
  }
  if (!text.empty()) sink.on(canon::ReasoningDelta{text});
  if (signature.empty()) return {};
  escaped_.assign(kOnThought).append(signature.escaped);
  sink.on(canon::ReasoningSignature{{escaped_}});
  return {};
}

Result<void> AnswerReader::call(Value call, Text signature, EventSink& sink) {
  if (!call.is_object()) return odd("functionCall");
  TRY(Text id, text_in(call["id"], "id of a call"));
  TRY(Text name, text_in(call["name"], "name of a call"));
  Value args = call["args"];
  if (args.present() && !args.is_object()) return odd("args of a call");
  if (name.empty()) return fail(Code::malformed_reply, "a function call of the provider has no name");
  if (calls_ >= kCallsMax)
    return fail(Code::malformed_reply, "the provider's answer has too many function calls");
  if (!signature.empty()) {
    escaped_.assign(kOnCall).append(signature.escaped);
    sink.on(canon::ReasoningSignature{{escaped_}});
  }
  sink.on(canon::ToolCallStart{calls_, id, name});
  if (args.present()) {
    escaped_.clear();
    json::escape(args.raw().json, escaped_);
    sink.on(canon::ToolCallDelta{calls_, {escaped_}});
  }
  ++calls_;
  return {};
}

Result<void> AnswerReader::stop(EventSink& sink, bool streamed) {
  if (streamed && !finished_)
    return fail(Code::malformed_reply, "the provider's stream ended before the answer was whole");
  if (!answered_ && !finished_) return fail(Code::malformed_reply, "the provider's answer has no candidates");
  // The vendor says STOP behind calls; the calls are what counts.
  if (reason_ == StopReason::end && calls_ > 0) reason_ = StopReason::tool_calls;
  sink.on(canon::Stop{reason_, {}, {original_}});
  return {};
}

}  // namespace hanse::google_gemini
