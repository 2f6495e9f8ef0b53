#include "dialect/openai_responses/output_item.h"

#include <charconv>

namespace hanse::openai_responses {

using json::Text;
using json::Writer;

namespace {

constexpr int kDepthMax = 128;

struct PartWords {
  std::string_view added, done, delta, said;  // types of events
  std::string_view list;                      // how its place is called
  std::string_view text;                      // its text, in the event that ends it
};

PartWords words_of(PartKind kind) {
  if (kind == PartKind::summary)
    return {"response.reasoning_summary_part.added",
            "response.reasoning_summary_part.done",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "summary_index",
            "text"};
  if (kind == PartKind::refusal)
    return {"response.content_part.added",
            "response.content_part.done",
            "response.refusal.delta",
            "response.refusal.done",
            "content_index",
            "refusal"};
  return {"response.content_part.added",
          "response.content_part.done",
          "response.output_text.delta",
          "response.output_text.done",
          "content_index",
          "text"};
}

void append_number(std::string& out, int64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

void Frames::begin(std::string_view type) {
  out_.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
  out_.append("\",\"sequence_number\":");
  append_number();
}

void Frames::append_number() { openai_responses::append_number(out_, number_++); }

void OutputItem::call(uint32_t call, std::string call_id, Text name, Text space) {
  call_ = call;
  call_id_ = std::move(call_id);
  name_ = name.escaped;
  space_ = space.escaped;
}

bool OutputItem::arguments_are_whole() const {
  if (!arguments_.ends_with('}')) return false;
  json::Document document;
  std::string plain = json::unescape(Text{arguments_});
  return document.parse(plain, kDepthMax).has_value();
}

void OutputItem::begin(Frames& frames) {
  if (!frames.told()) return;
  tell_item("response.output_item.added", "in_progress", frames);
  if (kind_ == ItemKind::call) learn_delta("response.function_call_arguments.delta", "\"");
}

void OutputItem::begin_part(PartKind part, Frames& frames) {
  end_part(frames);
  open_ = part;
  parts_.push_back({part, {}});
  if (!frames.told()) return;
  const PartWords words = words_of(part);
  tell_part(words.added, false, frames);
  learn_delta(words.delta, part == PartKind::text ? "\",\"logprobs\":[]" : "\"");
}

void OutputItem::learn_delta(std::string_view type, std::string_view behind) {
  delta_head_ = "event: ";
  delta_head_.append(type).append("\ndata: {\"type\":\"").append(type).append("\",\"sequence_number\":");
  delta_middle_.clear();
  write_place(delta_middle_, words_of(open_).list, kind_ == ItemKind::call ? SIZE_MAX : parts_.size() - 1);
  delta_middle_ += ",\"delta\":\"";
  delta_end_.assign(behind).append("}\n\n");
}

void OutputItem::add(Text text, Frames& frames) {
  const bool call = kind_ == ItemKind::call || kind_ == ItemKind::text_call;
  (call ? arguments_ : parts_.back().text).append(text.escaped);
  // The text inside an object is told when the object is whole.
  if (!frames.told() || kind_ == ItemKind::text_call) return;
  frames.out().append(delta_head_);
  frames.append_number();
  frames.out().append(delta_middle_).append(text.escaped).append(delta_end_);
}

// ,"item_id":...,"output_index":...[,"content_index":...]
void OutputItem::write_place(std::string& out, std::string_view list, size_t part) const {
  out.append(",\"item_id\":\"").append(id_).append("\",\"output_index\":");
  append_number(out, static_cast<int64_t>(number_));
  if (part == SIZE_MAX) return;
  out.append(",\"").append(list).append("\":");
  append_number(out, static_cast<int64_t>(part));
}

void OutputItem::write_part(Writer& out, const Part& part) const {
  out.object().key("type");
  if (part.kind == PartKind::refusal) {
    out.text({"refusal"}).key("refusal").text(Text{part.text}).end_object();
    return;
  }
  if (part.kind == PartKind::text)
    out.text({"output_text"}).key("annotations").array().end_array().key("logprobs").array().end_array();
  else
    out.text({"summary_text"});
  out.key("text").text(Text{part.text}).end_object();
}

void OutputItem::tell_part(std::string_view type, bool whole, Frames& frames) const {
  const Part& part = parts_.back();
  frames.begin(type);
  write_place(frames.out(), words_of(part.kind).list, parts_.size() - 1);
  frames.out() += ",\"part\":";
  Writer out(frames.out());
  write_part(out, whole ? part : Part{part.kind, {}});
  frames.end();
}

void OutputItem::end_part(Frames& frames) {
  if (open_ == PartKind::none) return;
  const PartWords words = words_of(open_);
  open_ = PartKind::none;
  if (!frames.told()) return;
  const Part& part = parts_.back();
  frames.begin(words.said);
  write_place(frames.out(), words.list, parts_.size() - 1);
  frames.out().append(",\"").append(words.text).append("\":\"").append(part.text).append(1, '"');
  if (part.kind == PartKind::text) frames.out() += ",\"logprobs\":[]";
  frames.end();
  tell_part(words.done, true, frames);
}

void OutputItem::end(std::string_view status, Frames& frames) {
  if (!status_.empty()) return;
  end_part(frames);
  if (kind_ == ItemKind::call || kind_ == ItemKind::text_call) end_call(frames);
  status_ = status;
  if (frames.told()) tell_item("response.output_item.done", status, frames);
}

// Clients parse the arguments, so calls that take none need an object too.
void OutputItem::end_call(Frames& frames) {
  if (arguments_.empty()) add({"{}"}, frames);
  if (!frames.told()) return;
  std::string& out = frames.out();
  if (kind_ == ItemKind::call) {
    frames.begin("response.function_call_arguments.done");
    write_place(out, {}, SIZE_MAX);
    out.append(",\"name\":\"").append(name_).append("\",\"arguments\":\"").append(arguments_).append(1, '"');
    frames.end();
    return;
  }
  const std::string text = input();
  for (auto [type, key] : {std::pair("response.custom_tool_call_input.delta", ",\"delta\":\""),
                           std::pair("response.custom_tool_call_input.done", ",\"input\":\"")}) {
    frames.begin(type);
    write_place(out, {}, SIZE_MAX);
    out.append(key).append(text).append(1, '"');
    frames.end();
  }
}

// The text of a tool that takes one: "input" of its arguments, and all of them when they are another thing.
std::string OutputItem::input() const {
  json::Document document;
  std::string plain = json::unescape(Text{arguments_});
  auto root = document.parse(plain, kDepthMax);
  if (!root) return arguments_;
  if (!(*root)["input"].is_string()) return root->is_object() && root->size() == 0 ? "" : arguments_;
  return std::string((*root)["input"].text().escaped);
}

void OutputItem::tell_item(std::string_view type, std::string_view status, Frames& frames) const {
  frames.begin(type);
  frames.out() += ",\"output_index\":";
  append_number(frames.out(), static_cast<int64_t>(number_));
  frames.out() += ",\"item\":";
  write(frames.out(), status);
  frames.end();
}

void OutputItem::write(std::string& out, std::string_view status) const {
  Writer w(out);
  if (!status_.empty()) status = status_;
  w.object().key("id").text(Text{id_}).key("type");
  if (kind_ == ItemKind::thought) {
    w.text({"reasoning"}).key("summary").array();
    for (const Part& part : parts_) write_part(w, part);
    w.end_array();
    if (!proof_.empty()) w.key("encrypted_content").text(Text{proof_});
  } else if (kind_ == ItemKind::message) {
    w.text({"message"}).key("status").text({status}).key("content").array();
    for (const Part& part : parts_) write_part(w, part);
    w.end_array().key("role").text({"assistant"});
  } else {
    const bool call = kind_ == ItemKind::call;
    w.text({call ? "function_call" : "custom_tool_call"}).key("status").text({status});
    w.key("call_id").text(Text{call_id_}).key("name").text(Text{name_});
    if (!space_.empty()) w.key("namespace").text(Text{space_});
    if (call)
      w.key("arguments").text(Text{arguments_});
    else
      w.key("input").text(Text{input()});
  }
  w.end_object();
}

}  // namespace hanse::openai_responses
