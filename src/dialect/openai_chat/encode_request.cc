// The canonical request, written for a server that speaks Chat Completions.
#include <set>

#include "dialect/effort.h"
#include "dialect/ids.h"
#include "dialect/openai_chat/wire.h"
#include "dialect/read.h"

namespace hanse::openai_chat {
namespace {

using namespace canon;

constexpr IdRule kIdRule{64, ".:"};
constexpr size_t kStopsMax = 4;

class Encoder {
 public:
  Encoder(const Request& request, const Target& target, Losses& losses, std::string& out)
      : in_(request), target_(target), losses_(losses), w_(out) {}
  void encode();

 private:
  void messages();
  void user_turn(const Turn& turn, const std::string& path);
  void assistant_turn(const Turn& turn, const std::string& path);
  void tool_result(const ToolResultPart& result, const std::string& path);
  void system_turn(const Turn& turn, const std::string& path);
  void parts(const std::vector<const Part*>& parts, const std::string& path);
  void media(const MediaPart& media, const std::string& path);
  bool can_say(const MediaPart& media) const;
  void tools();
  void tool_choice();
  void output();
  void sampling();
  void reasoning();
  void lose_cache(Raw marker, const std::string& path) {
    if (!marker.empty()) losses_.add(at(path, "cache_control"));
  }
  void raw(std::string_view name, Raw value) {
    if (!value.empty()) w_.key(name).raw(value);
  }

  const Request& in_;
  const Target& target_;
  Losses& losses_;
  json::Writer w_;
  std::set<std::string_view> open_calls_;  // ids that a tool message may answer
};

void Encoder::encode() {
  w_.object().key("model").string(target_.model);
  messages();
  tools();
  output();
  sampling();
  reasoning();
  if (in_.output_tokens_max)
    w_.key(target_.official ? "max_completion_tokens" : "max_tokens").number(*in_.output_tokens_max);
  if (!in_.user.empty()) w_.key("user").text(in_.user);
  if (!in_.metadata.empty()) losses_.add("metadata");
  if (!in_.service_tier.empty()) losses_.add("service_tier");
  for (const auto& extra : in_.extras) losses_.add(extra.path);
  // Usage is asked for whatever the client wants to see: accounts are kept by it.
  if (in_.stream)
    w_.key("stream")
        .boolean(true)
        .key("stream_options")
        .object()
        .key("include_usage")
        .boolean(true)
        .end_object();
  w_.end_object();
}

void Encoder::messages() {
  w_.key("messages").array();
  for (size_t i = 0; i < in_.turns.size(); ++i) {
    const Turn& turn = in_.turns[i];
    std::string path = at("messages", i);
    if (turn.role == Role::system)
      system_turn(turn, path);
    else if (turn.role == Role::assistant)
      assistant_turn(turn, path);
    else
      user_turn(turn, path);
  }
  w_.end_array();
}

void Encoder::system_turn(const Turn& turn, const std::string& path) {
  w_.object().key("role").string("system").key("content");
  std::vector<const Part*> texts;
  for (const Part& part : turn.parts) texts.push_back(&part);
  parts(texts, path);
  w_.end_object();
}

// Results go first, each a message of its own right behind the calls; what else the user said follows.
void Encoder::user_turn(const Turn& turn, const std::string& path) {
  std::vector<const Part*> rest;
  for (const Part& part : turn.parts) {
    if (const auto* result = part.as<ToolResultPart>())
      tool_result(*result, path);
    else
      rest.push_back(&part);
  }
  // A tool message holds text only: images in results are shown to the model as a user's.
  for (const Part& part : turn.parts)
    if (const auto* result = part.as<ToolResultPart>())
      for (const Part& inner : result->content)
        if (const auto* shown = inner.as<MediaPart>();
            shown && can_say(*shown) && shown->kind == MediaPart::Kind::image)
          rest.push_back(&inner);
  if (rest.empty()) return;
  w_.object().key("role").string("user").key("content");
  parts(rest, path);
  if (!turn.name.empty()) w_.key("name").text(turn.name);
  w_.end_object();
}

void Encoder::tool_result(const ToolResultPart& result, const std::string& path) {
  std::string id = legal_id(json::unescape(result.call_id), kIdRule);
  lose_cache(result.cache_control, path);
  if (!open_calls_.contains(result.call_id.escaped)) {  // nobody asked: servers refuse the whole request
    losses_.add(path + ".tool_result");
    return;
  }
  w_.object().key("role").string("tool").key("tool_call_id").string(id).key("content");
  std::string text;
  if (result.is_error) text = "Error: ";
  for (const Part& part : result.content) {
    if (const auto* said = part.as<TextPart>()) {
      text += said->text.escaped;
      lose_cache(said->cache_control, path);
    } else if (const auto* shown = part.as<MediaPart>();
               !shown || !can_say(*shown) || shown->kind != MediaPart::Kind::image) {
      losses_.add(path + ".tool_result.content");
    }
  }
  w_.text(Text{text}).end_object();
}

void Encoder::assistant_turn(const Turn& turn, const std::string& path) {
  open_calls_.clear();
  std::string text;
  size_t calls = 0;
  bool any = false;
  for (const Part& part : turn.parts) {
    if (const auto* said = part.as<TextPart>())
      text += said->text.escaped, any = true, lose_cache(said->cache_control, path);
    else if (const auto* no = part.as<RefusalPart>())
      text += no->text.escaped, any = true;
    else if (part.as<ToolCallPart>())
      ++calls;
    else if (part.as<ReasoningPart>())
      losses_.add(at(path, "reasoning"));  // valid at its origin only
    else
      losses_.add(at(path, "content"));
  }
  if (!any && calls == 0) return;
  w_.object().key("role").string("assistant").key("content");
  if (any)
    w_.text(Text{text});
  else
    w_.null();
  if (calls > 0) {
    w_.key("tool_calls").array();
    for (const Part& part : turn.parts) {
      const auto* call = part.as<ToolCallPart>();
      if (!call) continue;
      open_calls_.insert(call->id.escaped);
      w_.object()
          .key("id")
          .string(legal_id(json::unescape(call->id), kIdRule))
          .key("type")
          .string("function");
      w_.key("function")
          .object()
          .key("name")
          .text(call->name)
          .key("arguments")
          .string(call->arguments.json)
          .end_object()
          .end_object();
      lose_cache(call->cache_control, path);
    }
    w_.end_array();
  }
  w_.end_object();
}

// One text stays a string, which every server takes; more parts, or media, need the array.
void Encoder::parts(const std::vector<const Part*>& parts, const std::string& path) {
  bool plain = true;
  for (const Part* part : parts) plain = plain && part->as<TextPart>();
  if (plain && parts.size() <= 1) {
    if (!parts.empty()) lose_cache(parts.front()->as<TextPart>()->cache_control, path);
    w_.text(parts.empty() ? Text{} : parts.front()->as<TextPart>()->text);
    return;
  }
  w_.array();
  for (const Part* part : parts) {
    if (const auto* said = part->as<TextPart>()) {
      w_.object().key("type").string("text").key("text").text(said->text).end_object();
      lose_cache(said->cache_control, path);
    } else if (const auto* shown = part->as<MediaPart>(); shown && can_say(*shown)) {
      media(*shown, path);
    } else {
      losses_.add(at(path, "content"));
    }
  }
  w_.end_array();
}

bool Encoder::can_say(const MediaPart& media) const {
  switch (media.kind) {
    case MediaPart::Kind::image:
      return !media.data.empty() || !media.url.empty();
    case MediaPart::Kind::audio:
      return !media.data.empty();
    case MediaPart::Kind::document:
      return !media.data.empty() || !media.plain.empty();
    case MediaPart::Kind::video:
      return false;
  }
  return false;
}

void Encoder::media(const MediaPart& media, const std::string& path) {
  lose_cache(media.cache_control, path);
  if (!media.citations.empty()) losses_.add(at(path, "citations"));
  w_.object();
  if (media.kind == MediaPart::Kind::image) {
    w_.key("type").string("image_url").key("image_url").object().key("url");
    if (!media.url.empty())
      w_.text(media.url);
    else
      w_.text(Text{"data:" + std::string(media.media_type.escaped) + ";base64," +
                   std::string(media.data.escaped)});
    if (!media.detail.empty()) w_.key("detail").text(media.detail);
    w_.end_object();
  } else if (media.kind == MediaPart::Kind::audio) {
    bool mp3 = media.media_type.escaped == "audio/mpeg" || media.media_type.escaped == "audio/mp3";
    w_.key("type").string("input_audio").key("input_audio").object().key("data").text(media.data);
    w_.key("format").string(mp3 ? "mp3" : "wav").end_object();
  } else if (!media.plain.empty()) {
    w_.key("type").string("text").key("text").text(media.plain);
  } else {
    w_.key("type").string("file").key("file").object().key("filename");
    if (media.name.empty())
      w_.string("document.pdf");
    else
      w_.text(media.name);
    w_.key("file_data")
        .text(Text{"data:" + std::string(media.media_type.escaped) + ";base64," +
                   std::string(media.data.escaped)})
        .end_object();
  }
  w_.end_object();
}

void Encoder::tools() {
  if (!in_.tools.empty()) {
    w_.key("tools").array();
    for (size_t i = 0; i < in_.tools.size(); ++i) {
      const Tool& tool = in_.tools[i];
      w_.object().key("type").string("function").key("function").object().key("name").text(tool.name);
      if (!tool.description.empty()) w_.key("description").text(tool.description);
      raw("parameters", tool.schema);
      if (tool.strict) w_.key("strict").boolean(*tool.strict);
      w_.end_object().end_object();
      lose_cache(tool.cache_control, at("tools", i));
    }
    w_.end_array();
  }
  tool_choice();
}

void Encoder::tool_choice() {
  using Kind = ToolChoice::Kind;
  const ToolChoice& choice = in_.tool_choice;
  if (in_.tools.empty()) {  // servers refuse a choice without tools
    if (choice.kind == Kind::required || choice.kind == Kind::named) losses_.add("tool_choice");
    return;
  }
  if (choice.kind == Kind::automatic) w_.key("tool_choice").string("auto");
  if (choice.kind == Kind::none) w_.key("tool_choice").string("none");
  if (choice.kind == Kind::required) w_.key("tool_choice").string("required");
  if (choice.kind == Kind::named)
    w_.key("tool_choice")
        .object()
        .key("type")
        .string("function")
        .key("function")
        .object()
        .key("name")
        .text(choice.name)
        .end_object()
        .end_object();
  if (choice.parallel) w_.key("parallel_tool_calls").boolean(*choice.parallel);
}

void Encoder::output() {
  const OutputFormat& format = in_.output;
  if (format.kind == OutputFormat::Kind::json_object) {
    w_.key("response_format").object().key("type").string("json_object").end_object();
  } else if (format.kind == OutputFormat::Kind::json_schema) {
    w_.key("response_format")
        .object()
        .key("type")
        .string("json_schema")
        .key("json_schema")
        .object()
        .key("name");
    if (format.name.empty())
      w_.string("response");
    else
      w_.text(format.name);
    if (!format.description.empty()) w_.key("description").text(format.description);
    w_.key("schema").raw(format.schema);
    w_.key("strict").boolean(format.strict.value_or(true));
    w_.end_object().end_object();
  }
}

void Encoder::sampling() {
  const Sampling& s = in_.sampling;
  raw("temperature", s.temperature);
  raw("top_p", s.top_p);
  raw("seed", s.seed);
  raw("n", s.n);
  raw("frequency_penalty", s.frequency_penalty);
  raw("presence_penalty", s.presence_penalty);
  raw("logit_bias", s.logit_bias);
  raw("logprobs", s.logprobs);
  raw("top_logprobs", s.top_logprobs);
  // Compatible servers know top_k; the vendor refuses it.
  if (!s.top_k.empty() && target_.official)
    losses_.add("top_k");
  else
    raw("top_k", s.top_k);
  if (in_.stop.empty()) return;
  if (in_.stop.size() > kStopsMax) losses_.add("stop_sequences");
  w_.key("stop").array();
  for (size_t i = 0; i < std::min(in_.stop.size(), kStopsMax); ++i) w_.text(in_.stop[i]);
  w_.end_array();
}

void Encoder::reasoning() {
  const ReasoningOptions& r = in_.reasoning;
  if (!r.effort.empty())
    w_.key("reasoning_effort").text(r.effort);
  else if (r.budget_tokens)
    w_.key("reasoning_effort").string(effort_of_budget(*r.budget_tokens));
  else if (r.mode == ReasoningOptions::Mode::adaptive)
    losses_.add("thinking");
}

}  // namespace

Result<std::string> encode_request(const canon::Request& request, const Target& target,
                                   canon::Losses& losses) {
  std::string out;
  out.reserve(4096);
  Encoder(request, target, losses, out).encode();
  return out;
}

}  // namespace hanse::openai_chat
