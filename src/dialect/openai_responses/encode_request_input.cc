// A request for a provider: the conversation, as items. A call must have one result and a result its call: a
// missing one is made up, and one that answers no call is left out.
#include <algorithm>
#include <charconv>

#include "dialect/ids.h"
#include "dialect/openai_responses/encoder.h"
#include "dialect/openai_responses/signature.h"
#include "dialect/openai_responses/spot.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {

using canon::Part;
using canon::Role;
using canon::Text;
using canon::ToolCallPart;
using canon::ToolResultPart;

namespace {

constexpr size_t kIdBytesMax = 64;
constexpr IdRule kIdRule{kIdBytesMax, ""};
constexpr int kDepthMax = 128;
constexpr std::string_view kUnanswered = "Error: this call was not answered.";
constexpr std::string_view kBetweenTexts = "\\n\\n";

void append_text(Text text, std::string& out) {
  if (text.empty()) return;
  if (!out.empty()) out += kBetweenTexts;
  out += text.escaped;
}

// Of a reasoning part: what proves it, empty when nothing does.
Text proof_of(const canon::ReasoningPart& part) {
  return part.redacted.empty() ? part.signature : part.redacted;
}

bool is_item(const Part& part) {
  if (part.as<ToolCallPart>()) return true;
  if (const auto* text = part.as<canon::TextPart>()) return !text->text.empty();
  return part.as<canon::RefusalPart>() != nullptr;
}

// Thoughts belong to the item behind them; without one they are refused.
bool is_followed(const std::vector<Part>& parts, size_t at) {
  return std::any_of(parts.begin() + static_cast<ptrdiff_t>(at) + 1, parts.end(), is_item);
}

// N of "input[N]", else SIZE_MAX.
size_t item_number(std::string_view path) {
  size_t number = SIZE_MAX;
  if (path.starts_with("input[") && is_element(path))
    std::from_chars(path.data() + 6, path.data() + path.size(), number);
  return number;
}

}  // namespace

void RequestEncoder::input() {
  for (size_t turn = 0; turn < request_.turns.size(); ++turn)
    for (const Part& part : request_.turns[turn].parts)
      if (const auto* result = part.as<ToolResultPart>()) answered_[result->call_id.escaped] = turn;
  size_t first = instructions();
  out_.key("input").array();
  for (size_t i = first; i < request_.turns.size(); ++i) turn(i);
  extra_items(SIZE_MAX);
  out_.end_array();
}

// System turns that lead are the instructions, unless nobody says anything else.
size_t RequestEncoder::instructions() {
  auto is_text = [](const Part& part) { return part.as<canon::TextPart>() != nullptr; };
  size_t first = 0;
  while (first < request_.turns.size() && request_.turns[first].role == Role::system &&
         std::all_of(request_.turns[first].parts.begin(), request_.turns[first].parts.end(), is_text))
    ++first;
  if (first == 0 || first == request_.turns.size()) return 0;
  std::string text;
  for (size_t turn = 0; turn < first; ++turn) {
    const canon::Turn& said = request_.turns[turn];
    if (!said.name.empty()) losses_.add(request_.path(turn) + ".name");
    for (size_t i = 0; i < said.parts.size(); ++i) {
      const auto& part = *said.parts[i].as<canon::TextPart>();
      marks(part.cache_control, part.citations, turn, i);
      append_text(part.text, text);
    }
  }
  if (!text.empty()) out_.key("instructions").text(Text{text});
  return first;
}

void RequestEncoder::turn(size_t turn) {
  const canon::Turn& each = request_.turns[turn];
  if (each.at != canon::kAlone) extra_items(each.at);
  if (!each.name.empty()) losses_.add(request_.path(turn) + ".name");
  if (each.role == Role::assistant) return assistant(turn);
  const bool developer = target_.official;  // compatible servers may not know the newer name
  said(each.role == Role::user ? "user" : developer ? "developer" : "system", turn);
}

// Items of a client of this dialect that have no canonical form, where they stood.
void RequestEncoder::extra_items(size_t before) {
  for (; own_ && extra_ < request_.extras.size(); ++extra_) {
    const auto& extra = request_.extras[extra_];
    size_t number = item_number(extra.path);
    if (number == SIZE_MAX) continue;
    if (before != SIZE_MAX && number >= Spot::of(static_cast<uint32_t>(before)).item) return;
    out_.raw(extra.value);
  }
}

void RequestEncoder::said(std::string_view role, size_t turn) {
  content_.clear();
  const auto& parts = request_.turns[turn].parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (const auto* answer = parts[i].as<ToolResultPart>()) {
      result(*answer, turn, i);
      continue;
    }
    if (const auto* text = parts[i].as<canon::TextPart>())
      marks(text->cache_control, text->citations, turn, i);
    if (const auto* media = parts[i].as<canon::MediaPart>()) {
      marks(media->cache_control, media->citations, turn, i);
      if (!media->plain.empty() && !media->name.empty()) lose(turn, i, "title");
    }
    if (!gather(parts[i])) lose(turn, i);
  }
  if (content_.empty()) return;
  begin_item("message");
  out_.key("role").text({role}).key("content");
  content();
  out_.end_object();
}

void RequestEncoder::assistant(size_t turn) {
  const auto& parts = request_.turns[turn].parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    if (const auto* text = part.as<canon::TextPart>()) {
      marks(text->cache_control, text->citations, turn, i);
      if (own_ && !text->cache_control.empty()) lose(turn, i, "prompt_cache_breakpoint");
      text_ += text->text.escaped;
    } else if (const auto* refusal = part.as<canon::RefusalPart>()) {
      append_text(refusal->text, text_);
    } else if (const auto* call = part.as<ToolCallPart>()) {
      marks(call->cache_control, {}, turn, i);
      flush_assistant_text();
      this->call(*call);
    } else if (const auto* thought = part.as<canon::ReasoningPart>();
               thought && origin_of(proof_of(*thought)) == kOwnOrigin && is_followed(parts, i)) {
      flush_assistant_text();
      reasoning_item(*thought);
    } else {
      lose(turn, i);
    }
  }
  flush_assistant_text();
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto* call = parts[i].as<ToolCallPart>();
    if (!call) continue;
    auto last = answered_.find(call->id.escaped);
    if (last != answered_.end() && last->second > turn) continue;
    lose(turn, i);
    made_up_result(*call);
  }
}

void RequestEncoder::flush_assistant_text() {
  if (text_.empty()) return;
  begin_item("message");
  out_.key("role").text({"assistant"}).key("content").text(Text{text_}).end_object();
  text_.clear();
}

void RequestEncoder::reasoning_item(const canon::ReasoningPart& part) {
  Text proof = proof_of(part), id = carried_id(proof);
  std::string carried;
  write_carried(proof, false, carried);
  begin_item("reasoning");
  if (!id.empty()) out_.key("id").text(id);
  out_.key("summary").array();
  if (!part.text.empty())
    out_.object().key("type").text({"summary_text"}).key("text").text(part.text).end_object();
  out_.end_array().key("encrypted_content").text(Text{carried}).end_object();
  thoughts_sent_ = true;
}

void RequestEncoder::call_id(Text id) {
  out_.key("call_id");
  if (!id.empty() && id.escaped.size() <= kIdBytesMax)
    out_.text(id);
  else
    out_.string(legal_id(json::unescape(id), kIdRule));
}

void RequestEncoder::call(const ToolCallPart& call) {
  const canon::Tool* tool = find_tool(&request_, call.name);
  json::Document document;
  json::Value text;
  if (tool && tool->custom)
    if (auto root = document.parse(call.arguments.json, kDepthMax)) text = (*root)["input"];
  const bool custom = tool && tool->custom && text.is_string();
  begin_item(custom ? "custom_tool_call" : "function_call");
  call_id(call.id);
  out_.key("name").text(tool ? name_in_space(*tool) : call.name);
  if (tool && !tool->space.empty()) out_.key("namespace").text(tool->space);
  if (custom)
    out_.key("input").text(text.text());
  else
    out_.key("arguments").string(call.arguments.json);
  out_.end_object();
  OpenCall& open = open_[call.id.escaped];
  open.results++;
  open.custom = custom;
}

void RequestEncoder::made_up_result(const ToolCallPart& call) {
  OpenCall& open = open_[call.id.escaped];
  if (open.results == 0) return;
  open.results--;
  begin_item(open.custom ? "custom_tool_call_output" : "function_call_output");
  call_id(call.id);
  out_.key("output").text({kUnanswered}).end_object();
}

void RequestEncoder::result(const ToolResultPart& result, size_t turn, size_t part) {
  auto open = open_.find(result.call_id.escaped);
  if (open == open_.end() || open->second.results == 0) return lose(turn, part);
  open->second.results--;
  marks(result.cache_control, {}, turn, part);
  begin_item(open->second.custom ? "custom_tool_call_output" : "function_call_output");
  call_id(result.call_id);
  out_.key("output");
  output(result, turn, part);
  out_.end_object();
}

// Texts alone become one string, which every server takes. That a tool failed can be said in words only.
void RequestEncoder::output(const ToolResultPart& result, size_t turn, size_t part) {
  static const Part kError{canon::TextPart{{"Error"}, {}, {}}};
  auto outer = std::move(content_);
  content_.clear();
  std::string text;
  bool shows = false;
  if (result.is_error) content_.push_back(&kError);
  for (const Part& inside : result.content) {
    if (!gather(inside)) losses_.add(request_.path(turn, part, inside));
    if (const auto* said = inside.as<canon::TextPart>()) append_text(said->text, text);
    shows = shows || inside.as<canon::MediaPart>();
  }
  if (shows && !content_.empty()) {
    content();
  } else {
    if (result.is_error) text.insert(0, text.empty() ? "Error" : "Error: ");
    out_.text(Text{text});
  }
  content_ = std::move(outer);
}

}  // namespace hanse::openai_responses
