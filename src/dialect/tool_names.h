// Names of tools that a target refuses. Other than ids they mean something to the model and to the client, so
// they are not rewritten: the request is refused with the client's own name of the field.
//
//   TRY_VOID(check_tool_names(request, 64));          // letters, digits, '_' and '-', at most so many
//   TRY_VOID(check_tool_names(request, {64, ".:"}));  // and these
//
// The error is `unsupported`: an offer that speaks another dialect may take the name.
#pragma once

#include "canon/request.h"
#include "dialect/ids.h"

namespace hanse {

inline Failed refuse_tool_name(json::Text name, const IdRule& rule, std::string_view path) {
  std::string plain = json::unescape(name);
  constexpr size_t kShownMax = 200;
  std::string also;
  for (char c : rule.more) also.append(1, '\'').append(1, c).append("', ");
  std::string what = std::string(path) + ": the model that would answer takes names of 1 to " +
                     std::to_string(rule.size_max) + " letters, digits, " + also + "'_' and '-', not '" +
                     plain.substr(0, kShownMax) + "'";
  return fail(Code::unsupported, std::move(what)).at(std::string(path));
}

inline Result<void> check_tool_names(const canon::Request& request, const IdRule& rule) {
  auto good = [&](json::Text name) {
    bool plain = name.escaped.find('\\') == std::string_view::npos;
    return plain ? is_legal(name.escaped, rule) : is_legal(json::unescape(name), rule);
  };
  for (const canon::Tool& tool : request.tools)
    if (!good(tool.name)) return refuse_tool_name(tool.name, rule, request.name_path(tool));
  for (size_t turn = 0; turn < request.turns.size(); ++turn) {
    const auto& parts = request.turns[turn].parts;
    for (size_t i = 0; i < parts.size(); ++i)
      if (const auto* call = parts[i].as<canon::ToolCallPart>(); call && !good(call->name))
        return refuse_tool_name(call->name, rule, request.name_path(turn, i));
  }
  return {};
}

inline Result<void> check_tool_names(const canon::Request& request, size_t size_max) {
  return check_tool_names(request, {size_max, ""});
}

}  // namespace hanse
