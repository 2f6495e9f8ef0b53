// A client's Chat Completions request, read into the canonical form.
#include "dialect/openai_chat/wire.h"
#include "dialect/read.h"

namespace hanse::openai_chat {
namespace {

using namespace canon;
using json::Value;

class Decoder {
 public:
  explicit Decoder(Request& out) : out_(out) {}
  Result<void> decode(Value root);

 private:
  Result<void> field(std::string_view name, Value value);
  Result<void> messages(Value list);
  Result<void> message(Value message, const std::string& path);
  Result<void> assistant(Value message, Turn& turn, const std::string& path);
  Result<void> tool_result(Value message, const std::string& path);
  Result<void> content(Value value, std::vector<Part>& parts, const std::string& path);
  Result<void> part(Value value, std::vector<Part>& parts, const std::string& path);
  Result<void> image(Value value, std::vector<Part>& parts, const std::string& path);
  Result<void> file(Value value, std::vector<Part>& parts, const std::string& path);
  Result<void> tool_calls(Value list, Turn& turn, const std::string& path);
  void thinking_blocks(Value list, Turn& turn);
  Result<void> tools(Value list);
  Result<void> tool_choice(Value value);
  Result<void> response_format(Value value);
  Result<void> stop(Value value);
  Result<Raw> arguments(Text text, const std::string& path);
  void data_url(Text url, MediaPart& media);
  void extra(std::string path, Value value) { out_.extras.push_back({std::move(path), value.raw()}); }
  Result<Raw> number(std::string_view name, Value value) {
    if (value.type() != json::Type::number) return wanted(name, "a number", value);
    return value.raw();
  }
  Result<bool> flag(std::string_view name, Value value) {
    if (!value.boolean()) return wanted(name, "true or false", value);
    return *value.boolean();
  }
  Result<Text> text(std::string_view name, Value value) {
    if (!value.is_string()) return wanted(name, "a string", value);
    return value.text();
  }
  Result<int64_t> count(std::string_view name, Value value) {
    if (!value.integer() || *value.integer() < 0) return wanted(name, "a whole number", value);
    return *value.integer();
  }

  Request& out_;
  bool newer_limit_ = false;  // max_completion_tokens was there: it wins over max_tokens
};

Result<void> Decoder::decode(Value root) {
  if (!root.is_object()) return wanted("body", "an object", root);
  for (Value member : root) {
    if (member.type() == json::Type::null) continue;  // null is the default everywhere
    TRY_VOID(field(member.key().escaped, member));
  }
  if (out_.turns.empty()) return wanted("messages", "an array with at least one message", root["messages"]);
  return {};
}

Result<void> Decoder::field(std::string_view name, Value value) {
  Sampling& s = out_.sampling;
  std::pair<std::string_view, Raw*> numbers[] = {{"temperature", &s.temperature},
                                                 {"top_p", &s.top_p},
                                                 {"top_k", &s.top_k},
                                                 {"seed", &s.seed},
                                                 {"n", &s.n},
                                                 {"frequency_penalty", &s.frequency_penalty},
                                                 {"presence_penalty", &s.presence_penalty},
                                                 {"top_logprobs", &s.top_logprobs}};
  for (auto [known, slot] : numbers)
    if (name == known) {
      TRY(*slot, number(name, value));
      return {};
    }
  if (name == "model") {
    TRY(out_.model, text(name, value));
  } else if (name == "messages") {
    return messages(value);
  } else if (name == "tools") {
    return tools(value);
  } else if (name == "tool_choice") {
    return tool_choice(value);
  } else if (name == "parallel_tool_calls") {
    TRY(out_.tool_choice.parallel, flag(name, value));
  } else if (name == "response_format") {
    return response_format(value);
  } else if (name == "stop") {
    return stop(value);
  } else if (name == "max_tokens") {
    TRY(int64_t n, count(name, value));
    if (!newer_limit_) out_.output_tokens_max = n;
  } else if (name == "max_completion_tokens") {
    TRY(out_.output_tokens_max, count(name, value));
    newer_limit_ = true;
  } else if (name == "stream") {
    TRY(out_.stream, flag(name, value));
  } else if (name == "stream_options") {
    out_.stream_usage = value["include_usage"].boolean().value_or(false);
  } else if (name == "reasoning_effort") {
    TRY(out_.reasoning.effort, text(name, value));
    out_.reasoning.mode =
        out_.reasoning.effort.escaped == "none" ? ReasoningOptions::Mode::off : out_.reasoning.mode;
  } else if (name == "user") {
    TRY(out_.user, text(name, value));
  } else if (name == "service_tier") {
    TRY(out_.service_tier, text(name, value));
  } else if (name == "logit_bias") {
    s.logit_bias = value.raw();
  } else if (name == "logprobs") {
    TRY(bool on, flag(name, value));
    if (on) s.logprobs = value.raw();
  } else if (name == "metadata") {
    out_.metadata = value.raw();
  } else {
    extra(std::string(name), value);
  }
  return {};
}

Result<void> Decoder::messages(Value list) {
  if (!list.is_array()) return wanted("messages", "an array", list);
  size_t i = 0;
  for (Value item : list) TRY_VOID(message(item, at("messages", i++)));
  return {};
}

Result<void> Decoder::message(Value message, const std::string& path) {
  if (!message.is_object()) return wanted(path, "an object", message);
  Value role = message["role"];
  if (!role.is_string()) return wanted(at(path, "role"), "a string", role);
  std::string_view word = role.text().escaped;
  if (word == "tool" || word == "function") return tool_result(message, path);
  Turn turn;
  turn.name = message["name"].text();
  if (word == "assistant") {
    turn.role = Role::assistant;
    TRY_VOID(assistant(message, turn, path));
  } else if (word == "user" || word == "system" || word == "developer") {
    turn.role = word == "user" ? Role::user : Role::system;
    if (!message["content"].present())
      return wanted(at(path, "content"), "a string or an array of parts", message["content"]);
    TRY_VOID(content(message["content"], turn.parts, at(path, "content")));
  } else {
    return unknown_word(at(path, "role"), role.text(), "developer, system, user, assistant, tool");
  }
  out_.turns.push_back(std::move(turn));
  return {};
}

Result<void> Decoder::assistant(Value message, Turn& turn, const std::string& path) {
  thinking_blocks(message["thinking_blocks"], turn);
  if (turn.parts.empty() && message["reasoning_content"].is_string() &&
      !message["reasoning_content"].text().empty())
    turn.parts.push_back({ReasoningPart{message["reasoning_content"].text(), {}, {}}});
  if (message["content"].present()) TRY_VOID(content(message["content"], turn.parts, at(path, "content")));
  if (message["refusal"].is_string()) turn.parts.push_back({RefusalPart{message["refusal"].text()}});
  if (message["tool_calls"].present())
    TRY_VOID(tool_calls(message["tool_calls"], turn, at(path, "tool_calls")));
  if (Value call = message["function_call"]; call.is_object()) {  // before there were tools
    ToolCallPart part{call["name"].text(), call["name"].text(), {}, {}};
    TRY(part.arguments, arguments(call["arguments"].text(), at(path, "function_call.arguments")));
    turn.parts.push_back({std::move(part)});
  }
  if (message["audio"].present()) extra(at(path, "audio"), message["audio"]);
  return {};
}

// What other gateways and Hanse write beside the content, so that signed thoughts survive the round trip.
void Decoder::thinking_blocks(Value list, Turn& turn) {
  for (Value block : list) {
    std::string_view type = block["type"].text().escaped;
    if (type == "thinking")
      turn.parts.push_back({ReasoningPart{block["thinking"].text(), block["signature"].text(), {}}});
    if (type == "redacted_thinking") turn.parts.push_back({ReasoningPart{{}, {}, block["data"].text()}});
  }
}

Result<void> Decoder::tool_result(Value message, const std::string& path) {
  bool legacy = message["role"].text().escaped == "function";
  Value id = message[legacy ? "name" : "tool_call_id"];
  if (!id.is_string()) return wanted(at(path, legacy ? "name" : "tool_call_id"), "a string", id);
  ToolResultPart result;
  result.call_id = id.text();
  if (message["content"].present())
    TRY_VOID(content(message["content"], result.content, at(path, "content")));
  // Results that follow each other are one turn: they answer one turn of calls.
  bool joins = !out_.turns.empty() && out_.turns.back().role == Role::user &&
               !out_.turns.back().parts.empty() && out_.turns.back().parts.back().as<ToolResultPart>();
  if (!joins) out_.turns.push_back({Role::user, {}, {}});
  out_.turns.back().parts.push_back({std::move(result)});
  return {};
}

Result<void> Decoder::content(Value value, std::vector<Part>& parts, const std::string& path) {
  if (value.is_string()) {
    if (!value.text().empty()) parts.push_back({TextPart{value.text(), {}, {}}});
    return {};
  }
  if (!value.is_array()) return wanted(path, "a string or an array of parts", value);
  size_t i = 0;
  for (Value item : value) TRY_VOID(part(item, parts, at(path, i++)));
  return {};
}

Result<void> Decoder::part(Value value, std::vector<Part>& parts, const std::string& path) {
  if (!value.is_object()) return wanted(path, "an object", value);
  Value type = value["type"];
  if (!type.is_string()) return wanted(at(path, "type"), "a string", type);
  std::string_view word = type.text().escaped;
  if (word == "text") {
    TRY(Text t, text(at(path, "text"), value["text"]));
    if (!t.empty())
      parts.push_back(
          {TextPart{t, value["cache_control"].present() ? value["cache_control"].raw() : Raw{}, {}}});
  } else if (word == "image_url") {
    return image(value, parts, path);
  } else if (word == "file") {
    return file(value["file"], parts, at(path, "file"));
  } else if (word == "input_audio") {
    MediaPart media;
    media.kind = MediaPart::Kind::audio;
    TRY(media.data, text(at(path, "input_audio.data"), value["input_audio"]["data"]));
    bool mp3 = value["input_audio"]["format"].text().escaped == "mp3";
    media.media_type = {mp3 ? "audio/mpeg" : "audio/wav"};
    parts.push_back({std::move(media)});
  } else if (word == "refusal") {
    TRY(Text t, text(at(path, "refusal"), value["refusal"]));
    parts.push_back({RefusalPart{t}});
  } else {
    return unknown_word(at(path, "type"), type.text(), "text, image_url, input_audio, file, refusal");
  }
  return {};
}

// data:<media type>;base64,<data> (RFC 2397), or the url as it is.
void Decoder::data_url(Text url, MediaPart& media) {
  std::string_view plain = json::unescape(url, out_.arena);
  size_t comma = plain.find(',');
  if (!plain.starts_with("data:") || comma == std::string_view::npos) {
    media.url = url;
    return;
  }
  std::string_view head = plain.substr(5, comma - 5);
  media.media_type = {head.substr(0, head.find(';'))};
  media.data = {plain.substr(comma + 1)};
}

Result<void> Decoder::image(Value value, std::vector<Part>& parts, const std::string& path) {
  Value given = value["image_url"];
  Value url = given.is_object() ? given["url"] : given;
  std::string where = at(path, "image_url.url");
  TRY(Text link, text(where, url));
  MediaPart media;
  data_url(link, media);
  bool http = media.url.escaped.starts_with("http://") || media.url.escaped.starts_with("https://") ||
              media.url.escaped.starts_with("http");
  if (media.data.empty() && !http)
    return fail(Code::bad_request, where + ": wanted an http(s) or data: URL").at(where);
  if (!media.data.empty() && media.data.escaped.find_first_of("\"\\\n") != std::string_view::npos)
    return fail(Code::bad_request, where + ": the data is not base64").at(where);
  media.detail = given["detail"].text();
  if (value["cache_control"].present()) media.cache_control = value["cache_control"].raw();
  parts.push_back({std::move(media)});
  return {};
}

Result<void> Decoder::file(Value value, std::vector<Part>& parts, const std::string& path) {
  if (!value.is_object()) return wanted(path, "an object", value);
  MediaPart media;
  media.kind = MediaPart::Kind::document;
  media.name = value["filename"].text();
  media.file_id = value["file_id"].text();
  if (value["file_data"].is_string()) data_url(value["file_data"].text(), media);
  if (!media.url.empty()) {  // bare base64 without the data: head
    media.data = media.url;
    media.url = {};
    media.media_type = {"application/pdf"};
  }
  if (media.data.empty() && media.file_id.empty())
    return wanted(at(path, "file_data"), "a string (or file_id)", value["file_data"]);
  parts.push_back({std::move(media)});
  return {};
}

Result<Raw> Decoder::arguments(Text text, const std::string& path) {
  std::string_view plain = json::unescape(text, out_.arena);
  if (plain.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return Raw{"{}"};  // tools without arguments
  json::Document document;
  auto parsed = document.parse(plain, 128);
  if (!parsed) return fail(Code::bad_request, path + ": " + parsed.error().message).at(path);
  if (!parsed->is_object()) return wanted(path, "the JSON text of an object", *parsed);
  return Raw{plain};
}

Result<void> Decoder::tool_calls(Value list, Turn& turn, const std::string& path) {
  if (!list.is_array()) return wanted(path, "an array", list);
  size_t i = 0;
  for (Value call : list) {
    std::string here = at(path, i++);
    if (!call.is_object()) return wanted(here, "an object", call);
    if (call["type"].is_string() && call["type"].text().escaped != "function") {
      extra(here, call);
      continue;
    }
    ToolCallPart part;
    TRY(part.id, text(at(here, "id"), call["id"]));
    TRY(part.name, text(at(here, "function.name"), call["function"]["name"]));
    TRY(part.arguments, arguments(call["function"]["arguments"].text(), at(here, "function.arguments")));
    turn.parts.push_back({std::move(part)});
  }
  return {};
}

Result<void> Decoder::tools(Value list) {
  if (!list.is_array()) return wanted("tools", "an array", list);
  size_t i = 0;
  for (Value item : list) {
    std::string here = at("tools", i++);
    if (!item.is_object()) return wanted(here, "an object", item);
    if (item["type"].is_string() && item["type"].text().escaped != "function") {
      extra(here, item);
      continue;
    }
    Value function = item["function"];
    Tool tool;
    TRY(tool.name, text(at(here, "function.name"), function["name"]));
    tool.description = function["description"].text();
    if (function["parameters"].present() && !function["parameters"].is_object())
      return wanted(at(here, "function.parameters"), "a JSON schema", function["parameters"]);
    if (function["parameters"].is_object()) tool.schema = function["parameters"].raw();
    tool.strict = function["strict"].boolean();
    if (item["cache_control"].present()) tool.cache_control = item["cache_control"].raw();
    out_.tools.push_back(std::move(tool));
  }
  return {};
}

Result<void> Decoder::tool_choice(Value value) {
  ToolChoice& choice = out_.tool_choice;
  if (value.is_string()) {
    std::string_view word = value.text().escaped;
    if (word == "auto")
      choice.kind = ToolChoice::Kind::automatic;
    else if (word == "none")
      choice.kind = ToolChoice::Kind::none;
    else if (word == "required")
      choice.kind = ToolChoice::Kind::required;
    else
      return unknown_word("tool_choice", value.text(),
                          "auto, none, required, or {\"type\":\"function\",...}");
    return {};
  }
  if (!value.is_object()) return wanted("tool_choice", "a string or an object", value);
  if (value["type"].text().escaped != "function") {
    extra("tool_choice", value);
    return {};
  }
  TRY(choice.name, text("tool_choice.function.name", value["function"]["name"]));
  choice.kind = ToolChoice::Kind::named;
  return {};
}

Result<void> Decoder::response_format(Value value) {
  if (!value.is_object()) return wanted("response_format", "an object", value);
  OutputFormat& output = out_.output;
  std::string_view type = value["type"].text().escaped;
  if (type == "text") {
    output.kind = OutputFormat::Kind::text;
  } else if (type == "json_object") {
    output.kind = OutputFormat::Kind::json_object;
  } else if (type == "json_schema") {
    Value schema = value["json_schema"];
    output.kind = OutputFormat::Kind::json_schema;
    output.name = schema["name"].text();
    output.description = schema["description"].text();
    output.strict = schema["strict"].boolean();
    if (!schema["schema"].is_object())
      return wanted("response_format.json_schema.schema", "a JSON schema", schema["schema"]);
    output.schema = schema["schema"].raw();
  } else {
    return unknown_word("response_format.type", value["type"].text(), "text, json_object, json_schema");
  }
  return {};
}

Result<void> Decoder::stop(Value value) {
  if (value.is_string()) {
    out_.stop.push_back(value.text());
    return {};
  }
  if (!value.is_array()) return wanted("stop", "a string or an array of strings", value);
  size_t i = 0;
  for (Value item : value) {
    TRY(Text word, text(at("stop", i++), item));
    out_.stop.push_back(word);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) {
  auto request = std::make_unique<Request>();
  TRY_VOID(Decoder(*request).decode(root));
  return request;
}

}  // namespace hanse::openai_chat
