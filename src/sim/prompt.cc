#include "sim/prompt.h"

#include "base/bytes.h"
#include "sim/tokens.h"

namespace hanse::sim {
namespace {

constexpr int64_t kTokensOfAnAttachment = 256;
constexpr std::string_view kBlank = " \t\r\n";

bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

size_t base64_bytes(std::string_view data) {
  while (!data.empty() && data.back() == '=') data.remove_suffix(1);
  return data.size() * 3 / 4;
}

Attachment read_attachment(const canon::MediaPart& media) {
  Attachment out{media.kind, json::unescape(media.media_type), "", 0};
  if (!media.data.empty())
    out.bytes = base64_bytes(json::unescape(media.data));
  else if (!media.plain.empty())
    out.bytes = json::unescape(media.plain).size();
  else
    out.where = json::unescape(media.url.empty() ? media.file_id : media.url);
  return out;
}

// The prompt as one text, in an order that keeps the prefix of a growing conversation the same.
class Transcript {
 public:
  explicit Transcript(Prompt& prompt) : prompt_(prompt) {}

  void add(const canon::Request& request) {
    text_.append(request.model.escaped).append("\n");
    for (const auto& tool : request.tools) add(tool);
    for (const auto& turn : request.turns) {
      text_.append(turn.role == canon::Role::system ? "system\n"
                   : turn.role == canon::Role::user ? "user\n"
                                                    : "assistant\n");
      for (const auto& part : turn.parts) add(part, turn.role);
    }
  }

  void measure() {
    prompt_.hash = kHashStart;
    std::string_view rest = text_;
    int64_t tokens = 0;
    while (size_t size = next_token(rest)) {
      prompt_.hash = hash_bytes(rest.substr(0, size), prompt_.hash);
      rest.remove_prefix(size);
      ++tokens;
      if (tokens >= Prompt::kPrefixMin && (tokens - Prompt::kPrefixMin) % Prompt::kPrefixStep == 0)
        prompt_.marks.push_back(mixed(prompt_.hash));
    }
    prompt_.tokens = tokens + kTokensOfAnAttachment * static_cast<int64_t>(prompt_.attachments.size());
  }

 private:
  void add(const canon::Tool& tool) {
    note(tool.cache_control);
    for (std::string_view text : {tool.name.escaped, tool.description.escaped, tool.schema.json})
      text_.append(text).append("\n");
  }

  void note(json::Raw cache_control) {
    if (cache_control.empty()) return;
    bool hour = cache_control.json.find("\"1h\"") != std::string_view::npos;
    prompt_.caching = std::max(prompt_.caching, hour ? Prompt::Caching::hour : Prompt::Caching::minutes_5);
  }

  void add(const canon::Part& part, canon::Role role) {
    if (auto* text = part.as<canon::TextPart>()) {
      note(text->cache_control);
      std::string plain = json::unescape(text->text);
      if (role == canon::Role::system)
        prompt_.system.append(prompt_.system.empty() ? "" : "\n").append(plain);
      text_.append(plain).append("\n");
    } else if (auto* media = part.as<canon::MediaPart>()) {
      note(media->cache_control);
      prompt_.attachments.push_back(read_attachment(*media));
      text_.append(std::to_string(hash_bytes(media->data.escaped, hash_bytes(media->url.escaped))))
          .append("\n");
    } else if (auto* thought = part.as<canon::ReasoningPart>()) {
      text_.append(thought->text.escaped).append(thought->redacted.escaped).append("\n");
    } else if (auto* refusal = part.as<canon::RefusalPart>()) {
      text_.append(refusal->text.escaped).append("\n");
    } else if (auto* call = part.as<canon::ToolCallPart>()) {
      note(call->cache_control);
      text_.append(call->name.escaped)
          .append(" ")
          .append(call->id.escaped)
          .append(" ")
          .append(call->arguments.json)
          .append("\n");
    } else if (auto* result = part.as<canon::ToolResultPart>()) {
      note(result->cache_control);
      text_.append(result->call_id.escaped).append("\n");
      for (const auto& inner : result->content) add(inner, canon::Role::user);
    }
  }

  Prompt& prompt_;
  std::string text_;
};

bool is_results(const canon::Turn& turn) {
  return turn.role == canon::Role::user && !turn.parts.empty() &&
         turn.parts.front().as<canon::ToolResultPart>();
}

void read_last_turn(const canon::Turn& turn, Prompt& out) {
  if (turn.role != canon::Role::user) return;
  for (const auto& part : turn.parts) {
    if (auto* text = part.as<canon::TextPart>()) {
      out.said.append(out.said.empty() ? "" : "\n").append(json::unescape(text->text));
    } else if (auto* result = part.as<canon::ToolResultPart>()) {
      out.answers.push_back(read_answer(*result));
    }
  }
}

}  // namespace

ToolAnswer read_answer(const canon::ToolResultPart& result) {
  ToolAnswer answer{"", result.is_error};
  for (const auto& inner : result.content)
    if (auto* words = inner.as<canon::TextPart>()) answer.text.append(json::unescape(words->text));
  return answer;
}

Prompt read_prompt(const canon::Request& request) {
  Prompt prompt;
  Transcript transcript(prompt);
  transcript.add(request);
  transcript.measure();
  // What stands behind the last user turn is a system turn or the beginning of the model's own answer.
  size_t last = request.turns.size();
  while (last > 0 && request.turns[last - 1].role == canon::Role::system) --last;
  if (last == 0) return prompt;
  // A dialect may give each tool's result a turn of its own: those before the last belong to it.
  size_t first = last - 1;
  while (first > 0 && is_results(request.turns[first - 1])) --first;
  for (size_t i = first; i < last; ++i) read_last_turn(request.turns[i], prompt);
  return prompt;
}

size_t find_phrase(std::string_view text, std::string_view phrase, size_t from) {
  for (size_t at = from; at + phrase.size() <= text.size(); ++at) {
    if (((text[at] ^ phrase[0]) & ~0x20) != 0) continue;  // the first letter, whatever its case
    if (!equal_ignoring_case(text.substr(at, phrase.size()), phrase)) continue;
    size_t end = at + phrase.size();
    if ((at == 0 || !word_char(text[at - 1])) && (end == text.size() || !word_char(text[end]))) return at;
  }
  return std::string_view::npos;
}

EchoOrder read_echo(std::string_view said) {
  said.remove_prefix(std::min(said.find_first_not_of(kBlank), said.size()));
  if (!said.starts_with("echo ")) return {};
  return {true, said.substr(5)};
}

}  // namespace hanse::sim
