// Which path means what, and in whose language its answers are.
#pragma once

#include <string_view>

#include "dialect/dialect.h"

namespace hanse::gateway {

enum class Operation : unsigned char { chat, models, model, healthz, readyz, metrics, home, unknown };

// Asked by machines that watch, not by clients of models: not counted as requests.
inline bool is_service(Operation operation) {
  return operation >= Operation::healthz && operation <= Operation::home;
}

struct Route {
  Operation operation = Operation::unknown;
  const Dialect* dialect = nullptr;  // of errors too; never null: unknown paths answer like OpenAI's API
  std::string_view method;           // the one that is allowed
  std::string_view id;               // of a model
  std::string_view path;             // without the query
};

// `anthropic_client`: the request's headers show Anthropic's SDK (anthropic-version), which settles shared
// paths.
Route find_route(std::string_view target, bool anthropic_client);

}  // namespace hanse::gateway
