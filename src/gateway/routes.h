// Which path means what, and in whose language its answers are. The languages bring the paths of their
// vendors' APIs (Dialect::paths); each is also served below a prefix that other gateways' users know:
// /openai, /anthropic, /genai and /bedrock.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "dialect/dialect.h"
#include "net/http/head.h"

namespace hanse::gateway {

// Asked by people and machines that watch, not by clients of models: not counted as requests.
enum class Service : unsigned char { none, healthz, readyz, metrics, status, drill, home };

struct Route {
  std::optional<Operation> operation;  // of a language's path
  Service service = Service::none;     // of our own
  const Dialect* dialect = nullptr;    // of errors too; never null: unknown paths answer like OpenAI's API
  std::string_view model;              // that the path names, as it stands there (percent-encoded)
  std::string_view path;               // without the query
  std::string_view query;              // behind the '?'
  std::optional<bool> stream;          // where the path says it

  bool known() const { return operation || service != Service::none; }
  bool asks_model() const { return operation && *operation < Operation::models; }
  bool asks_kept() const { return operation && *operation >= Operation::kept; }
  // Those that are allowed, as in `Allow`.
  std::string_view methods() const {
    if (asks_model()) return "POST";
    if (service == Service::drill) return "POST, DELETE";
    return operation == Operation::kept ? "GET, DELETE" : "GET";
  }
  bool takes(std::string_view method) const {
    if (asks_model()) return method == "POST";
    if (service == Service::drill) return method == "POST" || method == "DELETE";
    return method == "GET" || method == "HEAD" || (method == "DELETE" && operation == Operation::kept);
  }
};

// Whose paths are meant below it, where languages share one.
struct Prefix {
  std::string_view path, dialect;
};
std::span<const Prefix> prefixes();

// Where languages share a path the client's headers tell whose it is.
Route find_route(std::string_view target, const http::Headers& headers);

}  // namespace hanse::gateway
