// What becomes of each field of a request in each other language, measured: every example of
// src/dialect/NAME/fidelity.json is translated with its field and without it.
//
//   {"base": {...},                       a good request, without what the example says of its own
//    "needless": {"n": "why"},            where nothing comes of it, nothing is lost, and why
//    "fields": {"seed": {"seed": 7},      members of the request that hold the field; without: the field
//    taken out
//               "model": [{..}, {..}],    with, and with another value, where the field can't be left out
//               "stream": "why"}}         Hanse does it itself, so no provider is told
//
// A path names what stands in lists and choices by its `type` or `role`: "tools[function].function.strict".
// One that ends in "..." stands for all below as well.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace hanse::fidelity {

enum class Outcome : unsigned char {
  mapped,    // the provider reads something else with it than without
  partly,    // so it does, and a loss is reported as well
  dropped,   // the provider reads the same, and the loss is reported
  refused,   // 400
  needless,  // the provider reads the same, which is what was asked for
  silent,    // the provider reads the same and nobody is told: a defect
};

struct Cell {
  std::string_view target;  // the other language
  Outcome outcome = Outcome::silent;
  std::vector<std::string> told;  // the losses, or the field that is refused
};

struct Row {
  std::string field;
  std::string by_hanse;  // why no provider is told; then no cells
  std::string needless;  // why some aren't
  std::string fault;     // what is wrong with the example itself
  std::vector<Cell> cells;
};

struct Page {
  std::string_view dialect;
  std::vector<Row> rows;
};

// Of all languages, in the order of all_dialects(); those that are another in a cloud's clothes are left out.
std::vector<Page> measure();
// Whether `told` names `field`, what stands in it or what it stands in.
bool names(std::string_view told, std::string_view field);
std::string markdown(const std::vector<Page>& pages);

}  // namespace hanse::fidelity
