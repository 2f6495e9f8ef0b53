#include "sim/google_rules.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kKnown =
    " cachedContent contents generateContentRequest generationConfig model safetySettings serviceTier store "
    "systemInstruction toolConfig tools ";
constexpr std::string_view kKnownOptions =
    " candidateCount enableEnhancedCivicAnswers frequencyPenalty imageConfig logprobs maxOutputTokens "
    "mediaResolution presencePenalty responseJsonSchema responseLogprobs responseMimeType responseModalities "
    "responseSchema seed speechConfig stopSequences temperature thinkingConfig topK topP ";
constexpr size_t kStopsMax = 5;
constexpr double kTemperatureMax = 2;

CloudError invalid(std::string message) { return {400, "INVALID_ARGUMENT", std::move(message)}; }

Check check_names(json::Value object, std::string_view known, std::string_view where) {
  for (json::Value member : object)
    if (std::string name = json::unescape(member.key());
        known.find(" " + name + " ") == std::string_view::npos)
      return invalid(fmt::format("Invalid JSON payload received. Unknown name \"{}\"{}: Cannot find field.",
                                 name, where.empty() ? "" : fmt::format(" at '{}'", where)));
  return {};
}

Check check_options(json::Value config) {
  if (auto error = check_names(config, kKnownOptions, "generation_config")) return error;
  if (auto n = config["temperature"].number(); n && (*n < 0 || *n > kTemperatureMax))
    return invalid(
        "* GenerateContentRequest.generation_config.temperature: temperature must be in the range "
        "[0.0, 2.0].\n");
  if (auto n = config["maxOutputTokens"].integer(); n && *n < 1)
    return invalid(
        "* GenerateContentRequest.generation_config.max_output_tokens: max_output_tokens must be "
        "positive.\n");
  if (config["stopSequences"].size() > kStopsMax)
    return invalid("* GenerateContentRequest.generation_config.stop_sequences: at most 5 are allowed.\n");
  const bool schema = config["responseSchema"].present() || config["responseJsonSchema"].present();
  if (schema && config["responseMimeType"].string() != "application/json")
    return invalid("response_schema is only supported for the application/json response mime type");
  return {};
}

Check check_tools(json::Value root) {
  size_t index = 0, declared = 0;
  for (json::Value tool : root["tools"]) {
    size_t number = 0;
    for (json::Value function : tool["functionDeclarations"]) {
      std::string where =
          fmt::format("* GenerateContentRequest.tools[{}].function_declarations[{}]", index, number++);
      ++declared;
      std::string name = function["name"].string();
      if (name.empty() || name.size() > 128 || (name[0] >= '0' && name[0] <= '9'))
        return invalid(where + ".name: Invalid function name. Must start with a letter or an underscore.\n");
      if (function["parameters"].present() && function["parametersJsonSchema"].present())
        return invalid(where + ": only one of parameters and parameters_json_schema may be set.\n");
    }
    ++index;
  }
  json::Value calling = root["toolConfig"]["functionCallingConfig"];
  std::string mode = calling["mode"].string();
  if (calling["allowedFunctionNames"].size() > 0 && mode != "ANY" && mode != "VALIDATED")
    return invalid(
        "* GenerateContentRequest.tool_config.function_calling_config.allowed_function_names: "
        "allowed_function_names should only be set when mode is ANY or VALIDATED.\n");
  if (mode == "ANY" && declared == 0)
    return invalid("Function calling config is set without function_declarations.");
  return {};
}

// Google's JSON takes both spellings.
json::Value either(json::Value object, const char* camel, const char* snake) {
  return object[camel].present() ? object[camel] : object[snake];
}

// The parts of one content: how many calls and results, or what is wrong.
struct Counted {
  size_t calls = 0, results = 0;
  Check error;
};

Counted count_parts(json::Value parts, size_t content) {
  Counted out;
  size_t index = 0;
  for (json::Value part : parts) {
    std::string where = fmt::format("* GenerateContentRequest.contents[{}].parts[{}]", content, index++);
    size_t data = 0;
    json::Value bytes = either(part, "inlineData", "inline_data");
    for (const char* kind : {"text", "functionCall", "functionResponse"}) data += part[kind].present();
    data += bytes.present() + either(part, "fileData", "file_data").present();
    if (data != 1)
      out.error = invalid(where + ".data: required oneof field 'data' must have one initialized field\n");
    if (bytes.present() &&
        (either(bytes, "mimeType", "mime_type").string().empty() || bytes["data"].string().empty()))
      out.error = invalid(where + ".inline_data: mime_type and data are required\n");
    if (part["functionResponse"].present() && !part["functionResponse"]["response"].is_object())
      out.error = invalid(where + ".function_response.response: Value is not a struct\n");
    out.calls += part["functionCall"].present();
    out.results += part["functionResponse"].present();
  }
  return out;
}

Check check_contents(json::Value contents) {
  if (!contents.is_array() || contents.size() == 0)
    return invalid("* GenerateContentRequest.contents: contents is not specified\n");
  size_t index = 0, calls = 0;
  for (json::Value content : contents) {
    std::string role = content["role"].string();
    if (!role.empty() && role != "user" && role != "model" && role != "function")
      return invalid("Please use a valid role: user, model.");
    if (content["parts"].size() == 0)
      return invalid(
          fmt::format("* GenerateContentRequest.contents[{}].parts: contents.parts must not be "
                      "empty.\n",
                      index));
    Counted counted = count_parts(content["parts"], index);
    if (counted.error) return counted.error;
    if (counted.results != calls)
      return invalid(calls == 0
                         ? "Please ensure that function response turn comes immediately after a function "
                           "call turn."
                         : "Please ensure that the number of function response parts is equal to the "
                           "number of function call parts of the function call turn.");
    if (counted.calls > 0 && index == 0)
      return invalid(
          "Please ensure that function call turn comes immediately after a user turn or after a "
          "function response turn.");
    calls = counted.calls;
    ++index;
  }
  return {};
}

}  // namespace

Check check_google_request(json::Value root, bool counting) {
  if (auto error = check_names(root, kKnown, "")) return error;
  if (counting && root["generateContentRequest"].present())
    return check_google_request(root["generateContentRequest"], false);
  if (auto error = check_options(root["generationConfig"])) return error;
  if (auto error = check_tools(root)) return error;
  return check_contents(root["contents"]);
}

}  // namespace hanse::sim
