// What a request costs by the catalogue's terms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "catalog/model_row.h"

namespace hanse::catalog {

// In picodollars (a millionth of a millionth), so that all is whole: prices are dollars for a million tokens.
// Nothing where the terms lack the price of something that it needs.
std::optional<int64_t> price_of(const ModelAt& terms, int64_t input_tokens, int64_t output_tokens);

// Of picodollars, with six digits behind the point (what is below is cut off): "0.001234".
std::string text_in_usd(int64_t picodollars);

}  // namespace hanse::catalog
