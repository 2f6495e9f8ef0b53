#include "gateway/routes.h"

namespace hanse::gateway {
namespace {

struct Row {
  std::string_view path;
  Operation operation;
  std::string_view dialect;  // empty: as the headers show
  std::string_view method;
};

// A path that ends in '/' takes a model's id behind it.
constexpr Row kRows[] = {
    {"/v1/chat/completions", Operation::chat, "openai-chat", "POST"},
    {"/v1/messages", Operation::chat, "anthropic-messages", "POST"},
    {"/v1/models", Operation::models, "", "GET"},
    {"/v1/models/", Operation::model, "", "GET"},
    {"/healthz", Operation::healthz, "", "GET"},
    {"/readyz", Operation::readyz, "", "GET"},
    {"/metrics", Operation::metrics, "", "GET"},
    {"/", Operation::home, "", "GET"},
};

bool matches(const Row& row, std::string_view path) {
  if (row.operation == Operation::model) return path.size() > row.path.size() && path.starts_with(row.path);
  return path == row.path;
}

}  // namespace

Route find_route(std::string_view target, bool anthropic_client) {
  Route route;
  route.path = target.substr(0, target.find_first_of("?#"));
  bool anthropic = anthropic_client || route.path.starts_with("/v1/messages");
  std::string_view shared = anthropic ? "anthropic-messages" : "openai-chat";
  route.dialect = find_dialect(shared);
  for (const Row& row : kRows) {
    if (!matches(row, route.path)) continue;
    route.operation = row.operation;
    route.method = row.method;
    if (!row.dialect.empty()) route.dialect = find_dialect(row.dialect);
    if (row.operation == Operation::model) route.id = route.path.substr(row.path.size());
    break;
  }
  return route;
}

}  // namespace hanse::gateway
