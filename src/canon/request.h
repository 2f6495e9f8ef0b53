// The one vocabulary, first half: what a client asks for, in no vendor's words.
//
// Every dialect decodes to this and encodes from it, so N dialects need 2N translators and never N*N.
// Strings are JSON tokens, still escaped (json::Text), and numbers stay as written (json::Raw): a token goes
// from the client's body to the provider's body without being decoded. They are views of the client's body or
// of `arena`; both must outlive the Request. An empty Text or Raw means absent. Plain values: no I/O, no
// behaviour beyond look-ups.
//
// What only one dialect knows goes to `extras`; encoders of other dialects report it as a loss.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/arena.h"
#include "base/json.h"

namespace hanse::canon {

using json::Raw;
using json::Text;

enum class Role : uint8_t { system, user, assistant };

struct TextPart {
  Text text;
  Raw cache_control;  // verbatim marker of the origin dialect (`cache_control`), where two or more know one
  Raw citations;
};

// Anything with bytes behind it. One of data, url, file_id, plain is set.
struct MediaPart {
  enum class Kind : uint8_t { image, audio, document, video };
  Kind kind = Kind::image;
  Text media_type;  // "image/png"; empty when a url doesn't say
  Text data;        // base64
  Text url;
  Text file_id;  // names a file at one provider only
  Text plain;    // a document given as plain text
  Text name;     // file name or title
  Text detail;   // "low", "high", "auto"
  Raw cache_control;
  Raw citations;  // options of a document: {"enabled":true}
};

// What the model thought. `signature` and `redacted` are opaque and valid at their origin only: carried,
// never made up, never shown as text (protocols: signed carriage). Claude's stand as they are, others have
// the name of their dialect and a ':' in front (dialect/origin.h).
struct ReasoningPart {
  Text text;
  Text signature;
  Text redacted;
};

struct RefusalPart {
  Text text;
};

struct ToolCallPart {
  Text id;
  Text name;
  Raw arguments;  // a JSON object, never blank: "{}" when there are none
  Raw cache_control;
};

struct Part;

// The answer to one call; a part of a user turn.
struct ToolResultPart {
  Text call_id;
  std::vector<Part> content;
  bool is_error = false;
  Raw cache_control;
};

// The number of what stands by itself and in no list.
inline constexpr uint32_t kAlone = UINT32_MAX;

struct Part {
  std::variant<TextPart, MediaPart, ReasoningPart, RefusalPart, ToolCallPart, ToolResultPart> value;
  uint32_t at = kAlone;  // its number in the client's list (of contents, tool calls ...)
  template <class T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&value);
  }
};

// In the order of the conversation; system turns may stand anywhere (encoders hoist them where the target
// wants that).
struct Turn {
  Role role = Role::user;
  std::vector<Part> parts;
  Text name;
  uint32_t at = kAlone;  // its number among the client's messages
};

struct Tool {
  Text name;
  Text description;
  Raw schema;  // JSON schema of the arguments, verbatim with its order of keys; empty: takes none
  std::optional<bool> strict;
  Raw cache_control;
  uint32_t at = 0;  // its number in the client's list
  // It takes a text in any form instead of an object. Who knows objects only is given a schema whose one
  // member, "input", is that text.
  bool custom = false;
  Raw format;               // of that text, a grammar perhaps
  Text space, space_about;  // the group of tools that it stands in, whose name `name` begins with
};

struct ToolChoice {
  enum class Kind : uint8_t { unset, automatic, none, required, named };
  Kind kind = Kind::unset;
  Text name;
  std::optional<bool> parallel;  // false: at most one call an answer
};

struct OutputFormat {
  enum class Kind : uint8_t { unset, text, json_object, json_schema };
  Kind kind = Kind::unset;
  Text name;
  Text description;
  Raw schema;
  std::optional<bool> strict;
};

struct ReasoningOptions {
  enum class Mode : uint8_t { unset, off, budget, adaptive };
  Mode mode = Mode::unset;
  Text effort;  // "minimal", "low", "medium", "high", ...: empty when not said
  std::optional<int64_t> budget_tokens;
  std::optional<bool>
      shown;  // whether the answer is to tell what was thought; by default as the dialect does
};

struct Sampling {
  Raw temperature, top_p, top_k, seed, frequency_penalty, presence_penalty, logit_bias, n, logprobs,
      top_logprobs;
};

// How a language calls what a loss names in Chat's words: {"stop", "stop_sequences"}. One that begins with
// '.' is the end of a path, {".title", ".name"}; without the '.' in `own` the whole path becomes that.
struct Word {
  std::string_view chat, own;
};

// How the client's dialect calls the places of its request. Spelled out only when something is wrong or lost.
struct Places {
  std::string (*part)(const Turn& turn, const Part* part);  // nullptr: the turn itself
  std::string_view tool_name;                               // in a tool and in a call: "function.name"
  std::string_view tool_schema = "parameters";              // in a tool
  std::string_view output_schema = "response_format";       // in the request
  std::string (*tool)(const Tool& tool) = nullptr;          // where tools are not in a plain list
  std::string_view call_name = {};                          // where it is another than that of a tool
  std::string_view in_result = "content";                   // the list in the result of a tool
  std::span<const Word> words = {};                         // the first that fits counts
};

struct Request {
  Arena arena;  // owns what had to be rewritten while decoding
  Text model;   // as the client asked
  std::vector<Turn> turns;
  std::vector<Tool> tools;
  ToolChoice tool_choice;
  OutputFormat output;
  ReasoningOptions reasoning;
  Sampling sampling;
  std::optional<int64_t> output_tokens_max;
  std::vector<Text> stop;
  bool stream = false;
  bool stream_usage = false;  // the client asked for usage in the stream (Chat: stream_options.include_usage)
  Text user;                  // end-user id, for abuse tracking
  std::string_view user_field = "user";  // as the client calls it, in Chat's words
  Text service_tier;
  Raw metadata;
  // Fields of the origin dialect that have no home above, by path: {"logit_bias2", ...}, {"tools[2]", ...}.
  struct Extra {
    std::string path;
    Raw value;
  };
  std::vector<Extra> extras;
  const Places* places = nullptr;  // of the dialect that decoded this
  // Names the answer that this goes on from. Whoever kept that one puts its turns before these and clears it:
  // no encoder can.
  Text continues;
  // Fields that an answer repeats, verbatim, in the order in which they came.
  struct Echo {
    std::string_view name;
    Raw value;
  };
  std::vector<Echo> echoes;
  std::string named(std::string owner) const {
    return std::move(owner).append(1, '.').append(places ? places->tool_name : "name");
  }

  // "messages[2]", "messages[2].content[0]": where the client finds it in its own request.
  std::string path(size_t turn) const {
    return places ? places->part(turns[turn], nullptr) : "messages[" + std::to_string(turn) + "]";
  }
  std::string path(size_t turn, size_t part) const {
    if (places) return places->part(turns[turn], &turns[turn].parts[part]);
    return path(turn) + ".content[" + std::to_string(part) + "]";
  }
  // What stands inside the result of a tool.
  std::string path(size_t turn, size_t part, const Part& inside) const {
    std::string out = path(turn, part).append(1, '.').append(places ? places->in_result : "content");
    return inside.at == kAlone ? out : out + "[" + std::to_string(inside.at) + "]";
  }
  std::string path(const Tool& tool) const {
    if (places && places->tool) return places->tool(tool);
    return "tools[" + std::to_string(tool.at) + "]";
  }
  // The name of a tool, or of the call of one.
  std::string name_path(const Tool& tool) const { return named(path(tool)); }
  std::string name_path(size_t turn, size_t part) const {
    std::string owner = path(turn, part);
    if (!places || places->call_name.empty()) return named(std::move(owner));
    return std::move(owner).append(1, '.').append(places->call_name);
  }
};

// What an encoder could not say to its target, by the path in the client's request ("logit_bias",
// "messages[2].content[0]"). Goes to the header x-hanse-dropped, or refuses the request when the client is
// strict.
class Losses {
 public:
  // More are told as one "...": a hostile request must not cost more, nor make a header that nobody can send.
  static constexpr size_t kMax = 64;

  // From now on `add` takes options by their names in Chat, and keeps those of the client that asks.
  void speak_as(const Request& request) {
    if (request.places) words_ = request.places->words;
    user_field_ = request.user_field;
  }
  void add(std::string path) {
    if (paths_.size() > kMax) return;
    path = in_words(path == "user" ? std::string(user_field_) : std::move(path));
    for (const auto& known : paths_)
      if (known == path) return;
    paths_.push_back(paths_.size() == kMax ? "..." : std::move(path));
  }
  bool empty() const { return paths_.empty(); }
  const std::vector<std::string>& paths() const { return paths_; }

 private:
  std::string in_words(std::string path) const {
    for (const Word& word : words_) {
      const bool end = word.chat.front() == '.';
      if (end && path.ends_with(word.chat)) {
        if (word.own.front() != '.') return std::string(word.own);
        return path.replace(path.size() - word.chat.size(), word.chat.size(), word.own);
      }
      const bool all = path.size() == word.chat.size();
      if (!end && path.starts_with(word.chat) && (all || path[word.chat.size()] == '.'))
        return path.replace(0, word.chat.size(), word.own);
    }
    return path;
  }

  std::span<const Word> words_;
  std::string_view user_field_ = "user";
  std::vector<std::string> paths_;
};

}  // namespace hanse::canon
