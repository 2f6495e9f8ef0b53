#include "sim/model.h"

#include "sim/instance.h"
#include "sim/order.h"
#include "sim/tokens.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kHiddenPrefix = "hidden.";

// Writes the events of an answer, token by token, as long as the request's limit allows.
class ScriptWriter {
 public:
  ScriptWriter(Script& script, const ModelOptions& options, int64_t tokens_max)
      : script_(script), options_(options), left_(tokens_max) {}

  template <class Event>
  void put(Event event) {
    script_.steps.push_back({now(), event});
  }
  // json::escape gives the text itself back where nothing needs escaping, and that dies before the script
  // does.
  json::Text keep(std::string_view plain) { return json::escape(script_.arena.copy(plain), script_.arena); }

  // False when the limit cut it short.
  template <class Emit>
  bool tokens(std::string_view text, int64_t& count, Emit emit) {
    while (size_t size = next_token(text)) {
      if (left_ == 0) return false;
      --left_, ++count, ++sent_;
      emit(keep(text.substr(0, size)));
      text.remove_prefix(size);
    }
    return true;
  }
  bool text(std::string_view plain) {
    return tokens(plain, visible_, [this](json::Text piece) { put(canon::TextDelta{piece}); });
  }
  bool reasoning(std::string_view plain, bool in_block) {
    return tokens(plain, reasoning_, [&](json::Text piece) { put(canon::ReasoningDelta{piece, in_block}); });
  }
  bool hidden_reasoning(std::string_view plain) {
    return tokens(plain, reasoning_, [](json::Text) {});
  }
  bool call(uint32_t index, std::string_view id, json::Text name, std::string_view arguments) {
    if (left_ == 0) return false;
    --left_, ++visible_, ++sent_;
    put(canon::ToolCallStart{index, keep(id), json::Text{script_.arena.copy(name.escaped)}});
    return tokens(arguments, visible_, [&](json::Text piece) { put(canon::ToolCallDelta{index, piece}); });
  }

  int64_t visible() const { return visible_; }
  int64_t reasoned() const { return reasoning_; }

 private:
  milliseconds now() const {
    if (options_.tokens_per_second <= 0 || sent_ <= 1) return options_.ttft;
    return options_.ttft + milliseconds(static_cast<int64_t>(static_cast<double>(sent_ - 1) * 1000 /
                                                             options_.tokens_per_second));
  }
  Script& script_;
  const ModelOptions& options_;
  int64_t left_;  // negative: no limit
  int64_t visible_ = 0, reasoning_ = 0, sent_ = 0;
};

std::string first_words(std::string_view text, int64_t count) {
  std::string out;
  for (size_t size; count-- > 0 && (size = next_token(text)) > 0; text.remove_prefix(size))
    out.append(text.substr(0, size));
  return out;
}

// One answer in the making.
class Player {
 public:
  Player(const canon::Request& request, const Prompt& prompt, const ModelOptions& options, Script& script)
      : request_(request),
        prompt_(prompt),
        options_(options),
        script_(script),
        random_(mixed(prompt.hash ^ mixed(options.seed))),
        writer_(script, options, request.output_tokens_max.value_or(-1)),
        echo_(read_echo(prompt.said)),
        order_(read_order(request)) {}

  void play(int64_t cached_tokens) {
    std::string id = random_.id(options_.answer_prefix);
    writer_.put(canon::Start{writer_.keep(id), json::Text{script_.arena.copy(request_.model.escaped)}, 0});
    canon::Usage& usage = script_.usage;
    int64_t written = options_.writes_cache ? cache_writes(cached_tokens) : 0;
    usage.uncached_in = prompt_.tokens - cached_tokens - written;
    usage.cache_read = cached_tokens;
    if (options_.writes_cache) {
      bool hour = prompt_.caching == Prompt::Caching::hour;
      usage.cache_write_5m = hour ? 0 : written;
      usage.cache_write_1h = hour ? written : 0;
    }
    usage.visible_out = 1;
    writer_.put(usage);
    canon::Stop stop = answer();
    usage.visible_out = writer_.visible();
    usage.reasoning_out = writer_.reasoned();
    writer_.put(usage);
    writer_.put(stop);
  }

 private:
  int64_t cache_writes(int64_t cached_tokens) const {
    if (prompt_.caching == Prompt::Caching::unmarked) return 0;
    return std::max<int64_t>(Prompt::prefix_tokens(prompt_.marks.size()) - cached_tokens, 0);
  }

  canon::Stop answer() {
    if (thinks() && !think()) return {canon::StopReason::length};
    if (follows_order()) return next_of_order();
    auto calls = chosen_calls();
    if (!calls.empty()) return call(calls, prompt_.said);
    return say(echo_.found ? std::string(echo_.text) : words());
  }

  // -- reasoning
  bool thinks() const {
    const auto& wish = request_.reasoning;
    using Mode = canon::ReasoningOptions::Mode;
    if (wish.mode == Mode::off || wish.effort.escaped == "none") return false;
    if (wish.mode != Mode::unset || !wish.effort.empty()) return true;
    return !echo_.found && has_phrase(prompt_.said, "think");
  }
  bool think() {
    std::string thought = fmt::format("The user wants: {} ... I weigh {} against {} and then answer.",
                                      first_words(prompt_.said, 8), some_word(random_), some_word(random_));
    if (options_.signs_reasoning && has_phrase(prompt_.said, "think secretly")) {
      if (!writer_.hidden_reasoning(thought)) return false;
      std::string inner = fmt::format("{:016x}", mixed(hash_bytes(thought)));
      writer_.put(canon::RedactedReasoning{writer_.keep(
          fmt::format("{}{}{}.{}", options_.proof_prefix, kHiddenPrefix, inner, sign_reasoning(inner)))});
      return true;
    }
    if (!writer_.reasoning(thought, options_.signs_reasoning)) return false;
    if (options_.signs_reasoning)
      writer_.put(canon::ReasoningSignature{
          writer_.keep(fmt::format("{}{}", options_.proof_prefix, sign_reasoning(thought)))});
    return true;
  }

  // -- tools
  using Calls = std::vector<const canon::Tool*>;
  Calls chosen_calls() const {
    using Kind = canon::ToolChoice::Kind;
    const auto& choice = request_.tool_choice;
    if (request_.tools.empty() || choice.kind == Kind::none) return {};
    if (choice.kind == Kind::named) return named(choice.name);
    Calls wanted = echo_.found ? Calls() : wanted_calls();
    if (wanted.empty() && choice.kind == Kind::required) wanted = {&request_.tools.front()};
    if (choice.parallel == false && wanted.size() > 1) wanted.resize(1);
    return wanted;
  }
  Calls named(json::Text name) const {
    for (const auto& tool : request_.tools)
      if (tool.name == name) return {&tool};
    return {};
  }
  Calls wanted_calls() const {
    const auto& tools = request_.tools;
    if (has_phrase(prompt_.said, "call two tools"))
      return {&tools.front(), tools.size() > 1 ? &tools[1] : &tools.front()};
    std::vector<std::pair<size_t, const canon::Tool*>> found;  // in the order of the text
    bool calls_any = has_phrase(prompt_.said, "call");
    for (const auto& tool : calls_any ? std::span(tools) : std::span<const canon::Tool>())
      if (size_t at = find_phrase(prompt_.said, "call " + json::unescape(tool.name));
          at != std::string_view::npos)
        found.emplace_back(at, &tool);
    std::sort(found.begin(), found.end());
    Calls calls;
    for (const auto& [at, tool] : found) calls.push_back(tool);
    if (calls.empty() &&
        (has_phrase(prompt_.said, "use the tool") || has_phrase(prompt_.said, "use the tools")))
      calls = {&tools.front()};
    return calls;
  }
  bool follows_order() const {
    using Kind = canon::ToolChoice::Kind;
    Kind kind = request_.tool_choice.kind;
    return !order_.calls.empty() && !request_.tools.empty() && kind != Kind::none && kind != Kind::named;
  }
  canon::Stop next_of_order() {
    if (order_.made == order_.calls.size()) return say(quote(order_.answers));
    const Order::Call& next = order_.calls[order_.made];
    for (const auto& tool : request_.tools)
      if (json::unescape(tool.name) == next.tool) return call({&tool}, next.arguments);
    return say(fmt::format("There is no tool {}.", next.tool));
  }
  canon::Stop call(const Calls& calls, std::string_view wishes) {
    Hints hints = read_hints(wishes);
    for (uint32_t i = 0; i < calls.size(); ++i) {
      std::string id = random_.id(options_.call_prefix);
      if (!writer_.call(i, id, calls[i]->name, make_instance(calls[i]->schema, hints, random_)))
        return {canon::StopReason::length};
    }
    return {canon::StopReason::tool_calls};
  }

  // -- words
  canon::Stop say(std::string text) {
    canon::Stop stop{canon::StopReason::end};
    size_t end = text.size();
    for (json::Text escaped : request_.stop) {
      std::string sequence = json::unescape(escaped);
      size_t at = sequence.empty() ? std::string::npos : text.find(sequence);
      if (at >= end) continue;
      end = at;
      stop = {canon::StopReason::stop_sequence, json::Text{script_.arena.copy(escaped.escaped)}};
    }
    text.resize(end);
    if (!writer_.text(text)) return {canon::StopReason::length};
    return stop;
  }
  std::string words() {
    using Kind = canon::OutputFormat::Kind;
    if (request_.output.kind == Kind::json_schema)
      return make_instance(request_.output.schema, read_hints(prompt_.said), random_);
    if (request_.output.kind == Kind::json_object) return some_object();
    if (has_phrase(prompt_.said, "what is your system prompt"))
      return prompt_.system.empty() ? "I have no system prompt." : "My system prompt is: " + prompt_.system;
    if (has_phrase(prompt_.said, "describe the image") || has_phrase(prompt_.said, "describe the images"))
      return describe();
    if (!prompt_.answers.empty()) return quote(prompt_.answers);
    return lorem();
  }
  std::string some_object() {
    std::string out;
    json::Writer object(out);
    object.object();
    for (const auto& [name, value] : read_hints(prompt_.said)) object.key(name).string(value);
    if (object.out().size() == 1)
      object.key("answer")
          .string(some_word(random_))
          .key("number")
          .number(static_cast<int64_t>(random_.below(100)));
    object.end_object();
    return out;
  }
  static std::string quote(const std::vector<ToolAnswer>& answers) {
    std::string out;
    for (const auto& answer : answers)
      out.append(out.empty() ? "" : "\n")
          .append(answer.is_error ? "The tool failed: " : "The tool answered: ")
          .append(answer.text);
    return out;
  }
  std::string describe() const {
    if (prompt_.attachments.empty()) return "There is no image.";
    std::string out;
    for (const auto& one : prompt_.attachments) {
      constexpr std::string_view kKinds[] = {"image", "audio", "document", "video"};
      out.append(out.empty() ? "" : "\n").append(kKinds[static_cast<size_t>(one.kind)]).append(": ");
      out.append(one.media_type.empty() ? "of unknown type" : one.media_type);
      out.append(one.where.empty() ? fmt::format(", {} bytes", one.bytes) : ", at " + one.where);
    }
    return out;
  }
  std::string lorem() {
    std::string out = "About \"" + first_words(prompt_.said, 6) + "\":";
    for (uint64_t left = 12 + random_.below(12); left > 0; --left) out.append(" ").append(some_word(random_));
    return out + ".";
  }

  const canon::Request& request_;
  const Prompt& prompt_;
  const ModelOptions& options_;
  Script& script_;
  Random random_;
  ScriptWriter writer_;
  EchoOrder echo_;
  Order order_;
};

bool is_content(const canon::Event& event) {
  return std::holds_alternative<canon::TextDelta>(event) ||
         std::holds_alternative<canon::ReasoningDelta>(event) ||
         std::holds_alternative<canon::ToolCallDelta>(event);
}

}  // namespace

size_t Script::steps_for(int tokens) const {
  size_t step = 0;
  while (step < steps.size() && tokens > 0 && !std::holds_alternative<canon::Stop>(steps[step].event))
    tokens -= is_content(steps[step++].event);
  return step;
}

std::unique_ptr<Script> play(const canon::Request& request, const Prompt& prompt, int64_t cached_tokens,
                             const ModelOptions& options) {
  auto script = std::make_unique<Script>();
  Player(request, prompt, options, *script).play(std::min(cached_tokens, prompt.tokens));
  return script;
}

std::string sign_reasoning(std::string_view text) {
  uint64_t h = hash_bytes(text, hash_bytes("reasoning"));
  return fmt::format("SIM{:016x}{:016x}{:016x}", mixed(h), mixed(h ^ 0x5bd1e995), mixed(h + text.size()));
}

bool is_hidden_reasoning(std::string_view data) {
  if (!data.starts_with(kHiddenPrefix)) return false;
  data.remove_prefix(kHiddenPrefix.size());
  size_t dot = data.find('.');
  return dot != std::string_view::npos && data.substr(dot + 1) == sign_reasoning(data.substr(0, dot));
}

}  // namespace hanse::sim
