#include "dialect/google_gemini/reply_parts.h"

#include "base/base64.h"
#include "dialect/google_gemini/signature.h"

namespace hanse::google_gemini {

using json::Text;

void PartsEncoder::on(const canon::Event& event) {
  if (auto* said = std::get_if<canon::TextDelta>(&event); said && calls_.empty()) {  // nearly every event
    if (!said->text.empty()) text(said->text, false);
    return;
  }
  std::visit([this](const auto& each) { take(each); }, event);
}

void PartsEncoder::take(const canon::Start& start) {
  model_ = start.model.escaped;
  id_ = start.id.escaped;
  if (id_.empty()) json::escape(shape_.request_id, id_);
  begin(start);
}

void PartsEncoder::write_names(json::Writer& to) const {
  to.key("modelVersion").text({model_}).key("responseId").text({id_});
}

void PartsEncoder::take(const canon::TextDelta& said) {
  release_whole_calls();
  if (!said.text.empty()) text(said.text, false);
}

void PartsEncoder::take(const canon::RefusalDelta& said) {
  refused_ = true;
  take(canon::TextDelta{said.text});
}

void PartsEncoder::take(const canon::ReasoningDelta& thought) {
  if (!shape_.echo_reasoning || thought.text.empty()) return;
  release_whole_calls();
  text(thought.text, true);
}

// ---- signatures

void PartsEncoder::take(const canon::ReasoningSignature& signed_by) {
  std::string_view signature = signed_by.signature.escaped;
  if (signature.starts_with(kOnCall)) {
    call_signature_ = signature.substr(kOnCall.size());
    return;
  }
  release_whole_calls();
  if (signature.starts_with(kOnThought))
    proof({signature.substr(kOnThought.size())}, true);
  else if (signature.starts_with(kOnText))
    proof({signature.substr(kOnText.size())}, false);
  else if (shape_.echo_reasoning)
    foreign_proof(kForeign, signed_by.signature);
}

void PartsEncoder::take(const canon::RedactedReasoning& redacted) {
  if (!shape_.echo_reasoning) return;
  release_whole_calls();
  foreign_proof(kForeignRedacted, redacted.data);
}

void PartsEncoder::proof(Text signature, bool thought) {
  std::string json;
  json::Writer writer(json);
  writer.object().key("text").string("");
  if (thought) writer.key("thought").boolean(true);
  writer.key("thoughtSignature").text(signature).end_object();
  part(json);
}

void PartsEncoder::foreign_proof(std::string_view mark, Text proof) {
  std::string bytes(mark), in_base64;
  bytes += json::unescape(proof);
  append_base64(bytes, in_base64);
  this->proof({in_base64}, true);
}

// ---- calls

void PartsEncoder::take(const canon::ToolCallStart& call) {
  Call waiting{call.call, std::string(call.id.escaped), std::string(call.name.escaped), {}, {}};
  if (waiting.id.empty()) {
    waiting.id = "call_";
    json::escape(shape_.request_id, waiting.id);
    waiting.id.append(1, '_').append(std::to_string(call.call));
  }
  waiting.signature = std::exchange(call_signature_, {});
  calls_.push_back(std::move(waiting));
}

void PartsEncoder::take(const canon::ToolCallDelta& piece) {
  for (size_t i = calls_.size(); i-- > 0;)
    if (calls_[i].number == piece.call) {
      calls_[i].arguments += piece.fragment.escaped;
      return;
    }
}

// Before something else comes, so that all stay in order; what is not whole goes on waiting.
void PartsEncoder::release_whole_calls() {
  if (calls_.empty() || releases_ == kReleasesMax) return;
  ++releases_;
  size_t released = 0;
  while (released < calls_.size() && release(calls_[released], false)) ++released;
  calls_.erase(calls_.begin(), calls_.begin() + static_cast<std::ptrdiff_t>(released));
}

// Whether the call was told, or, as the `last` word, can't be.
bool PartsEncoder::release(const Call& call, bool last) {
  constexpr int kDepthMax = 100;
  std::string arguments = json::unescape({call.arguments});
  const bool blank = arguments.find_first_not_of(" \t\r\n") == std::string::npos;
  if (blank && !last) return false;
  json::Document document;
  auto root = document.parse(blank ? std::string_view("{}") : std::string_view(arguments), kDepthMax);
  if (!root || !root->is_object()) {
    if (last) malformed_.append(malformed_.empty() ? "" : ", ").append(call.name);
    return last;
  }
  std::string json;
  json::Writer writer(json);
  writer.object().key("functionCall").object().key("id").text({call.id}).key("name").text({call.name});
  writer.key("args").raw(root->raw()).end_object();
  if (!call.signature.empty()) writer.key("thoughtSignature").text({call.signature});
  writer.end_object();
  part(json);
  return true;
}

// ---- the end

void PartsEncoder::take(const canon::Stop& stop) {
  for (const Call& call : calls_) release(call, true);
  calls_.clear();
  if (!malformed_.empty()) {
    this->stop("MALFORMED_FUNCTION_CALL", "Malformed arguments of function calls: " + malformed_);
    return;
  }
  using enum canon::StopReason;
  const bool filters = refused_ && (stop.reason == end || stop.reason == unknown);
  std::string_view reason = finish_reason(filters ? filtered : stop.reason, stop.original.escaped);
  const bool told = reason == stop.original.escaped;
  this->stop(reason, told ? std::string_view() : stop.original.escaped);
}

void PartsEncoder::take(const canon::Failure& failed) {
  calls_.clear();
  failure(failed.error);
}

}  // namespace hanse::google_gemini
