#include "sim/order.h"

#include <algorithm>

namespace hanse::sim {
namespace {

constexpr std::string_view kPhrase = "one call at a time:";

// Up to the next `;` that no quotes enclose.
std::string_view first_step(std::string_view line) {
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (quote != 0)
      quote = c == quote ? '\0' : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == ';')
      return line.substr(0, i);
  }
  return line;
}

std::vector<Order::Call> read_calls(std::string_view text) {
  std::vector<Order::Call> calls;
  size_t at = find_phrase(text, kPhrase.substr(0, kPhrase.size() - 1));
  if (at == std::string_view::npos || !text.substr(at).substr(kPhrase.size() - 1).starts_with(':'))
    return calls;
  std::string_view line = text.substr(at + kPhrase.size());
  line = line.substr(0, line.find_first_of("\r\n"));
  while (!line.empty()) {
    std::string_view step = first_step(line);
    line.remove_prefix(std::min(step.size() + 1, line.size()));
    step.remove_prefix(std::min(step.find_first_not_of(" \t"), step.size()));
    std::string_view tool = step.substr(0, step.find_first_of(" \t"));
    if (!tool.empty()) calls.push_back({std::string(tool), std::string(step.substr(tool.size()))});
  }
  return calls;
}

bool makes_calls(const canon::Turn& turn) {
  return std::any_of(turn.parts.begin(), turn.parts.end(),
                     [](const auto& part) { return part.template as<canon::ToolCallPart>() != nullptr; });
}

void read_user(const canon::Turn& turn, Order& order) {
  for (const auto& part : turn.parts) {
    if (auto* text = part.as<canon::TextPart>()) {
      auto calls = read_calls(json::unescape(text->text));
      if (!calls.empty()) order = {std::move(calls), 0, {}};
    } else if (auto* result = part.as<canon::ToolResultPart>(); result && !order.calls.empty()) {
      order.answers.push_back(read_answer(*result));
    }
  }
}

}  // namespace

Order read_order(const canon::Request& request) {
  Order order;
  for (const auto& turn : request.turns) {
    if (turn.role == canon::Role::user)
      read_user(turn, order);
    else if (turn.role == canon::Role::assistant && makes_calls(turn))
      ++order.made;
    else if (turn.role == canon::Role::assistant)
      order = {};
  }
  order.made = std::min(order.made, order.calls.size());
  return order;
}

}  // namespace hanse::sim
