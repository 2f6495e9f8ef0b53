// The page docs/reference/routing.md: how the ways to choose do in a rehearsal, beside each other.
#pragma once

#include <string>
#include <vector>

#include "route/rehearsal.h"

namespace hanse::route {

// One way to choose, over several loads.
struct Comparison {
  std::string name;
  double first_token_p50_ms = 0, first_token_p99_ms = 0;
  double goodput =
      0;  // requests a second that had their first token within kGoodFirstToken, and were answered
  double answered = 0;  // percent
};
constexpr milliseconds kGoodFirstToken{2'000};

// Six offers at equal load, of which one is slow all the time and one is lost for a third of it.
std::vector<Comparison> compare_choosers(size_t loads);

std::string routing_reference_markdown();

}  // namespace hanse::route
