// Reasoning effort and thinking budgets, one table for both directions. OpenAI says how hard to think in
// words, Anthropic's older models in tokens; nobody publishes an equivalence, so these are Hanse's and
// documented as such.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hanse {

struct Effort {
  std::string_view word;
  int64_t budget_tokens;
};
inline constexpr Effort kEfforts[] = {{"minimal", 1024}, {"low", 2048},    {"medium", 8192},
                                      {"high", 16384},   {"xhigh", 32768}, {"max", 65536}};

inline std::optional<int64_t> budget_of_effort(std::string_view word) {
  for (const Effort& effort : kEfforts)
    if (effort.word == word) return effort.budget_tokens;
  return {};
}

// The strongest word whose budget is not over `tokens`; words that every reasoning model knows.
inline std::string_view effort_of_budget(int64_t tokens) {
  return tokens >= 16384 ? "high" : tokens >= 4096 ? "medium" : "low";
}

}  // namespace hanse
