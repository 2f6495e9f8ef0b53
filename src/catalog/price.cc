#include "catalog/price.h"

#include <fmt/format.h>

#include <cstdlib>

namespace hanse::catalog {

std::optional<int64_t> price_of(const ModelAt& terms, int64_t input_tokens, int64_t output_tokens) {
  // Terms hold millionths of a dollar for a million tokens: picodollars a token.
  const bool above = terms.above_tokens && input_tokens >= static_cast<int64_t>(terms.above_tokens);
  const auto input = above && terms.above_input ? terms.above_input : terms.input;
  const auto output = above && terms.above_output ? terms.above_output : terms.output;
  if (!input || (!output && output_tokens)) return {};
  return *input * input_tokens + output.value_or(0) * output_tokens;
}

std::string text_in_usd(int64_t picodollars) {
  constexpr int64_t kDollar = 1'000'000'000'000, kMillionth = 1'000'000;
  const int64_t whole = picodollars / kDollar, rest = picodollars % kDollar / kMillionth;
  return fmt::format("{}{}.{:06}", picodollars < 0 ? "-" : "", std::abs(whole), std::abs(rest));
}

}  // namespace hanse::catalog
