// Makes a JSON text that satisfies a JSON schema: the arguments of a simulated tool call, or an answer in a
// wanted form.
//
//   Hints hints = read_hints("call get_weather with city=Oslo days=3");
//   std::string json = make_instance(schema, hints, random);      // {"city":"Oslo","days":3}
//
// Knows types (also lists of them), enum, const, properties, required, items, prefixItems, uniqueItems,
// minimum and maximum of all kinds, multipleOf, the common formats, $ref within the schema, allOf, anyOf,
// oneOf. Doesn't know: pattern, not, if, dependent*. Optional properties are left out unless a hint names
// them or nothing is required.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/random.h"

namespace hanse::sim {

// Values that the prompt asks for, by the name of the property: NAME=VALUE or NAME="some words".
using Hints = std::vector<std::pair<std::string, std::string>>;
Hints read_hints(std::string_view text);

// `schema` empty: any object.
std::string make_instance(json::Raw schema, const Hints& hints, Random& random);

// A word of the model's small vocabulary.
std::string_view some_word(Random& random);

}  // namespace hanse::sim
