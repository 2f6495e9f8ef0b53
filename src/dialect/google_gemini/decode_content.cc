// A client's request, second half: the conversation, from contents down to parts.
#include "base/base64.h"
#include "base/bytes.h"
#include "dialect/google_gemini/decoder.h"
#include "dialect/google_gemini/signature.h"

namespace hanse::google_gemini {

using canon::MediaPart;
using canon::Part;
using canon::ReasoningPart;
using canon::Role;
using canon::Text;
using json::Value;

struct RequestDecoder::PartFields {
  Value text, thought, signature;
};

namespace {

MediaPart::Kind kind_of(Text mime_type) {
  auto begins = [&](std::string_view with) {
    return equal_ignoring_case(mime_type.escaped.substr(0, with.size()), with);
  };
  if (begins("image/")) return MediaPart::Kind::image;
  if (begins("audio/")) return MediaPart::Kind::audio;
  return begins("video/") ? MediaPart::Kind::video : MediaPart::Kind::document;
}

// The alphabet that everybody else demands: Google's Python SDK writes that for URLs.
Text plain_base64(Text data, Arena& arena) {
  std::string_view from = data.escaped;
  if (find_byte(from, '-', 0) == kNotFound && find_byte(from, '_', 0) == kNotFound && from.size() % 4 == 0)
    return data;
  char* out = arena.take(from.size() + 3);
  size_t size = 0;
  for (char c : from) out[size++] = c == '-' ? '+' : c == '_' ? '/' : c;
  while (size % 4 != 0) out[size++] = '=';
  arena.trim(out + size);
  return {{out, size}};
}

// The one member of a result that is only wrapped, because it must be an object.
Value wrapped(Value response, std::string_view key) {
  if (response.size() != 1) return {};
  Value only = *response.begin();
  return only.key().escaped == key && only.is_string() ? only : Value();
}

}  // namespace

Result<void> RequestDecoder::system(Value content) {
  const Place at{nullptr, "systemInstruction"};
  if (!content.present()) return {};
  if (!content.is_object()) return wanted(at, "an object", content);
  auto [role, list] = read_fields<2>(content, {"role", "parts"}, request_.arena,
                                     [&](Value other) { extra(other, at[other.key().escaped]); });
  request_.turns.emplace_back().role = Role::system;
  TRY_VOID(parts(list, at["parts"]));
  for (const Part& part : here())
    if (!part.as<canon::TextPart>()) return refuse(at["parts"][part.at], "wanted text only");
  if (here().empty()) request_.turns.pop_back();
  return {};
}

Result<void> RequestDecoder::contents(Value list) {
  const Place at{nullptr, "contents"};
  if (!list.is_array()) return wanted(at, "an array", list);
  if (list.size() == 0) return refuse(at, "at least one content is required");
  request_.turns.reserve(request_.turns.size() + list.size());
  size_t index = 0;
  for (Value each : list) TRY_VOID(content(each, at[index++]));
  close_thought();
  return {};
}

Result<void> RequestDecoder::content(Value content, const Place& at) {
  if (!content.is_object()) return wanted(at, "an object", content);
  auto [role_field, list] = members<2>(content, at, {"role", "parts"});
  TRY(Text role, want_text_or_nothing(role_field, at["role"]));
  canon::Turn& turn = request_.turns.emplace_back();
  turn.at = static_cast<uint32_t>(at.index);
  if (role.escaped == "model")
    turn.role = Role::assistant;
  else if (!role.empty() && role.escaped != "user" && role.escaped != "function")
    return unknown_word(at["role"], role, "user, model");
  return parts(list, at["parts"]);
}

Result<void> RequestDecoder::parts(Value list, const Place& at) {
  if (!list.present()) return {};
  if (!list.is_array()) return wanted(at, "an array", list);
  here().reserve(list.size());
  size_t index = 0;
  for (Value each : list) TRY_VOID(part(each, at[index++]));
  return {};
}

Result<void> RequestDecoder::part(Value part, const Place& at) {
  if (!part.is_object()) return wanted(at, "an object", part);
  auto [text_field, thinks, signature_field, inline_field, file_field, call_field, result_field, resolution] =
      members<8>(part, at,
                 {"text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall",
                  "functionResponse", "mediaResolution"});
  const bool answers = request_.turns.back().role == Role::assistant;
  if (call_field.present()) {
    if (!answers) return refuse(at["functionCall"], "belongs in contents of the model");
    TRY(Text signed_by, want_text_or_nothing(signature_field, at["thoughtSignature"]));
    if (!signed_by.empty()) signature(signed_by, kOnCall, at);
    return call(call_field, at);
  }
  if (result_field.present()) {
    if (answers) return refuse(at["functionResponse"], "belongs in contents of the user");
    return result(result_field, at);
  }
  if (inline_field.present()) {
    TRY(MediaPart shown, inline_data(inline_field, at["inlineData"]));
    return media(shown, resolution, at);
  }
  if (file_field.present()) {
    TRY(MediaPart shown, file_data(file_field, at["fileData"]));
    return media(shown, resolution, at);
  }
  if (resolution.present()) extra(resolution, at["mediaResolution"]);  // a text has none
  return text({text_field, thinks, signature_field}, at);
}

Result<void> RequestDecoder::text(const PartFields& fields, const Place& at) {
  TRY(Text said, want_text_or_nothing(fields.text, at["text"]));
  TRY(Text signed_by, want_text_or_nothing(fields.signature, at["thoughtSignature"]));
  bool thinks = false;
  if (fields.thought.present()) {
    TRY(thinks, want_flag(fields.thought, at["thought"]));
  }
  const bool answers = request_.turns.back().role == Role::assistant;
  if ((thinks || !signed_by.empty()) && !answers)
    return refuse(at, "thoughts belong in contents of the model");
  // The signature of what runs at the vendor's servers is lost with it.
  if (!thinks && fields.text.missing()) return {};
  if (thinks)
    thought(said, at);
  else if (!said.empty())
    add({canon::TextPart{said, {}, {}}}, at);
  if (!signed_by.empty()) signature(signed_by, thinks ? kOnThought : kOnText, at);
  return {};
}

// ---- thoughts

ReasoningPart* RequestDecoder::open_thought() {
  return thought_open_ ? request_.turns[thought_turn_].parts.back().as<ReasoningPart>() : nullptr;
}

// Goes on with the open one, or opens one.
void RequestDecoder::thought(Text text, const Place& at) {
  if (text.empty()) return;
  ReasoningPart* open = open_thought();
  if (!open) {
    add({ReasoningPart{text, {}, {}}}, at);
    thought_open_ = true;
    thought_turn_ = request_.turns.size() - 1;
    return;
  }
  if (thought_.empty()) thought_ = open->text.escaped;
  thought_ += text.escaped;
}

void RequestDecoder::close_thought() {
  if (ReasoningPart* open = open_thought(); open && !thought_.empty())
    open->text = {request_.arena.copy(thought_)};
  thought_open_ = false;
  thought_.clear();
}

// Of the part that comes next (a call) or has come (a text, a thought).
void RequestDecoder::signature(Text signature, std::string_view kind, const Place& at) {
  if (signature.escaped.starts_with(kForeignInBase64))
    if (std::string bytes; append_from_base64(plain_base64(signature, request_.arena).escaped, bytes)) {
      const std::string_view foreign = bytes;
      const bool redacted = foreign.starts_with(kForeignRedacted);
      if (redacted || foreign.starts_with(kForeign))
        return foreign_signature(foreign.substr(kForeign.size()), redacted, at);
    }
  char* out = request_.arena.take(kind.size() + signature.escaped.size());
  std::copy(kind.begin(), kind.end(), out);
  std::copy(signature.escaped.begin(), signature.escaped.end(), out + kind.size());
  const Text carried{{out, kind.size() + signature.escaped.size()}};
  ReasoningPart* open = kind == kOnText ? nullptr : open_thought();
  if (open)
    open->signature = carried;
  else
    add({ReasoningPart{{}, carried, {}}}, at);
  close_thought();
}

// What this dialect's encoder of answers made of another maker's.
void RequestDecoder::foreign_signature(std::string_view proof, bool redacted, const Place& at) {
  const Text carried = json::escape(request_.arena.copy(proof), request_.arena);
  ReasoningPart* open = redacted ? nullptr : open_thought();
  if (open)
    open->signature = carried;
  else
    add({redacted ? ReasoningPart{{}, {}, carried} : ReasoningPart{{}, carried, {}}}, at);
  close_thought();
}

// ---- media

Result<MediaPart> RequestDecoder::inline_data(Value data, const Place& at) {
  if (!data.is_object()) return wanted(at, "an object", data);
  auto [type, bytes, name] = members<3>(data, at, {"mimeType", "data", "displayName"});
  MediaPart out;
  TRY(out.media_type, want_text(type, at["mimeType"]));
  TRY(Text text, want_text(bytes, at["data"]));
  TRY(out.name, want_text_or_nothing(name, at["displayName"]));
  if (text.empty()) return refuse(at["data"], "wanted bytes in base64, got an empty string");
  out.kind = kind_of(out.media_type);
  out.data = plain_base64(text, request_.arena);
  return out;
}

Result<MediaPart> RequestDecoder::file_data(Value data, const Place& at) {
  if (!data.is_object()) return wanted(at, "an object", data);
  auto [type, uri, name] = members<3>(data, at, {"mimeType", "fileUri", "displayName"});
  MediaPart out;
  TRY(out.media_type, want_text_or_nothing(type, at["mimeType"]));
  TRY(Text address, want_text(uri, at["fileUri"]));
  TRY(out.name, want_text_or_nothing(name, at["displayName"]));
  if (address.empty()) return refuse(at["fileUri"], "wanted an address, got an empty string");
  out.kind = kind_of(out.media_type);
  // An uploaded file, which nobody else can read.
  const bool file = address.escaped.starts_with("files/") || address.escaped.starts_with("gs:") ||
                    address.escaped.find("/v1beta/files/") != kNotFound;
  (file ? out.file_id : out.url) = address;
  return out;
}

Result<void> RequestDecoder::media(MediaPart media, Value resolution, const Place& at) {
  std::string_view level =
      resolution.is_string() ? resolution.text().escaped : field(resolution, "level").text().escaped;
  if (level == "MEDIA_RESOLUTION_LOW")
    media.detail = {"low"};
  else if (level == "MEDIA_RESOLUTION_HIGH")
    media.detail = {"high"};
  else
    extra(resolution, at["mediaResolution"]);
  add({media}, at);
  return {};
}

// ---- functions

// The same in each request that tells of the same call.
Text RequestDecoder::minted_id(const Place& at) {
  return {request_.arena.copy("call_" + std::to_string(request_.turns.back().at) + "_" +
                              std::to_string(at.index))};
}

Result<void> RequestDecoder::call(Value call, const Place& at) {
  const Place here = at["functionCall"];
  if (!call.is_object()) return wanted(here, "an object", call);
  auto [id, name, args] = members<3>(call, here, {"id", "name", "args"});
  canon::ToolCallPart part;
  TRY(part.id, want_text_or_nothing(id, here["id"]));
  TRY(part.name, want_text(name, here["name"]));
  if (part.name.empty()) return refuse(here["name"], "wanted a name, got an empty string");
  if (args.present() && !args.is_object()) return wanted(here["args"], "an object", args);
  part.arguments = args.present() ? args.raw() : canon::Raw{"{}"};
  if (part.id.empty()) part.id = minted_id(at);
  remember(part.id, part.name);
  add({part}, at);
  return {};
}

void RequestDecoder::remember(Text id, Text name) {
  const size_t number = calls_.size();
  calls_.push_back({id});
  call_of_id_[plain(id)] = number;
  Named& named = calls_of_name_[plain(name)];
  if (named.first == SIZE_MAX)
    named.first = number;
  else
    calls_[named.last].next = number;
  named.last = number;
}

// By id; else by name, in the order of the calls. Empty when nobody called.
Text RequestDecoder::call_of(Text id, Text name) {
  if (auto known = call_of_id_.find(plain(id)); !id.empty() && known != call_of_id_.end()) {
    calls_[known->second].answered = true;
    return id;
  }
  auto named = calls_of_name_.find(plain(name));
  if (named == calls_of_name_.end()) return {};
  size_t& first = named->second.first;
  while (first != SIZE_MAX && calls_[first].answered) first = calls_[first].next;
  if (first == SIZE_MAX) return {};
  calls_[first].answered = true;
  return calls_[first].id;
}

Result<void> RequestDecoder::result(Value result, const Place& at) {
  const Place here = at["functionResponse"];
  if (!result.is_object()) return wanted(here, "an object", result);
  auto [id_field, name_field, answer, media_list] =
      members<4>(result, here, {"id", "name", "response", "parts"});
  TRY(Text id, want_text_or_nothing(id_field, here["id"]));
  TRY(Text name, want_text_or_nothing(name_field, here["name"]));
  if (answer.present() && !answer.is_object()) return wanted(here["response"], "an object", answer);
  canon::ToolResultPart part;
  part.call_id = call_of(id, name);
  if (part.call_id.empty()) part.call_id = id.empty() ? minted_id(at) : id;
  response(answer, part);
  const Place list = here["parts"];
  if (media_list.present() && !media_list.is_array()) return wanted(list, "an array", media_list);
  size_t index = 0;
  for (Value each : media_list) {
    const Place inside = list[index];
    auto [data] = members<1>(each, inside, {"inlineData"});
    if (data.present()) {
      TRY(MediaPart shown, inline_data(data, inside["inlineData"]));
      part.content.push_back({shown, static_cast<uint32_t>(index)});
    }
    ++index;
  }
  add({std::move(part)}, at);
  return {};
}

// Others' results are text: what a tool said is unwrapped, any other object is its JSON.
void RequestDecoder::response(Value response, canon::ToolResultPart& result) {
  if (response.size() == 0) return;
  Value error = wrapped(response, "error"), said = error;
  for (std::string_view key : {"output", "result"})
    if (said.missing()) said = wrapped(response, key);
  result.is_error = error.present();
  const Text text = said.present() ? said.text() : json::escape(response.raw().json, request_.arena);
  if (!text.empty()) result.content.push_back({canon::TextPart{text, {}, {}}});
}

}  // namespace hanse::google_gemini
