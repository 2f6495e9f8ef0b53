// A request for Converse, second half: the conversation.
#include "base/base64.h"
#include "dialect/bedrock_converse/encoder.h"
#include "dialect/ids.h"

namespace hanse::bedrock_converse {
namespace {

using Kind = canon::MediaPart::Kind;

constexpr std::string_view kNobody = ".";  // what the vendor wants said where the client said nothing
constexpr std::string_view kSilent = "(no output)";
constexpr std::string_view kUnanswered = "The tool call was not answered.";
constexpr IdRule kIdRule{64, ".:"};

bool is_place_in_s3(const canon::MediaPart& media) { return media.file_id.escaped.starts_with("s3://"); }

canon::Text text_of(const canon::Part& part) {
  if (auto* refusal = part.as<canon::RefusalPart>()) return refusal->text;
  return part.as<canon::TextPart>()->text;
}

bool is_document(const Item& item) {
  auto* media = item.part ? item.part->as<canon::MediaPart>() : nullptr;
  return media && media->kind == Kind::document;
}

}  // namespace

// Neither URLs nor files that other vendors keep.
bool can_say(const canon::MediaPart& media) {
  if (media.kind == Kind::document && !is_blank(media.plain)) return true;
  const bool known = !format_of(media.kind, media.media_type.escaped).empty();
  if (is_place_in_s3(media)) return known || media.kind == Kind::document;
  return known && !media.data.empty();
}

void RequestEncoder::system() {
  if (conversation_.system.empty()) return;
  out_.key("system").array();
  for (const Item& each : conversation_.system) item(each, false);
  out_.end_array();
}

void RequestEncoder::messages() {
  out_.key("messages").array();
  for (const Message& each : conversation_.messages) message(each, &each == &conversation_.messages.back());
  out_.end_array();
}

void RequestEncoder::message(const Message& message, bool last) {
  const auto& items = message.items;
  const bool assistant = message.role == canon::Role::assistant;
  out_.object().key("role").text({assistant ? "assistant" : "user"}).key("content").array();
  if (items.empty()) text({kNobody});
  for (const Item& each : items) item(each, last && assistant && &each == &items.back());
  // The vendor refuses a document without a word beside it.
  auto says = [](const Item& each) {
    return each.part && (each.part->as<canon::TextPart>() || each.part->as<canon::RefusalPart>());
  };
  if (std::ranges::any_of(items, is_document) && std::ranges::none_of(items, says)) text({kNobody});
  out_.end_array().end_object();
}

void RequestEncoder::item(const Item& item, bool trim) {
  if (!item.part) return unanswered(item.unanswered);
  const canon::Part& part = *item.part;
  canon::Raw marker;
  if (part.as<canon::TextPart>() || part.as<canon::RefusalPart>())
    text(trim ? trimmed_end(text_of(part)) : text_of(part));
  if (auto* plain = part.as<canon::TextPart>()) {
    marker = plain->cache_control;
    if (!plain->citations.empty()) losses_.add(request_.path(item.turn, item.index) + ".citations");
  } else if (auto* shown = part.as<canon::MediaPart>()) {
    media(*shown);
    marker = shown->cache_control;
  } else if (auto* thought = part.as<canon::ReasoningPart>()) {
    reasoning(*thought);
  } else if (auto* call = part.as<canon::ToolCallPart>()) {
    tool_use(*call);
    marker = call->cache_control;
  } else if (auto* result = part.as<canon::ToolResultPart>()) {
    tool_result(*result, item);
    marker = result->cache_control;
    for (const canon::Part& each : result->content)  // which can hold no marks itself
      if (auto* said = each.as<canon::TextPart>(); said && marker.empty()) marker = said->cache_control;
  }
  if (!marker.empty()) cache_point(marker, request_.path(item.turn, item.index));
}

// Stands behind what others mark.
void RequestEncoder::cache_point(canon::Raw marker, const std::string& owner) {
  if (!caches()) {
    losses_.add(owner + ".cache_control");
    return;
  }
  out_.object().key("cachePoint").object().key("type").text({"default"});
  for (std::string_view ttl : {R"("1h")", R"("5m")"})
    if (marker.json.find(ttl) != std::string_view::npos) out_.key("ttl").raw(ttl);
  out_.end_object().end_object();
}

void RequestEncoder::text(canon::Text text) { out_.object().key("text").text(text).end_object(); }

void RequestEncoder::media(const canon::MediaPart& media) {
  std::string_view format = format_of(media.kind, media.media_type.escaped);
  const bool document = media.kind == Kind::document;
  if (document && !media.plain.empty() && format.empty()) format = "txt";
  // Bytes that say what they are must not be called otherwise.
  if (media.kind == Kind::image)
    if (std::string_view seen = format_of_image(media.data.escaped); !seen.empty()) format = seen;
  out_.object().key(block_name(media.kind)).object();
  if (!format.empty()) out_.key("format").text({format});
  if (document) out_.key("name").string(document_name(media));
  out_.key("source").object();
  source(media);
  out_.end_object();
  if (document && !media.citations.empty()) out_.key("citations").raw(media.citations);
  out_.end_object().end_object();
}

void RequestEncoder::source(const canon::MediaPart& media) {
  if (!media.data.empty()) {
    out_.key("bytes").text(media.data);
  } else if (!media.plain.empty()) {  // as bytes, which all models take
    std::string base64;
    append_base64(json::unescape(media.plain), base64);
    out_.key("bytes").text({base64});
  } else {
    out_.key("s3Location").object().key("uri").text(media.file_id).end_object();
  }
}

// Letters, digits, single spaces, hyphens and brackets, and each name once in a request.
std::string RequestEncoder::document_name(const canon::MediaPart& media) {
  constexpr size_t kNameMax = 200;
  constexpr std::string_view kMore = "-()[]";
  std::string out;
  for (char c : json::unescape(media.name).substr(0, kNameMax - 8)) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (letter || kMore.find(c) != std::string_view::npos)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += c == ' ' ? ' ' : '-';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  if (out.empty()) out = "document";
  const std::string first = out;
  for (int n = 2; !document_names_.insert(out).second; ++n) out = first + " (" + std::to_string(n) + ")";
  return out;
}

void RequestEncoder::reasoning(const canon::ReasoningPart& part) {
  out_.object().key("reasoningContent").object();
  if (!part.redacted.empty())
    out_.key("redactedContent").string(blob_of(part.redacted));
  else
    out_.key("reasoningText")
        .object()
        .key("text")
        .text(part.text)
        .key("signature")
        .text(part.signature)
        .end_object();
  out_.end_object().end_object();
}

void RequestEncoder::tool_id(canon::Text id) {
  bool plain = id.escaped.find('\\') == std::string_view::npos;
  out_.key("toolUseId").string(legal_id(plain ? std::string(id.escaped) : json::unescape(id), kIdRule));
}

void RequestEncoder::tool_use(const canon::ToolCallPart& call) {
  out_.object().key("toolUse").object();
  tool_id(call.id);
  out_.key("name").text(call.name).key("input");
  out_.raw(call.arguments.empty() ? canon::Raw{"{}"} : call.arguments);
  out_.end_object().end_object();
}

void RequestEncoder::tool_result(const canon::ToolResultPart& result, const Item& item) {
  out_.object().key("toolResult").object();
  tool_id(result.call_id);
  out_.key("content").array();
  bool any = false;
  for (const canon::Part& part : result.content) any = inside(part, item) || any;
  if (!any) text({kSilent});  // the vendor refuses blank texts
  out_.end_array();
  if (result.is_error && knows_status())
    out_.key("status").text({"error"});
  else if (result.is_error)
    losses_.add(request_.path(item.turn, item.index) + ".is_error");
  out_.end_object().end_object();
}

// A part of what a tool answered; false when nothing was said.
bool RequestEncoder::inside(const canon::Part& part, const Item& item) {
  auto* shown = part.as<canon::MediaPart>();
  if (auto* said = part.as<canon::TextPart>()) {
    if (is_blank(said->text)) return false;
    text(said->text);
    return true;
  }
  // Sounds have a place in messages only.
  if (!shown || shown->kind == Kind::audio || !can_say(*shown)) {
    losses_.add(request_.path(item.turn, item.index, part));
    return false;
  }
  if (loses_detail(*shown)) losses_.add(request_.path(item.turn, item.index, part) + ".image_url.detail");
  media(*shown);
  return true;
}

void RequestEncoder::unanswered(canon::Text id) {
  out_.object().key("toolResult").object();
  tool_id(id);
  out_.key("content").array();
  text({kUnanswered});
  out_.end_array();
  if (knows_status()) out_.key("status").text({"error"});
  out_.end_object().end_object();
}

}  // namespace hanse::bedrock_converse
