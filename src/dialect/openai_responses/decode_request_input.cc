// A client's request: the conversation, a string or a list of items.
#include "dialect/openai_arguments.h"
#include "dialect/openai_responses/compaction.h"
#include "dialect/openai_responses/decoder.h"
#include "dialect/openai_responses/signature.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {

using canon::Role;
using json::Text;
using json::Value;

namespace {

constexpr std::string_view kItemTypes =
    "message, function_call, function_call_output, custom_tool_call, custom_tool_call_output, reasoning";

// What tools of the provider did. Another provider has no word for it.
constexpr std::string_view kOfTheProvider[] = {
    "apply_patch_call",
    "apply_patch_call_output",
    "code_interpreter_call",
    "compaction_trigger",
    "computer_call",
    "computer_call_output",
    "file_search_call",
    "image_generation_call",
    "local_shell_call",
    "local_shell_call_output",
    "mcp_approval_request",
    "mcp_call",
    "mcp_approval_response",
    "mcp_list_tools",
    "program",
    "program_output",
    "shell_call",
    "shell_call_output",
    "tool_search_call",
    "web_search_call",
};

bool is_of_the_provider(std::string_view type) {
  for (std::string_view each : kOfTheProvider)
    if (each == type) return true;
  return false;
}

bool says_something(const canon::Turn& turn) {
  for (const canon::Part& part : turn.parts)
    if (part.as<canon::TextPart>() || part.as<canon::RefusalPart>()) return true;
  return false;
}

bool calls_something(const canon::Turn& turn) {
  for (const canon::Part& part : turn.parts)
    if (part.as<canon::ToolCallPart>()) return true;
  return false;
}

uint32_t number(const Place& at) { return Spot{static_cast<uint32_t>(at.index)}.packed(); }

}  // namespace

Result<void> RequestDecoder::conversation(Value root) {
  Value instructions = root["instructions"], input = root["input"];
  if (instructions.present()) {
    TRY(Text text, want_text(instructions, {nullptr, "instructions"}));
    if (!text.empty())
      request_.turns.emplace_back(Role::system).parts.push_back({canon::TextPart{text, {}, {}}});
  }
  const Place at{nullptr, "input"};
  if (!input.present() && !request_.continues.empty()) return {};
  if (input.is_string()) {
    if (input.text().empty()) return refuse(at, "wanted some text, got an empty string");
    request_.turns.emplace_back(Role::user).parts.push_back({canon::TextPart{input.text(), {}, {}}});
    return {};
  }
  if (!input.is_array()) return wanted(at, "a string or an array of items", input);
  if (input.size() == 0 && request_.continues.empty())
    return refuse(at, "wanted at least one item, got none");
  request_.turns.reserve(request_.turns.size() + input.size());
  size_t index = 0;
  for (Value each : input) TRY_VOID(item(each, at[index++]));
  return {};
}

Result<void> RequestDecoder::item(Value item, const Place& at) {
  if (!item.is_object()) return wanted(at, "an object", item);
  Value named = item["type"];
  TRY(Text type, want_text_or_nothing(named, at["type"]));
  if (type.escaped == "message") return message(item, at);
  if (type.escaped == "function_call") return call(item, at, false);
  if (type.escaped == "custom_tool_call") return call(item, at, true);
  if (type.escaped == "function_call_output" || type.escaped == "custom_tool_call_output")
    return call_output(item, at);
  if (type.escaped == "reasoning") return reasoning(item, at);
  if (!type.empty()) return other_item(item, type, at);
  // Without a type it is a message, or the mere id of an item.
  if (item["role"].present() || !item["id"].is_string()) return message(item, at);
  return other_item(item, {"item_reference"}, at);
}

Result<void> RequestDecoder::other_item(Value item, Text type, const Place& at) {
  if (type.escaped == "item_reference")
    return refuse(at, "an item that is only named is kept by one provider; send the item itself");
  if (type.escaped == "compaction" && is_own_compaction(item)) return summary(item, at);
  if (type.escaped == "compaction")
    return refuse(at, "what one provider compacted can't be read by another; send the conversation itself");
  if (type.escaped == "additional_tools" || type.escaped == "tool_search_output") {
    const size_t before = request_.tools.size();
    TRY_VOID(tools(item["tools"], at["tools"]));
    for (size_t i = before; i < request_.tools.size(); ++i) request_.tools[i].at = canon::kAlone;
    return {};
  }
  if (!is_of_the_provider(type.escaped)) return unknown_word(at["type"], type, kItemTypes);
  extra(item, at);
  return {};
}

Result<void> RequestDecoder::summary(Value item, const Place& at) {
  std::string words = read_summary(item);
  if (words.empty()) return refuse(at["encrypted_content"], "this summary of Hanse's was changed on its way");
  std::string escaped;
  json::escape(kSummaryHead, escaped);
  json::escape(words, escaped);
  Text text{request_.arena.copy(escaped)};
  new_turn(Role::user, at).parts.push_back({canon::TextPart{text, {}, {}}});
  return {};
}

canon::Turn& RequestDecoder::new_turn(Role role, const Place& at) {
  canon::Turn& turn = request_.turns.emplace_back();
  turn.role = role;
  turn.at = number(at);
  return turn;
}

// What an assistant did in a row is one turn; what it said between is told apart, unless it waits for
// results.
canon::Turn& RequestDecoder::assistant_turn(bool may_begin_another, const Place& at) {
  if (request_.turns.empty() || request_.turns.back().role != Role::assistant)
    return new_turn(Role::assistant, at);
  canon::Turn& last = request_.turns.back();
  if (may_begin_another && says_something(last) && !calls_something(last))
    return new_turn(Role::assistant, at);
  return last;
}

Result<void> RequestDecoder::message(Value item, const Place& at) {
  auto [type, named, said, id, status, phase] =
      read_members<6>(item, {"type", "role", "content", "id", "status", "phase"}, request_.arena,
                      [&](Value other) { extra(other, at[other.key().escaped]); });
  TRY(Text role, want_text(named, at["role"]));
  if (phase.present()) extra(phase, at["phase"]);
  const Place inside = at["content"];
  if (role.escaped == "assistant") {
    canon::Turn& turn = assistant_turn(true, at);
    const size_t before = turn.parts.size();
    TRY_VOID(content(said, turn.parts, inside));
    for (size_t i = before; i < turn.parts.size(); ++i)
      turn.parts[i].at = Spot{static_cast<uint32_t>(at.index), turn.parts[i].at}.packed();
    return {};
  }
  if (role.escaped != "user" && role.escaped != "system" && role.escaped != "developer")
    return unknown_word(at["role"], role, "user, assistant, system, developer");
  canon::Turn& turn = new_turn(role.escaped == "user" ? Role::user : Role::system, at);
  TRY_VOID(content(said, turn.parts, inside));
  for (canon::Part& part : turn.parts) part.at = Spot{static_cast<uint32_t>(at.index), part.at}.packed();
  return {};
}

// Thoughts are valid where they were encrypted only; what is shown of them is for people.
Result<void> RequestDecoder::reasoning(Value item, const Place& at) {
  auto [type, id, summary, content, encrypted, status] =
      members<6>(item, at, {"type", "id", "summary", "content", "encrypted_content", "status"});
  canon::ReasoningPart part;
  TRY(Text id_text, want_text_or_nothing(id, at["id"]));
  TRY(Text proof, want_text_or_nothing(encrypted, at["encrypted_content"]));
  std::string said;
  for (auto [list, key] : {std::pair(summary, "summary"), std::pair(content, "content")}) {
    Place here = at[key];
    if (list.present() && !list.is_array()) return wanted(here, "an array", list);
    if (!said.empty()) continue;  // `content` is the whole of what `summary` sums up
    size_t index = 0;
    for (Value each : list) {
      Place place = here[index++], text = place["text"];
      TRY(Text piece, want_text(each["text"], text));
      if (!said.empty()) said += kBetweenThoughts;
      said += piece.escaped;
    }
  }
  part.text = {request_.arena.copy(said)};
  read_carried(proof, id_text, part, request_.arena);
  if (part.text.empty() && proof.empty()) return {};
  assistant_turn(true, at).parts.push_back({part, number(at)});
  return {};
}

Result<void> RequestDecoder::call(Value item, const Place& at, bool custom) {
  const std::string_view given = custom ? "input" : "arguments";
  auto [type, id, call_id, name, space, said, status] =
      members<7>(item, at, {"type", "id", "call_id", "name", "namespace", given, "status"});
  canon::ToolCallPart part;
  TRY(part.id, want_text(call_id, at["call_id"]));
  TRY(Text plain, want_text(name, at["name"]));
  TRY(Text group, want_text_or_nothing(space, at["namespace"]));
  part.name = joined_name(group, plain, request_.arena);
  if (custom) {
    TRY(Text text, want_text_or_nothing(said, at["input"]));
    part.arguments = {request_.arena.copy(std::string("{\"input\":\"").append(text.escaped).append("\"}"))};
  } else {
    TRY(part.arguments, read_arguments(said, request_.arena, at["arguments"]));
  }
  assistant_turn(false, at).parts.push_back({part, number(at)});
  return {};
}

// Results in a row are one turn, as other languages want them.
Result<void> RequestDecoder::call_output(Value item, const Place& at) {
  auto [type, id, call_id, output, status, name, space] =
      members<7>(item, at, {"type", "id", "call_id", "output", "status", "name", "namespace"});
  canon::ToolResultPart result;
  TRY(result.call_id, want_text(call_id, at["call_id"]));
  if (output.present()) TRY_VOID(content(output, result.content, at["output"]));
  const bool behind_another = !request_.turns.empty() && !request_.turns.back().parts.empty() &&
                              request_.turns.back().parts.back().as<canon::ToolResultPart>();
  canon::Turn& turn = behind_another ? request_.turns.back() : new_turn(Role::user, at);
  turn.parts.push_back({std::move(result), number(at)});
  return {};
}

}  // namespace hanse::openai_responses
