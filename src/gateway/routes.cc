#include "gateway/routes.h"

#include <algorithm>
#include <span>

namespace hanse::gateway {
namespace {

enum class Streams : unsigned char { in_body, never, always };

struct Row {
  // {model} takes everything up to what follows it, {} one segment.
  std::string_view pattern;
  Operation operation;
  std::string_view dialect;  // empty: as the headers show
  std::string_view method;
  Streams streams = Streams::in_body;
};

constexpr Row kRows[] = {
    {"/v1/chat/completions", Operation::chat, "openai-chat", "POST"},
    {"/chat/completions", Operation::chat, "openai-chat", "POST"},
    {"/deployments/{model}/chat/completions", Operation::chat, "openai-chat", "POST"},  // Azure
    {"/v1/embeddings", Operation::embeddings, "openai-chat", "POST"},
    {"/embeddings", Operation::embeddings, "openai-chat", "POST"},
    {"/deployments/{model}/embeddings", Operation::embeddings, "openai-chat", "POST"},
    {"/v1/completions", Operation::completions, "openai-chat", "POST"},
    {"/completions", Operation::completions, "openai-chat", "POST"},
    {"/deployments/{model}/completions", Operation::completions, "openai-chat", "POST"},
    {"/v1/messages", Operation::chat, "anthropic-messages", "POST"},
    {"/v1/messages/count_tokens", Operation::count_tokens, "anthropic-messages", "POST"},
    {"/v1/models", Operation::models, "", "GET"},
    {"/v1/models/{model}", Operation::model, "", "GET"},
};

constexpr Row kServiceRows[] = {
    {"/healthz", Operation::healthz, "", "GET"},
    {"/readyz", Operation::readyz, "", "GET"},
    {"/metrics", Operation::metrics, "", "GET"},
    {"/", Operation::home, "", "GET"},
};

constexpr std::string_view kPrefixes[] = {"/openai", "/anthropic", "/genai", "/bedrock"};

// Whether `path` is as `pattern` says; `model` becomes what stands in the place of {model}.
bool matches(std::string_view pattern, std::string_view path, std::string_view& model) {
  while (true) {
    size_t open = std::min(pattern.find('{'), pattern.size());
    if (path.substr(0, open) != pattern.substr(0, open)) return false;
    path.remove_prefix(open);
    if (open == pattern.size()) return path.empty();
    size_t close = pattern.find('}', open);
    bool is_model = close > open + 1;
    pattern.remove_prefix(close + 1);
    size_t taken = std::min(path.find('/'), path.size());
    if (is_model) {
      if (path.size() <= pattern.size() || path.front() == '/' || !path.ends_with(pattern)) return false;
      model = path.substr(0, path.size() - pattern.size());
      return true;
    }
    if (taken == 0) return false;
    path.remove_prefix(taken);
  }
}

bool take_row(std::span<const Row> rows, std::string_view path, Route& route) {
  for (const Row& row : rows) {
    if (!matches(row.pattern, path, route.model)) continue;
    route.operation = row.operation;
    route.method = row.method;
    if (!row.dialect.empty()) route.dialect = find_dialect(row.dialect);
    if (row.streams != Streams::in_body) route.stream = row.streams == Streams::always;
    return true;
  }
  return false;
}

std::string_view without_prefix(std::string_view path) {
  for (std::string_view prefix : kPrefixes)
    if (path.starts_with(prefix) && path.substr(prefix.size()).starts_with('/'))
      return path.substr(prefix.size());
  return path;
}

}  // namespace

Route find_route(std::string_view target, ClientSigns signs) {
  Route route;
  size_t query = std::min(target.find_first_of("?#"), target.size());
  route.path = target.substr(0, query);
  if (query < target.size()) route.query = target.substr(query + 1);
  std::string_view path = without_prefix(route.path);
  bool anthropic =
      signs.anthropic || path.starts_with("/v1/messages") || route.path.starts_with("/anthropic/");
  route.dialect = find_dialect(anthropic ? "anthropic-messages" : "openai-chat");
  if (!take_row(kRows, path, route)) take_row(kServiceRows, route.path, route);
  return route;
}

}  // namespace hanse::gateway
