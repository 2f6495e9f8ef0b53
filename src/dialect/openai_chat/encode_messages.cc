// A request for a provider, second half: the conversation. Each call is followed at once by one tool message,
// as the vendor demands: results are fetched from where the client put them, a missing one is made up, and
// one that answers no call is left out.
#include <algorithm>
#include <tuple>

#include "dialect/ids.h"
#include "dialect/openai_chat/encoder.h"

namespace hanse::openai_chat {

using canon::MediaPart;
using canon::Part;
using canon::Role;
using canon::Text;
using canon::ToolCallPart;
using canon::ToolResultPart;

namespace {

constexpr size_t kIdBytesMax = 64;
constexpr IdRule kIdRule{kIdBytesMax, ""};
constexpr std::string_view kUnanswered = "Error: this call was not answered.";
constexpr std::string_view kShownBelow = "(attached to the next message)";
constexpr std::string_view kBetweenTexts = "\\n\\n";

// "wav" or "mp3", the only two that the vendor takes; empty for others.
std::string_view audio_format(Text media_type) {
  std::string_view type = media_type.escaped;
  if (type == "audio/wav" || type == "audio/x-wav" || type == "audio/wave") return "wav";
  if (type == "audio/mpeg" || type == "audio/mp3") return "mp3";
  return {};
}

// Files that only another provider has, URLs of documents and all video have no place here.
bool can_say(const MediaPart& media) {
  switch (media.kind) {
    case MediaPart::Kind::image:
      return !media.data.empty() || !media.url.empty();
    case MediaPart::Kind::audio:
      return !media.data.empty() && !audio_format(media.media_type).empty();
    case MediaPart::Kind::document:
      return !media.data.empty() || !media.plain.empty();
    case MediaPart::Kind::video:
      return false;
  }
  return false;
}

void append_text(Text text, std::string& out) {
  if (text.empty()) return;
  if (!out.empty()) out += kBetweenTexts;
  out += text.escaped;
}

}  // namespace

void RequestEncoder::lose(size_t turn, size_t part, std::string_view field) {
  std::string path = request_.path(turn, part);
  if (!field.empty()) path.append(1, '.').append(field);
  losses_.add(std::move(path));
}

void RequestEncoder::marks(canon::Raw cache_control, canon::Raw citations, size_t turn, size_t part) {
  if (!cache_control.empty()) lose(turn, part, "cache_control");
  if (!citations.empty()) lose(turn, part, "citations");
}

void RequestEncoder::messages() {
  out_.key("messages").array();
  gather_answers(0);
  report_unclaimed();
  for (size_t turn = 0; turn < request_.turns.size(); ++turn) {
    Role role = request_.turns[turn].role;
    if (role == Role::assistant)
      assistant(turn);
    else
      said(role == Role::system ? "system" : "user", turn);
  }
  out_.end_array();
}

// What system or user say, results of tools left aside: those stand behind their calls already.
void RequestEncoder::said(std::string_view role, size_t turn) {
  content_.clear();
  const canon::Turn& said = request_.turns[turn];
  for (size_t i = 0; i < said.parts.size(); ++i) gather_said(said.parts[i], turn, i);
  if (content_.empty()) return;
  out_.object().key("role").text({role});
  if (!said.name.empty()) out_.key("name").text(said.name);
  out_.key("content");
  content();
  out_.end_object();
}

void RequestEncoder::gather_said(const Part& part, size_t turn, size_t index) {
  if (const auto* text = part.as<canon::TextPart>()) {
    marks(text->cache_control, text->citations, turn, index);
    if (!text->text.empty()) content_.push_back(&part);
  } else if (const auto* media = part.as<MediaPart>()) {
    marks(media->cache_control, media->citations, turn, index);
    if (!media->plain.empty() && !media->name.empty()) lose(turn, index, "title");
    can_say(*media) ? content_.push_back(&part) : lose(turn, index);
  } else if (const auto* result = part.as<ToolResultPart>()) {
    // A tool message holds text only: what a tool shows is shown by the user.
    const Answer* answer = find_answer(result->call_id, true);
    if (!answer || answer->turn != turn || answer->part != index) return;
    for (const Part& inner : result->content)
      if (const auto* shown = inner.as<MediaPart>())
        can_say(*shown) ? content_.push_back(&inner) : losses_.add(request_.path(turn, index, inner));
  } else {
    lose(turn, index);
  }
}

// Texts alone become one string, which every server takes; media need the array.
void RequestEncoder::content() {
  auto is_text = [](const Part* part) { return part->as<canon::TextPart>() != nullptr; };
  if (content_.size() == 1 && is_text(content_.front())) {
    out_.text(content_.front()->as<canon::TextPart>()->text);
    return;
  }
  if (std::all_of(content_.begin(), content_.end(), is_text)) {
    text_.clear();
    for (const Part* part : content_) append_text(part->as<canon::TextPart>()->text, text_);
    out_.text(Text{text_});
    return;
  }
  out_.array();
  for (const Part* part : content_) {
    out_.object().key("type");
    if (const auto* text = part->as<canon::TextPart>())
      out_.text({"text"}).key("text").text(text->text);
    else
      media(*part->as<MediaPart>());
    out_.end_object();
  }
  out_.end_array();
}

void RequestEncoder::media(const MediaPart& media) {
  if (media.kind == MediaPart::Kind::document) return document(media);
  if (media.kind == MediaPart::Kind::audio) {
    out_.text({"input_audio"}).key("input_audio").object().key("data").text(media.data);
    out_.key("format").text({audio_format(media.media_type)}).end_object();
    return;
  }
  out_.text({"image_url"}).key("image_url").object().key("url");
  if (media.data.empty()) {
    out_.text(media.url);
  } else {
    out_.text(Text{"data:"});
    body_.pop_back();
    body_.append(media.media_type.escaped).append(";base64,").append(media.data.escaped).append(1, '"');
  }
  if (!media.detail.empty()) out_.key("detail").text(media.detail);
  out_.end_object();
}

void RequestEncoder::document(const MediaPart& media) {
  if (!media.plain.empty()) {
    out_.text({"text"}).key("text").text(media.plain);
    return;
  }
  out_.text({"file"}).key("file").object();
  out_.key("filename").text(media.name.empty() ? Text{"document.pdf"} : media.name);
  std::string_view type = media.media_type.empty() ? "application/pdf" : media.media_type.escaped;
  out_.key("file_data").text(Text{"data:"});
  body_.pop_back();
  body_.append(type).append(";base64,").append(media.data.escaped).append(1, '"');
  out_.end_object();
}

// Reasoning is valid where it was signed only, and never becomes text: it is left out.
void RequestEncoder::assistant(size_t turn) {
  size_t calls = 0;
  text_.clear();
  for (const Part& part : request_.turns[turn].parts) calls += part.as<ToolCallPart>() ? 1 : 0;
  assistant_text(turn);
  if (calls || !text_.empty()) {
    out_.object().key("role").text({"assistant"});
    if (!request_.turns[turn].name.empty()) out_.key("name").text(request_.turns[turn].name);
    out_.key("content");
    text_.empty() ? out_.null() : out_.text(Text{text_});
    if (calls) tool_calls(turn);
    out_.end_object();
  }
  // Several assistant turns in a row have made their calls together.
  if (turn == 0 || request_.turns[turn - 1].role != Role::assistant) gather_answers(turn + 1);
  if (calls) tool_messages(turn);
  if (turn + 1 == request_.turns.size() || request_.turns[turn + 1].role != Role::assistant)
    report_unclaimed();
}

void RequestEncoder::assistant_text(size_t turn) {
  const auto& parts = request_.turns[turn].parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (const auto* text = parts[i].as<canon::TextPart>()) {
      text_ += text->text.escaped;
      marks(text->cache_control, text->citations, turn, i);
    } else if (const auto* refusal = parts[i].as<canon::RefusalPart>()) {
      append_text(refusal->text, text_);
    } else if (const auto* call = parts[i].as<ToolCallPart>()) {
      marks(call->cache_control, {}, turn, i);
    } else {
      lose(turn, i);
    }
  }
}

void RequestEncoder::tool_calls(size_t turn) {
  out_.key("tool_calls").array();
  for (const Part& part : request_.turns[turn].parts) {
    const auto* call = part.as<ToolCallPart>();
    if (!call) continue;
    out_.object().key("id");
    call_id(call->id);
    out_.key("type").text({"function"}).key("function").object().key("name").text(call->name);
    out_.key("arguments").string(call->arguments.json).end_object().end_object();
  }
  out_.end_array();
}

void RequestEncoder::call_id(Text id) {
  if (!id.empty() && id.escaped.size() <= kIdBytesMax)
    out_.text(id);
  else
    out_.string(legal_id(json::unescape(id), kIdRule));
}

// The results up to the next assistant turn, sorted for find_answer. `from` may lie in a run of such turns.
void RequestEncoder::gather_answers(size_t from) {
  answers_.clear();
  while (from > 0 && from < request_.turns.size() && request_.turns[from].role == Role::assistant) ++from;
  for (size_t turn = from; turn < request_.turns.size(); ++turn) {
    if (request_.turns[turn].role == Role::assistant) break;
    const auto& parts = request_.turns[turn].parts;
    for (size_t i = 0; i < parts.size(); ++i)
      if (const auto* result = parts[i].as<ToolResultPart>()) answers_.push_back({result->call_id, turn, i});
  }
  if (answers_.size() < 2) return;
  std::sort(answers_.begin(), answers_.end(), [](const Answer& a, const Answer& b) {
    return std::tie(a.id.escaped, a.turn, a.part) < std::tie(b.id.escaped, b.turn, b.part);
  });
}

// Of several results with one id only the first counts.
RequestEncoder::Answer* RequestEncoder::find_answer(Text id, bool claimed) {
  auto at = std::lower_bound(answers_.begin(), answers_.end(), id,
                             [](const Answer& a, Text wanted) { return a.id.escaped < wanted.escaped; });
  bool found = at != answers_.end() && at->id == id && at->claimed == claimed;
  return found ? &*at : nullptr;
}

void RequestEncoder::tool_messages(size_t turn) {
  const auto& parts = request_.turns[turn].parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto* call = parts[i].as<ToolCallPart>();
    if (!call) continue;
    Answer* answer = find_answer(call->id, false);
    if (!answer) lose(turn, i);
    tool_message(call->id, answer);
    if (answer) answer->claimed = true;
  }
}

void RequestEncoder::tool_message(Text id, const Answer* answer) {
  out_.object().key("role").text({"tool"}).key("tool_call_id");
  call_id(id);
  out_.key("content");
  if (!answer) {
    out_.text({kUnanswered}).end_object();
    return;
  }
  const auto& result = *request_.turns[answer->turn].parts[answer->part].as<ToolResultPart>();
  marks(result.cache_control, {}, answer->turn, answer->part);
  text_.clear();
  bool shown = false;
  for (const Part& part : result.content) {
    if (const auto* text = part.as<canon::TextPart>())
      append_text(text->text, text_);
    else if (const auto* media = part.as<MediaPart>())
      shown = shown || can_say(*media);
    else
      losses_.add(request_.path(answer->turn, answer->part, part));
  }
  if (text_.empty() && shown) text_ = kShownBelow;
  // That it failed can be said in words only.
  if (result.is_error) text_.insert(0, text_.empty() ? "Error" : "Error: ");
  out_.text(Text{text_}).end_object();
}

void RequestEncoder::report_unclaimed() {
  for (const Answer& answer : answers_)
    if (!answer.claimed) lose(answer.turn, answer.part);
}

}  // namespace hanse::openai_chat
