// Which path means what, and in whose language its answers are. The paths of the vendors' own APIs, each also
// below a prefix that other gateways' users know: /openai, /anthropic, /genai, /bedrock.
#pragma once

#include <optional>
#include <string_view>

#include "dialect/dialect.h"

namespace hanse::gateway {

enum class Operation : unsigned char {
  chat,
  embeddings,
  completions,
  count_tokens,
  models,
  model,
  healthz,
  readyz,
  metrics,
  home,
  unknown
};

// Asked by machines that watch, not by clients of models: not counted as requests.
inline bool is_service(Operation operation) {
  return operation >= Operation::healthz && operation <= Operation::home;
}

// Asks a model: goes to an offer. All but chat pass untouched to providers of the client's own dialect.
inline bool asks_model(Operation operation) { return operation <= Operation::count_tokens; }

struct Route {
  Operation operation = Operation::unknown;
  const Dialect* dialect = nullptr;  // of errors too; never null: unknown paths answer like OpenAI's API
  std::string_view method;           // the one that is allowed
  std::string_view model;            // that the path names, as it stands there (percent-encoded)
  std::string_view path;             // without the query
  std::string_view query;            // behind the '?'
  std::optional<bool> stream;        // where the path says it
};

// What the headers show of the client, which settles paths that two languages share.
struct ClientSigns {
  bool anthropic = false;  // anthropic-version is sent
};

Route find_route(std::string_view target, ClientSigns signs);

}  // namespace hanse::gateway
