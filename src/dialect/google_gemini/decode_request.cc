// A client's request, first half: the options around the conversation.
#include "base/bytes.h"
#include "dialect/google_gemini/decoder.h"
#include "dialect/google_gemini/encoder.h"
#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {

using canon::OutputFormat;
using canon::ToolChoice;
using json::Value;

namespace {

// Tools stand in a list of lists: the number of a tool holds both of its numbers.
constexpr uint32_t kFunctionsMax = 1 << 16;

std::string path_of(const canon::Turn& turn, const canon::Part* part) {
  const Place contents{nullptr, "contents"}, content = contents[turn.at],
                                             system{nullptr, "systemInstruction"};
  const Place& in = turn.at == canon::kAlone ? system : content;
  if (!part || part->at == canon::kAlone) return in.path();
  const Place parts = in["parts"];
  return parts[part->at].path();
}

std::string path_of(const canon::Tool& tool) {
  return "tools[" + std::to_string(tool.at / kFunctionsMax) + "].functionDeclarations[" +
         std::to_string(tool.at % kFunctionsMax) + "]";
}

constexpr canon::Word kWords[] = {
    {"temperature", "generationConfig.temperature"},
    {"top_p", "generationConfig.topP"},
    {"top_k", "generationConfig.topK"},
    {"n", "generationConfig.candidateCount"},
    {"frequency_penalty", "generationConfig.frequencyPenalty"},
    {"presence_penalty", "generationConfig.presencePenalty"},
    {"seed", "generationConfig.seed"},
    {"stop", "generationConfig.stopSequences"},
    {"logprobs", "generationConfig.responseLogprobs"},
    {"top_logprobs", "generationConfig.logprobs"},
    {"max_tokens", "generationConfig.maxOutputTokens"},
    {"response_format.json_schema", "generationConfig.responseSchema"},
    {"response_format", "generationConfig.responseMimeType"},
    {"thinking.budget_tokens", "generationConfig.thinkingConfig.thinkingBudget"},
    {"thinking", "generationConfig.thinkingConfig"},
    {"reasoning_effort", "generationConfig.thinkingConfig.thinkingLevel"},
    {"service_tier", "serviceTier"},
    {"tool_choice", "toolConfig.functionCallingConfig"},
    {".image_url.detail", ".mediaResolution"}};
constexpr canon::Places kPlaces{path_of,
                                "name",
                                "parameters",
                                "generationConfig.responseSchema",
                                path_of,
                                "functionCall.name",
                                "functionResponse.parts",
                                kWords};

canon::Text lower_case(canon::Text word, Arena& arena) {
  char* out = arena.take(word.escaped.size());
  for (size_t i = 0; i < word.escaped.size(); ++i) {
    const char c = word.escaped[i];
    out[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return {{out, word.escaped.size()}};
}

}  // namespace

Result<void> RequestDecoder::decode(Value root) {
  if (!root.is_object()) return wanted({nullptr, "body"}, "an object", root);
  auto [contents_field, instruction, tool_list, tool_options, generation, tier, model] = read_fields<7>(
      root,
      {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "serviceTier", "model"},
      request_.arena, [&](Value other) { extra(other, {nullptr, other.key().escaped}); });
  TRY_VOID(names(tier, model));
  TRY_VOID(tools(tool_list));
  TRY_VOID(tool_config(tool_options));
  TRY_VOID(generation_config(generation));
  TRY_VOID(system(instruction));
  return contents(contents_field);
}

Result<void> RequestDecoder::names(Value tier, Value model) {
  TRY(canon::Text word, want_text_or_nothing(tier, {nullptr, "serviceTier"}));
  const bool usual =
      equal_ignoring_case(word.escaped, "standard") || equal_ignoring_case(word.escaped, "unspecified");
  if (!usual) request_.service_tier = lower_case(word, request_.arena);
  TRY(request_.model, want_text_or_nothing(model, {nullptr, "model"}));
  constexpr std::string_view kModels = "models/";
  if (request_.model.escaped.starts_with(kModels)) request_.model.escaped.remove_prefix(kModels.size());
  return {};
}

// ---- generationConfig

Result<void> RequestDecoder::generation_config(Value config) {
  const Place at{nullptr, "generationConfig"};
  if (!config.present()) return {};
  if (!config.is_object()) return wanted(at, "an object", config);
  Value mime_type, schema, json_schema;
  for (Value member : config) {
    if (!member.present()) continue;
    std::string_view name = member.key().escaped;
    if (name.find('\\') != std::string_view::npos) name = plain(member.key());
    const Place here = at[name];
    TRY(bool known, number(name, member, here));
    if (known) continue;
    if (is_named(name, "stopSequences")) {
      TRY_VOID(stops(member, here));
    } else if (is_named(name, "thinkingConfig")) {
      TRY_VOID(thinking(member, here));
    } else if (is_named(name, "responseMimeType")) {
      mime_type = member;
    } else if (is_named(name, "responseSchema")) {
      schema = member;
    } else if (is_named(name, "responseJsonSchema") || name == "_responseJsonSchema") {
      json_schema = member;
    } else if (!is_named(name, "responseModalities") || member.raw().json != R"(["TEXT"])") {
      extra(member, here);
    }
  }
  return output(mime_type, schema, json_schema, at);
}

Result<bool> RequestDecoder::number(std::string_view name, Value value, const Place& at) {
  struct Number {
    std::string_view name;
    canon::Raw canon::Sampling::* slot;
  };
  static constexpr Number kNumbers[] = {{"temperature", &canon::Sampling::temperature},
                                        {"topP", &canon::Sampling::top_p},
                                        {"topK", &canon::Sampling::top_k},
                                        {"candidateCount", &canon::Sampling::n},
                                        {"seed", &canon::Sampling::seed},
                                        {"frequencyPenalty", &canon::Sampling::frequency_penalty},
                                        {"presencePenalty", &canon::Sampling::presence_penalty},
                                        {"logprobs", &canon::Sampling::top_logprobs}};
  for (const Number& each : kNumbers) {
    if (!is_named(name, each.name)) continue;
    TRY(request_.sampling.*each.slot, want_number_or_its_text(value, at));
    return true;
  }
  if (is_named(name, "maxOutputTokens")) {
    TRY(int64_t most, want_whole_number(value, at));
    if (most < 0) return refuse(at, "wanted 1 or more, got " + std::to_string(most));
    if (most > 0) request_.output_tokens_max = most;  // 0 is the vendor's word for nothing said
    return true;
  }
  if (!is_named(name, "responseLogprobs")) return false;
  TRY(bool on, want_flag(value, at));
  if (on) request_.sampling.logprobs = value.raw();
  return true;
}

Result<void> RequestDecoder::stops(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array of strings", list);
  request_.stop.clear();
  for (Value each : list) {
    TRY(canon::Text stop, want_text(each, at[request_.stop.size()]));
    request_.stop.push_back(stop);
  }
  return {};
}

// The schema in either language; the type of the answer by itself is less than one.
Result<void> RequestDecoder::output(Value mime_type, Value schema, Value json_schema, const Place& config) {
  const Place at_type = config["responseMimeType"], at_schema = config["responseSchema"];
  OutputFormat& out = request_.output;
  TRY(canon::Text type, want_text_or_nothing(mime_type, at_type));
  if (type.escaped == "application/json")
    out.kind = OutputFormat::Kind::json_object;
  else if (type.escaped == "text/plain")
    out.kind = OutputFormat::Kind::text;
  else if (!type.empty())
    extra(mime_type, at_type);
  if (json_schema.is_object()) {
    out.schema = json_schema.raw();
  } else if (schema.present()) {
    if (!schema.is_object()) return wanted(at_schema, "an object (a schema)", schema);
    TRY(out.schema, json_schema_of(schema, at_schema, request_.arena));
  }
  if (!out.schema.empty()) out.kind = OutputFormat::Kind::json_schema;
  return {};
}

Result<void> RequestDecoder::thinking(Value config, const Place& at) {
  using Mode = canon::ReasoningOptions::Mode;
  if (!config.is_object()) return wanted(at, "an object", config);
  auto [budget, level, shown] =
      members<3>(config, at, {"thinkingBudget", "thinkingLevel", "includeThoughts"});
  canon::ReasoningOptions& out = request_.reasoning;
  if (budget.present()) {
    TRY(int64_t tokens, want_whole_number(budget, at["thinkingBudget"]));
    out.mode = tokens == 0 ? Mode::off : tokens < 0 ? Mode::adaptive : Mode::budget;
    if (tokens > 0) out.budget_tokens = tokens;
  }
  if (level.present()) {
    TRY(canon::Text word, want_text(level, at["thinkingLevel"]));
    if (!equal_ignoring_case(word.escaped, "THINKING_LEVEL_UNSPECIFIED"))
      out.effort = lower_case(word, request_.arena);
  }
  out.shown = false;  // the vendor's default
  if (shown.present()) {
    TRY(out.shown, want_flag(shown, at["includeThoughts"]));
  }
  return {};
}

// ---- tools

Result<void> RequestDecoder::tools(Value list) {
  const Place at{nullptr, "tools"};
  if (!list.present()) return {};
  if (!list.is_array()) return wanted(at, "an array", list);
  size_t index = 0;
  for (Value each : list) TRY_VOID(tool(each, at[index++]));
  return {};
}

// An entry holds functions, or what runs at the vendor's servers and nobody else has.
Result<void> RequestDecoder::tool(Value tool, const Place& at) {
  if (!tool.is_object()) return wanted(at, "an object", tool);
  auto [functions] = members<1>(tool, at, {"functionDeclarations"});
  if (!functions.present()) return {};
  const Place list = at["functionDeclarations"];
  if (!functions.is_array()) return wanted(list, "an array", functions);
  request_.tools.reserve(request_.tools.size() + functions.size());
  size_t index = 0;
  for (Value each : functions) {
    const auto number = static_cast<uint32_t>(at.index * kFunctionsMax + index % kFunctionsMax);
    TRY_VOID(function(each, list[index], number));
    ++index;
  }
  return {};
}

Result<void> RequestDecoder::function(Value function, const Place& at, uint32_t number) {
  if (!function.is_object()) return wanted(at, "an object", function);
  auto [name, description, parameters, json_schema] =
      members<4>(function, at, {"name", "description", "parameters", "parametersJsonSchema"});
  canon::Tool tool;
  tool.at = number;
  TRY(tool.name, want_text(name, at["name"]));
  if (tool.name.empty()) return refuse(at["name"], "wanted a name, got an empty string");
  TRY(tool.description, want_text_or_nothing(description, at["description"]));
  if (json_schema.is_object()) {
    tool.schema = json_schema.raw();
  } else if (json_schema.present()) {
    return wanted(at["parametersJsonSchema"], "an object (a JSON schema)", json_schema);
  } else if (parameters.present()) {
    const Place here = at["parameters"];
    if (!parameters.is_object()) return wanted(here, "an object (a schema)", parameters);
    TRY(tool.schema, json_schema_of(parameters, here, request_.arena));
  }
  request_.tools.push_back(tool);
  return {};
}

Result<void> RequestDecoder::tool_config(Value config) {
  const Place at{nullptr, "toolConfig"};
  if (!config.present()) return {};
  if (!config.is_object()) return wanted(at, "an object", config);
  auto [calling] = members<1>(config, at, {"functionCallingConfig"});
  return function_calling(calling, at["functionCallingConfig"]);
}

Result<void> RequestDecoder::function_calling(Value config, const Place& at) {
  if (!config.present()) return {};
  if (!config.is_object()) return wanted(at, "an object", config);
  auto [mode, names] = members<2>(config, at, {"mode", "allowedFunctionNames"});
  TRY(canon::Text word, want_text_or_nothing(mode, at["mode"]));
  auto is = [&](std::string_view known) { return equal_ignoring_case(word.escaped, known); };
  ToolChoice& choice = request_.tool_choice;
  if (is("AUTO")) {
    choice.kind = ToolChoice::Kind::automatic;
  } else if (is("NONE")) {
    choice.kind = ToolChoice::Kind::none;
  } else if (is("ANY")) {
    choice.kind = ToolChoice::Kind::required;
  } else if (is("VALIDATED")) {  // what it adds to AUTO nobody else has
    choice.kind = ToolChoice::Kind::automatic;
    extra(mode, at["mode"]);
  } else if (!word.empty() && !is("MODE_UNSPECIFIED")) {
    return unknown_word(at["mode"], word, "AUTO, ANY, NONE, VALIDATED");
  }
  const Place list = at["allowedFunctionNames"];
  if (names.present() && !names.is_array()) return wanted(list, "an array of strings", names);
  size_t index = 0;
  for (Value each : names) {
    TRY(choice.name, want_text(each, list[index++]));
  }
  const bool named = choice.kind == ToolChoice::Kind::required && index == 1 && !choice.name.empty();
  if (named)
    choice.kind = ToolChoice::Kind::named;
  else
    choice.name = {};
  if (!named) extra(names, list);
  return {};
}

bool is_own(const canon::Request& request) { return request.places == &kPlaces; }

Result<std::unique_ptr<canon::Request>> decode_request(Value root) {
  auto request = std::make_unique<canon::Request>();
  request->places = &kPlaces;
  TRY_VOID(RequestDecoder(*request).decode(root));
  return request;
}

}  // namespace hanse::google_gemini
