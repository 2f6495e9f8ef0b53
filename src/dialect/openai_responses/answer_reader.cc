#include "dialect/openai_responses/answer_reader.h"

#include <bit>

#include "dialect/openai_responses/signature.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {

using canon::EventSink;
using canon::StopReason;
using json::Text;
using json::Value;

namespace {

constexpr size_t kItemsMax = 4096;
constexpr std::string_view kTextCallBegin = R"({\"input\":\")", kTextCallEnd = R"(\"})";  // escaped

Failed odd(std::string_view what) {
  return fail(Code::malformed_reply, "the provider's answer has a wrong type in its " + std::string(what));
}

// Absent and null are empty.
Result<Text> text_in(Value object, std::string_view key) {
  Value value = object[key];
  if (value.present() && !value.is_string()) return odd(key);
  return value.text();
}

uint64_t bit_of(int64_t part) { return uint64_t(1) << (part < 0 ? 0 : part > 63 ? 63 : part); }

}  // namespace

Result<void> AnswerReader::start(Value response, EventSink& sink) {
  if (started_) return {};
  if (!response.is_object()) return odd("response");
  TRY(Text id, text_in(response, "id"));
  TRY(Text model, text_in(response, "model"));
  started_ = true;
  sink.on(canon::Start{id, model, static_cast<int64_t>(response["created_at"].number().value_or(0))});
  return {};
}

// By the provider's number, and by the last one's when it says none.
AnswerReader::Item& AnswerReader::find(Value event, Kind kind) {
  int64_t index = event["output_index"].integer().value_or(-1);
  for (size_t i = items_.size(); i-- > 0;)
    if (items_[i].index == index || index < 0 || items_.size() >= kItemsMax) return items_[i];
  Item& item = items_.emplace_back();
  item.index = index;
  item.kind = kind;
  return item;
}

Result<void> AnswerReader::event(std::string_view type, Value event, EventSink& sink) {
  if (type == "response.output_text.delta") return said(event, "delta", false, false, sink);
  if (type == "response.function_call_arguments.delta") return arguments(event, "delta", false, sink);
  if (type == "response.output_item.added") return added(event, sink);
  if (type == "response.output_item.done") return done(event, sink);
  if (type == "response.output_text.done") return said(event, "text", true, false, sink);
  if (type == "response.refusal.delta") return said(event, "delta", false, true, sink);
  if (type == "response.refusal.done") return said(event, "refusal", true, true, sink);
  if (type == "response.reasoning_summary_text.delta")
    return thought(event, "delta", "summary_index", false, sink);
  if (type == "response.reasoning_summary_text.done")
    return thought(event, "text", "summary_index", true, sink);
  if (type == "response.reasoning_text.delta") return thought(event, "delta", "content_index", false, sink);
  if (type == "response.reasoning_text.done") return thought(event, "text", "content_index", true, sink);
  if (type == "response.function_call_arguments.done") return arguments(event, "arguments", true, sink);
  if (type == "response.custom_tool_call_input.delta") return arguments(event, "delta", false, sink);
  if (type == "response.custom_tool_call_input.done") return arguments(event, "input", true, sink);
  return {};
}

Result<AnswerReader::Item*> AnswerReader::add(int64_t index, Value value, EventSink& sink) {
  if (items_.size() >= kItemsMax)
    return fail(Code::malformed_reply, "the provider's answer has too many items");
  if (!value.is_object()) return odd("item");
  TRY(Text type, text_in(value, "type"));
  Item& item = items_.emplace_back();
  item.index = index;
  if (type.escaped == "message") item.kind = Kind::message;
  if (type.escaped == "reasoning") item.kind = Kind::thought;
  if (type.escaped == "function_call") item.kind = Kind::call;
  if (type.escaped == "custom_tool_call") item.kind = Kind::text_call;
  if (item.kind == Kind::call || item.kind == Kind::text_call) TRY_VOID(begin_call(item, value, sink));
  return &item;
}

Result<void> AnswerReader::added(Value event, EventSink& sink) {
  TRY_VOID(add(event["output_index"].integer().value_or(-1), event["item"], sink));
  return {};
}

Result<void> AnswerReader::begin_call(Item& item, Value value, EventSink& sink) {
  TRY(Text id, text_in(value, "call_id"));
  TRY(Text name, text_in(value, "name"));
  TRY(Text space, text_in(value, "namespace"));
  if (name.empty()) return fail(Code::malformed_reply, "a tool call of the provider has no name");
  if (id.empty()) id = value["id"].text();
  item.call = calls_++;
  sink.on(canon::ToolCallStart{item.call, id, joined_name(space, name, arena_)});
  return {};
}

Result<void> AnswerReader::done(Value event, EventSink& sink) {
  Value value = event["item"];
  if (!value.is_object()) return odd("item");
  int64_t index = event["output_index"].integer().value_or(-1);
  bool known = index < 0 && !items_.empty();
  for (const Item& item : items_) known = known || item.index == index;
  if (!known) TRY_VOID(added(event, sink));
  return item_done(find(event, Kind::other), value, sink);
}

Result<void> AnswerReader::item_done(Item& item, Value value, EventSink& sink) {
  if (std::exchange(item.done, true)) return {};
  if (item.kind == Kind::message) return message_done(item, value, sink);
  if (item.kind == Kind::thought) return thought_done(item, value, sink);
  if (item.kind != Kind::call && item.kind != Kind::text_call) return {};
  TRY(Text text, text_in(value, item.kind == Kind::call ? "arguments" : "input"));
  tell_arguments(item, text, true, sink);
  end_arguments(item, sink);
  return {};
}

Result<void> AnswerReader::message_done(Item& item, Value value, EventSink& sink) {
  Value content = value["content"];
  if (content.present() && !content.is_array()) return odd("content");
  // In streams some servers number the parts otherwise than they stand in the item.
  if (static_cast<size_t>(std::popcount(item.told)) >= content.size()) return {};
  int64_t index = 0;
  for (Value part : content) {
    const uint64_t bit = bit_of(index++);
    if (item.told & bit) continue;
    item.told |= bit;
    TRY(Text text, text_in(part, "text"));
    TRY(Text refusal, text_in(part, "refusal"));
    if (!text.empty()) sink.on(canon::TextDelta{text});
    if (!refusal.empty()) sink.on(canon::RefusalDelta{refusal});
  }
  return {};
}

// The summary, or where there is none what it would sum up; then what proves it.
Result<void> AnswerReader::thought_done(Item& item, Value value, EventSink& sink) {
  const bool told = item.thought >= 0;
  for (auto key : {"summary", "content"}) {
    Value list = value[key];
    if (list.present() && !list.is_array()) return odd(key);
    if (told || item.thought >= 0) continue;
    int64_t index = 0;
    for (Value part : list) {
      TRY(Text text, text_in(part, "text"));
      tell_thought(item, index++, text, sink);
    }
  }
  TRY(Text proof, text_in(value, "encrypted_content"));
  TRY(Text id, text_in(value, "id"));
  if (proof.empty()) return {};
  canon::ReasoningPart part;
  if (item.thought >= 0) part.text = {"told"};
  read_carried(proof, id, part, arena_);
  if (!part.redacted.empty())
    sink.on(canon::RedactedReasoning{part.redacted});
  else
    sink.on(canon::ReasoningSignature{part.signature});
  return {};
}

Result<void> AnswerReader::said(Value event, std::string_view key, bool whole, bool refusal,
                                EventSink& sink) {
  TRY(Text text, text_in(event, key));
  Item& item = find(event, Kind::message);
  const uint64_t bit = bit_of(event["content_index"].integer().value_or(0));
  if (whole && item.told & bit) return {};
  item.told |= bit;
  if (text.empty()) return {};
  if (refusal)
    sink.on(canon::RefusalDelta{text});
  else
    sink.on(canon::TextDelta{text});
  return {};
}

Result<void> AnswerReader::thought(Value event, std::string_view key, std::string_view part, bool whole,
                                   EventSink& sink) {
  TRY(Text text, text_in(event, key));
  Item& item = find(event, Kind::thought);
  const int64_t index = event[part].integer().value_or(0);
  if (whole && item.told & bit_of(index)) return {};
  tell_thought(item, index, text, sink);
  return {};
}

void AnswerReader::tell_thought(Item& item, int64_t part, Text text, EventSink& sink) {
  if (text.empty()) return;
  item.told |= bit_of(part);
  if (item.thought >= 0 && item.thought != part) sink.on(canon::ReasoningDelta{{kBetweenThoughts}});
  item.thought = std::max<int64_t>(part, 0);
  sink.on(canon::ReasoningDelta{text});
}

Result<void> AnswerReader::arguments(Value event, std::string_view key, bool whole, EventSink& sink) {
  TRY(Text text, text_in(event, key));
  Item& item = find(event, Kind::other);
  if (item.kind != Kind::call && item.kind != Kind::text_call) return {};
  if (!item.done) tell_arguments(item, text, whole, sink);
  return {};
}

// What takes a text has an object around it, and the text is escaped once more inside that.
void AnswerReader::tell_arguments(Item& item, Text text, bool whole, EventSink& sink) {
  if (text.empty() || (whole && item.arguments)) return;
  if (item.kind == Kind::text_call) {
    escaped_.assign(item.arguments ? "" : kTextCallBegin);
    json::escape(text.escaped, escaped_);
    text = {escaped_};
  }
  item.arguments = true;
  sink.on(canon::ToolCallDelta{item.call, text});
}

void AnswerReader::end_arguments(Item& item, EventSink& sink) {
  if (item.kind != Kind::text_call) return;
  if (!item.arguments) sink.on(canon::ToolCallDelta{item.call, {kTextCallBegin}});
  item.arguments = true;
  sink.on(canon::ToolCallDelta{item.call, {kTextCallEnd}});
}

Result<void> AnswerReader::end(Value response, EventSink& sink) {
  TRY_VOID(start(response, sink));
  Value output = response["output"];
  if (output.present() && !output.is_array()) return odd("output");
  // A whole answer, and a stream of a server that tells all at its end.
  if (items_.empty())
    for (Value value : output) {
      TRY(Item * item, add(static_cast<int64_t>(items_.size()), value, sink));
      TRY_VOID(item_done(*item, value, sink));
    }
  tell_usage(response, sink);
  return stop(response, sink);
}

void AnswerReader::tell_usage(Value response, EventSink& sink) {
  Value usage = response["usage"];
  if (!usage.is_object()) return;
  canon::Usage counted;
  update_usage(counted, usage);
  sink.on(counted);
}

Result<void> AnswerReader::fail_with(Value response, EventSink& sink) {
  tell_usage(response, sink);
  sink.on(canon::Failure{openai::read_reply_error(response["error"])});
  return {};
}

Result<void> AnswerReader::stop(Value response, EventSink& sink) {
  TRY(Text status, text_in(response, "status"));
  Value error = response["error"];
  if (error.present() || status.escaped == "failed" || status.escaped == "cancelled") {
    sink.on(canon::Failure{openai::read_reply_error(error)});
  } else if (status.escaped == "incomplete") {
    Text why = response["incomplete_details"]["reason"].text();
    StopReason reason = StopReason::unknown;
    if (why.escaped == "max_output_tokens") reason = StopReason::length;
    if (why.escaped == "content_filter") reason = StopReason::filtered;
    sink.on(canon::Stop{reason, {}, reason == StopReason::unknown ? why : Text()});
  } else if (status.escaped == "in_progress" || status.escaped == "queued") {
    return fail(Code::malformed_reply, "the provider's answer is not finished");
  } else {  // "completed", or as another server has it
    sink.on(canon::Stop{calls_ ? StopReason::tool_calls : StopReason::end, {}, {}});
  }
  return {};
}

}  // namespace hanse::openai_responses
