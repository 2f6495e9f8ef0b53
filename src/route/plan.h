// Which offers can answer what is asked: those whose model can't are left out, with the reason. Their order is
// choose.h's affair, and whether they are well health.h's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "catalog/snapshot.h"

namespace hanse::route {

// What the request asks of a model.
struct Ask {
  uint16_t needs = 0;        // bits of canon::Need
  int64_t input_tokens = 0;  // about so many
};

struct Plan {
  std::vector<catalog::Offer> offers;  // never empty
  struct Skipped {
    catalog::Offer offer;
    std::string reason;  // "takes no images"
  };
  std::vector<Skipped> skipped;
};

// Whether what is asked could change the plan: only then it is worth finding out. A token has at least a
// byte.
bool depends_on_ask(std::span<const catalog::Offer> offers, size_t body_bytes);

// `offers` are not empty. Where the catalogue holds something against all of them, all are tried: the
// providers know best.
Plan plan(std::vector<catalog::Offer> offers, const Ask& ask);

}  // namespace hanse::route
