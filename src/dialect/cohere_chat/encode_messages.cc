// A request for the provider, second half: the conversation. Each call is followed at once by its result: one
// that is missing is made up, and one that answers no call is left out.
#include <set>

#include "dialect/cohere_chat/encoder.h"

namespace hanse::cohere_chat {

using canon::MediaPart;
using canon::Part;
using canon::Role;
using canon::TextPart;
using canon::ToolCallPart;
using canon::ToolResultPart;
using json::Text;

namespace {

constexpr std::string_view kUnanswered = "Error: this call was not answered.";

bool can_say(const MediaPart& media) {
  if (media.kind == MediaPart::Kind::document) return !media.plain.empty();
  return media.kind == MediaPart::Kind::image && (!media.data.empty() || !media.url.empty());
}

}  // namespace

void RequestEncoder::messages() {
  out_.key("messages").array();
  for (size_t turn = 0; turn < request_.turns.size(); ++turn) {
    Role role = request_.turns[turn].role;
    if (role == Role::assistant)
      assistant(turn);
    else
      said(role == Role::system ? "system" : "user", turn);
  }
  out_.end_array();
  report_orphans();
}

// What system or user say, results of tools left aside: those stand behind their calls already.
void RequestEncoder::said(std::string_view role, size_t turn) {
  const auto& parts = request_.turns[turn].parts;
  if (!request_.turns[turn].name.empty()) losses_.add(request_.path(turn) + ".name");
  auto is_said = [](const Part& part) {
    const auto* text = part.as<TextPart>();
    const auto* media = part.as<MediaPart>();
    return (text && !text->text.empty()) || (media && can_say(*media));
  };
  const bool any = std::any_of(parts.begin(), parts.end(), is_said);
  if (any) out_.object().key("role").text({role}).key("content").array();
  for (size_t i = 0; i < parts.size(); ++i) {
    if (is_said(parts[i]))
      say(parts[i], turn, i);
    else if (!parts[i].as<ToolResultPart>() && !parts[i].as<TextPart>())
      lose(turn, i);
  }
  if (any) out_.end_array().end_object();
}

void RequestEncoder::say(const Part& part, size_t turn, size_t index) {
  if (const auto* text = part.as<TextPart>()) {
    lose_marks(turn, index, text->cache_control, text->citations);
    out_.object().key("type").text({"text"}).key("text").text(text->text).end_object();
    return;
  }
  const auto& media = *part.as<MediaPart>();
  lose_marks(turn, index, media.cache_control, media.citations);
  if (!media.name.empty()) losses_.add(request_.path(turn, index) + ".title");
  if (!media.plain.empty()) {
    out_.object().key("type").text({"text"}).key("text").text(media.plain).end_object();
    return;
  }
  out_.object().key("type").text({"image_url"}).key("image_url").object().key("url");
  if (media.data.empty()) {
    out_.text(media.url);
  } else {
    out_.text(Text{"data:"});
    body_.pop_back();
    body_.append(media.media_type.escaped).append(";base64,").append(media.data.escaped).append(1, '"');
  }
  if (!media.detail.empty()) out_.key("detail").text(media.detail);
  out_.end_object().end_object();
}

void RequestEncoder::lose_marks(size_t turn, size_t index, canon::Raw cache_control, canon::Raw citations) {
  if (!cache_control.empty()) losses_.add(request_.path(turn, index) + ".cache_control");
  if (!citations.empty()) losses_.add(request_.path(turn, index) + ".citations");
}

// Reasoning is valid where it was signed only, and never becomes text: it is left out.
void RequestEncoder::assistant(size_t turn) {
  const auto& parts = request_.turns[turn].parts;
  if (!request_.turns[turn].name.empty()) losses_.add(request_.path(turn) + ".name");
  size_t calls = 0;
  text_.clear();
  for (size_t i = 0; i < parts.size(); ++i) {
    if (const auto* text = parts[i].as<TextPart>()) {
      text_ += text->text.escaped;
      lose_marks(turn, i, text->cache_control, text->citations);
    } else if (const auto* refusal = parts[i].as<canon::RefusalPart>()) {
      text_ += refusal->text.escaped;
    } else if (const auto* call = parts[i].as<ToolCallPart>()) {
      ++calls;
      lose_marks(turn, i, call->cache_control, {});
    } else {
      lose(turn, i);
    }
  }
  if (text_.empty() && calls == 0) return;
  out_.object().key("role").text({"assistant"});
  // What is said before a call is this dialect's plan.
  if (!text_.empty()) out_.key(calls ? "tool_plan" : "content").text(Text{text_});
  if (calls) tool_calls(turn);
  out_.end_object();
  if (calls) answers(turn);
}

void RequestEncoder::tool_calls(size_t turn) {
  out_.key("tool_calls").array();
  for (const Part& part : request_.turns[turn].parts) {
    const auto* call = part.as<ToolCallPart>();
    if (!call) continue;
    out_.object().key("id").text(call->id).key("type").text({"function"}).key("function").object();
    out_.key("name").text(call->name).key("arguments").string(call->arguments.json).end_object().end_object();
  }
  out_.end_array();
}

void RequestEncoder::answers(size_t turn) {
  const auto& parts = request_.turns[turn].parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto* call = parts[i].as<ToolCallPart>();
    if (!call) continue;
    Found found = answer_of(call->id, turn);
    if (!found.result) lose(turn, i);
    out_.object().key("role").text({"tool"}).key("tool_call_id").text(call->id).key("content");
    found.result ? result(found) : static_cast<void>(out_.text(Text{kUnanswered}));
    out_.end_object();
  }
}

// Up to the next assistant turn; the first of several counts.
RequestEncoder::Found RequestEncoder::answer_of(Text id, size_t turn) const {
  for (size_t t = turn + 1; t < request_.turns.size() && request_.turns[t].role != Role::assistant; ++t) {
    const auto& parts = request_.turns[t].parts;
    for (size_t i = 0; i < parts.size(); ++i)
      if (const auto* result = parts[i].as<ToolResultPart>(); result && result->call_id == id)
        return {t, i, result};
  }
  return {0, 0, nullptr};
}

void RequestEncoder::result(const Found& found) {
  text_.clear();
  for (const Part& part : found.result->content) {
    const auto* text = part.as<TextPart>();
    if (!text) {
      losses_.add(request_.path(found.turn, found.part, part));
      continue;
    }
    if (!text_.empty()) text_ += "\\n\\n";
    text_ += text->text.escaped;
  }
  if (!found.result->cache_control.empty())
    losses_.add(request_.path(found.turn, found.part) + ".cache_control");
  // That it failed can be said in words only.
  if (found.result->is_error) text_.insert(0, text_.empty() ? "Error" : "Error: ");
  out_.text(Text{text_});
}

void RequestEncoder::report_orphans() {
  std::set<std::string_view> asked;
  for (size_t turn = 0; turn < request_.turns.size(); ++turn) {
    const auto& parts = request_.turns[turn].parts;
    if (request_.turns[turn].role == Role::assistant) asked.clear();
    for (size_t i = 0; i < parts.size(); ++i) {
      if (const auto* call = parts[i].as<ToolCallPart>()) asked.insert(call->id.escaped);
      const auto* result = parts[i].as<ToolResultPart>();
      if (result && !asked.erase(result->call_id.escaped)) lose(turn, i);
    }
  }
}

}  // namespace hanse::cohere_chat
