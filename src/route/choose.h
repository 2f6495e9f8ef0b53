// Which offer of a model is asked first, by its policy; the others follow, for the case that it fails.
//
//   std::array<uint8_t, kOffersMax> order;
//   choose(Policy::balanced, facts, random, order);      // order[0] is the index of the first, and so on
//
// Pure: the same facts and the same state of `random` give the same order. No allocation. Each policy has a
// file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/random.h"

namespace hanse::route {

enum class Policy : uint8_t { ordered, weighted, cheapest, fastest, balanced };

std::optional<Policy> policy_named(std::string_view name);

// What is known of an offer at the moment of the choice.
struct Facts {
  uint64_t share = 0;           // of the requests, among all shares
  int64_t price = -1;           // of this request, in picodollars; -1: not known
  int64_t requests = 0;         // that it is answering
  int64_t outstanding = 0;      // tokens of these
  int64_t first_token_us = -1;  // learned from requests of about this size; -1: not known
  int64_t usual = -1;           // tokens that were outstanding when it was learned
};

constexpr size_t kOffersMax = 64;

// `facts` and `order` are of the same size, at most kOffersMax.
void choose(Policy policy, std::span<const Facts> facts, Random& random, std::span<uint8_t> order);

// The policies; `order` holds the offers as they are listed when they begin.
void order_weighted(std::span<const Facts> facts, Random& random, std::span<uint8_t> order);
void order_cheapest(std::span<const Facts> facts, std::span<uint8_t> order);
void order_fastest(std::span<const Facts> facts, Random& random, std::span<uint8_t> order);
void order_balanced(std::span<const Facts> facts, Random& random, std::span<uint8_t> order);

}  // namespace hanse::route
