// The tables of the config with their options, for the texts that are generated of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/option.h"

namespace hanse::catalog {

struct Table {
  std::string_view name;   // "server"; "provider.NAME" where there may be several
  std::string_view about;  // one or two sentences
  std::vector<OptionFacts> options;
};

// In the order in which somebody reads about them.
std::vector<Table> tables();

// The rows of a reference page: option, kind, default, what is allowed, what it is.
std::string options_table(const std::vector<OptionFacts>& options);

// "10ms to 1h", "openai-chat, anthropic-messages"; empty where anything goes.
std::string allowed_text(const OptionFacts& option);

}  // namespace hanse::catalog
