// A request for a Gemini model, second half: the conversation. Contents alternate; what the model called is
// answered right behind it, each call once and in the order of the calls, because names tell them apart.
#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "dialect/google_gemini/encoder.h"
#include "dialect/google_gemini/signature.h"

namespace hanse::google_gemini {

using canon::MediaPart;
using canon::Part;
using canon::ReasoningPart;
using canon::Role;
using canon::Text;
using canon::TextPart;
using canon::ToolCallPart;
using canon::ToolResultPart;

namespace {

constexpr std::string_view kUnanswered = "The tool call was not answered.";
constexpr std::string_view kShownBelow = "Shown below.";
constexpr std::string_view kBetweenTexts = "\\n\\n";
// The vendor's word for calls that its newer models have not made, and so not signed; it refuses them else:
// "skip_thought_signature_validator".
constexpr std::string_view kNotSigned = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

struct Ending {
  std::string_view end, type;
};
constexpr Ending kEndings[] = {
    {".png", "image/png"},   {".jpg", "image/jpeg"},  {".jpeg", "image/jpeg"},     {".gif", "image/gif"},
    {".webp", "image/webp"}, {".heic", "image/heic"}, {".pdf", "application/pdf"}, {".txt", "text/plain"},
    {".mp4", "video/mp4"},   {".webm", "video/webm"}, {".mov", "video/quicktime"}, {".mp3", "audio/mpeg"},
    {".wav", "audio/wav"},   {".ogg", "audio/ogg"},   {".flac", "audio/flac"}};

// What the address lets guess; the vendor wants a type with each.
std::string_view type_of_address(std::string_view address, MediaPart::Kind kind) {
  address = address.substr(0, address.find_first_of("?#"));
  for (const Ending& each : kEndings)
    if (address.size() >= each.end.size() &&
        equal_ignoring_case(address.substr(address.size() - each.end.size()), each.end))
      return each.type;
  switch (kind) {
    case MediaPart::Kind::image:
      return "image/jpeg";
    case MediaPart::Kind::audio:
      return "audio/mpeg";
    case MediaPart::Kind::video:
      return "video/mp4";
    case MediaPart::Kind::document:
      break;
  }
  return "application/pdf";
}

// Files are known to the vendor that has them only.
bool is_own_file(std::string_view id) {
  return id.starts_with("files/") || id.starts_with("gs://") || id.find("/v1beta/files/") != kNotFound;
}

// The signature that stands on a part of this kind, without its mark.
Text signature_of(const Part& part, std::string_view kind) {
  const auto* reasoning = part.as<ReasoningPart>();
  if (!reasoning || !reasoning->signature.escaped.starts_with(kind)) return {};
  return {reasoning->signature.escaped.substr(kind.size())};
}

}  // namespace

// ---- contents and parts

// The user whom the dialect wants first, with nothing to say; a recording shows that it is taken.
void RequestEncoder::nobody() {
  out_.object().key("role").string("user").key("parts").array().object().key("text").string("");
  out_.end_object().end_array().end_object();
}

json::Writer& RequestEncoder::part() {
  // Turns in which nothing is said leave no content: the one before them goes on.
  if (in_content_ && models_content_ != model_speaks_) close_content();
  if (!in_content_) {
    if (model_speaks_ && !any_content_) nobody();
    out_.object().key("role").string(model_speaks_ ? "model" : "user").key("parts").array();
    in_content_ = any_content_ = true;
    models_content_ = model_speaks_;
  }
  return out_.object();
}

void RequestEncoder::close_content() {
  if (in_content_) out_.end_array().end_object();
  in_content_ = false;
}

void RequestEncoder::text(Text text, Text signature) {
  if (text.empty() && signature.empty()) return;
  part().key("text").text(text);
  if (!signature.empty()) out_.key("thoughtSignature").text(signature);
  out_.end_object();
}

void RequestEncoder::marks(canon::Raw cache_control, canon::Raw citations, size_t turn, size_t part) {
  if (!cache_control.empty()) losses_.add(request_.path(turn, part) + ".cache_control");
  if (!citations.empty()) losses_.add(request_.path(turn, part) + ".citations");
}

void RequestEncoder::media(const MediaPart& media, const std::string& path) {
  if (!media.detail.empty() && media.detail.escaped != "auto") losses_.add(path + ".image_url.detail");
  if (!media.name.empty()) losses_.add(path + ".title");
  if (!media.plain.empty()) {
    text(media.plain);
    return;
  }
  const Text address = media.url.empty() ? media.file_id : media.url;
  const bool known =
      media.data.empty() ? !media.url.empty() || is_own_file(address.escaped) : !media.media_type.empty();
  if (!known) {
    losses_.add(path);
    return;
  }
  std::string_view type = media.media_type.escaped;
  if (equal_ignoring_case(type, "image/jpg")) type = "image/jpeg";
  if (media.data.empty()) {
    if (type.empty()) type = type_of_address(address.escaped, media.kind);
    part().key("fileData").object().key("mimeType").text({type}).key("fileUri").text(address);
  } else {
    part().key("inlineData").object().key("mimeType").text({type}).key("data").text(media.data);
  }
  out_.end_object().end_object();
}

// ---- the order of things

void RequestEncoder::system() {
  bool any = false;
  for (size_t turn = 0; turn < request_.turns.size(); ++turn) {
    const canon::Turn& said = request_.turns[turn];
    if (!said.name.empty()) losses_.add(request_.path(turn) + ".name");
    if (said.role != Role::system) continue;
    for (size_t i = 0; i < said.parts.size(); ++i) {
      const auto* text = said.parts[i].as<TextPart>();
      if (!text) {
        lose(turn, i);
        continue;
      }
      marks(text->cache_control, text->citations, turn, i);
      if (text->text.empty()) continue;
      if (!std::exchange(any, true)) out_.key("systemInstruction").object().key("parts").array();
      out_.object().key("text").text(text->text).end_object();
    }
  }
  if (any) out_.end_array().end_object();
}

// Behind the last turn of those that follow `begin` with its role; system turns stand elsewhere.
size_t RequestEncoder::end_of_run(size_t begin) const {
  const bool model = request_.turns[begin].role == Role::assistant;
  size_t end = begin + 1;
  for (; end < request_.turns.size(); ++end) {
    const Role role = request_.turns[end].role;
    if (role != Role::system && (role == Role::assistant) != model) break;
  }
  return end;
}

void RequestEncoder::contents() {
  out_.key("contents").array();
  size_t begin = 0;
  while (begin < request_.turns.size()) {
    if (request_.turns[begin].role == Role::system) {
      ++begin;
      continue;
    }
    const size_t end = end_of_run(begin);
    if (request_.turns[begin].role == Role::assistant)
      model_content(begin, end);
    else
      user_content(begin, end);
    begin = end;
  }
  if (!calls_.empty()) user_content(begin, begin);
  close_content();
  if (!any_content_) {
    losses_.add("messages");
    nobody();
  }
  out_.end_array();
}

// ---- what the model said

void RequestEncoder::model_content(size_t begin, size_t end) {
  if (!any_content_) losses_.add(request_.path(begin) + ".role");
  calls_.clear();
  call_signature_ = {};
  model_speaks_ = true;
  for (size_t turn = begin; turn < end; ++turn) {
    if (request_.turns[turn].role == Role::system) continue;
    const auto& parts = request_.turns[turn].parts;
    for (size_t i = 0; i < parts.size(); ++i) model_part(parts, turn, i);
  }
}

void RequestEncoder::model_part(const std::vector<Part>& parts, size_t turn, size_t index) {
  const Part& said = parts[index];
  if (const auto* plain = said.as<TextPart>()) {
    marks(plain->cache_control, plain->citations, turn, index);
    const Text signature = index + 1 < parts.size() ? signature_of(parts[index + 1], kOnText) : Text();
    text_signed_ = !signature.empty() && !plain->text.empty();
    text(plain->text, text_signed_ ? signature : Text());
  } else if (const auto* refusal = said.as<canon::RefusalPart>()) {
    text(refusal->text);
  } else if (const auto* thought = said.as<ReasoningPart>()) {
    reasoning(*thought, turn, index);
  } else if (const auto* made = said.as<ToolCallPart>()) {
    call(*made, turn, index);
  } else if (const auto* shown = said.as<MediaPart>()) {
    media(*shown, request_.path(turn, index));
  } else {
    lose(turn, index);
  }
}

// Its own only. The signature goes to the part that it stands on.
void RequestEncoder::reasoning(const ReasoningPart& thought, size_t turn, size_t index) {
  const Part& part = request_.turns[turn].parts[index];
  const Text on_thought = signature_of(part, kOnThought), on_text = signature_of(part, kOnText),
             on_call = signature_of(part, kOnCall);
  const bool own = !on_thought.empty() || !on_text.empty() || !on_call.empty() ||
                   (is_own(request_) && thought.signature.empty() && thought.redacted.empty());
  if (!own) {
    lose(turn, index);
    return;
  }
  if (!thought.text.empty() || !on_thought.empty()) {
    this->part().key("text").text(thought.text).key("thought").boolean(true);
    if (!on_thought.empty()) out_.key("thoughtSignature").text(on_thought);
    out_.end_object();
  }
  if (!on_call.empty()) call_signature_ = on_call;
  if (!on_text.empty() && !std::exchange(text_signed_, false)) text({}, on_text);
}

void RequestEncoder::call(const ToolCallPart& call, size_t turn, size_t index) {
  marks(call.cache_control, {}, turn, index);
  part().key("functionCall").object();
  if (!call.id.empty()) out_.key("id").text(call.id);
  out_.key("name").text(call.name).key("args");
  out_.raw(call.arguments.empty() ? canon::Raw{"{}"} : call.arguments).end_object();
  // Of calls that were made at once the vendor signs the first.
  if (call_signature_.empty() && calls_.empty()) call_signature_ = {kNotSigned};
  if (!call_signature_.empty()) out_.key("thoughtSignature").text(call_signature_);
  out_.end_object();
  call_signature_ = {};
  calls_.push_back({&call, turn, index});
}

// ---- what the user said, and the tools

void RequestEncoder::user_content(size_t begin, size_t end) {
  model_speaks_ = false;
  gather_answers(begin, end);
  results();
  shown_by_tools();
  for (const Answer& answer : answers_)
    if (!answer.claimed) lose(answer.turn, answer.part);
  for (size_t turn = begin; turn < end; ++turn) {
    if (request_.turns[turn].role == Role::system) continue;
    const auto& parts = request_.turns[turn].parts;
    for (size_t i = 0; i < parts.size(); ++i) user_part(parts[i], turn, i);
  }
  calls_.clear();
}

void RequestEncoder::user_part(const Part& part, size_t turn, size_t index) {
  if (const auto* said = part.as<TextPart>()) {
    marks(said->cache_control, said->citations, turn, index);
    text(said->text);
  } else if (const auto* shown = part.as<MediaPart>()) {
    marks(shown->cache_control, shown->citations, turn, index);
    media(*shown, request_.path(turn, index));
  } else if (!part.as<ToolResultPart>()) {
    lose(turn, index);
  }
}

// The results of the run, sorted for find_answer.
void RequestEncoder::gather_answers(size_t begin, size_t end) {
  answers_.clear();
  for (size_t turn = begin; turn < end; ++turn) {
    const auto& parts = request_.turns[turn].parts;
    for (size_t i = 0; i < parts.size(); ++i)
      if (const auto* result = parts[i].as<ToolResultPart>()) answers_.push_back({result->call_id, turn, i});
  }
  std::sort(answers_.begin(), answers_.end(), [](const Answer& a, const Answer& b) {
    return std::tie(a.id.escaped, a.turn, a.part) < std::tie(b.id.escaped, b.turn, b.part);
  });
}

// The first that nobody has claimed.
RequestEncoder::Answer* RequestEncoder::find_answer(Text id) {
  auto at = std::lower_bound(answers_.begin(), answers_.end(), id,
                             [](const Answer& a, Text wanted) { return a.id.escaped < wanted.escaped; });
  return at != answers_.end() && at->id == id && !at->claimed ? &*at : nullptr;
}

void RequestEncoder::results() {
  in_order_.clear();
  for (const Call& call : calls_) {
    Answer* answer = find_answer(call.call->id);
    if (!answer) lose(call.turn, call.part);
    result(call, answer);
    if (!answer) continue;
    answer->claimed = true;
    in_order_.push_back(answer);
  }
}

void RequestEncoder::result(const Call& call, const Answer* answer) {
  part().key("functionResponse").object();
  if (!call.call->id.empty()) out_.key("id").text(call.call->id);
  out_.key("name").text(call.call->name).key("response");
  if (!answer) {
    out_.object().key("error").string(kUnanswered).end_object().end_object().end_object();
    return;
  }
  const auto& result = *request_.turns[answer->turn].parts[answer->part].as<ToolResultPart>();
  marks(result.cache_control, {}, answer->turn, answer->part);
  bool shown = false;
  result_text(result, *answer, shown);
  if (text_.empty() && shown) text_ = kShownBelow;
  std::string plain;
  if (!result.is_error && text_.starts_with('{')) plain = json::unescape(Text{text_});
  thread_local json::Document document;  // not scratch(): the client's body may be in it
  constexpr int kDepthMax = 64;
  auto object = document.parse(plain, kDepthMax);
  if (object && object->is_object())  // as tools that speak JSON answer
    out_.raw(object->raw());
  else
    out_.object().key(result.is_error ? "error" : "output").text(Text{text_}).end_object();
  out_.end_object().end_object();
}

void RequestEncoder::result_text(const ToolResultPart& result, const Answer& answer, bool& shown) {
  text_.clear();
  for (const Part& inner : result.content) {
    if (const auto* said = inner.as<TextPart>()) {
      if (!text_.empty() && !said->text.empty()) text_ += kBetweenTexts;
      text_ += said->text.escaped;
    } else if (inner.as<MediaPart>()) {
      shown = true;
    } else {
      losses_.add(request_.path(answer.turn, answer.part, inner));
    }
  }
}

// Behind the results: only the newest models take media inside them.
void RequestEncoder::shown_by_tools() {
  for (const Answer* answer : in_order_)
    for (const Part& inner : request_.turns[answer->turn].parts[answer->part].as<ToolResultPart>()->content)
      if (const auto* shown = inner.as<MediaPart>())
        media(*shown, request_.path(answer->turn, answer->part, inner));
}

}  // namespace hanse::google_gemini
