#include "gateway/routes.h"

#include <algorithm>

namespace hanse::gateway {
namespace {

struct ServiceRow {
  std::string_view path;
  Service service;
};
constexpr ServiceRow kServices[] = {{"/healthz", Service::healthz}, {"/readyz", Service::readyz},
                                    {"/metrics", Service::metrics}, {"/status", Service::status},
                                    {"/drill", Service::drill},     {"/", Service::home}};

constexpr Prefix kPrefixes[] = {{"/openai", "openai-chat"},
                                {"/anthropic", "anthropic-messages"},
                                {"/genai", "google-gemini"},
                                {"/bedrock", "bedrock-converse"}};

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
    if (is_model) {
      if (path.size() <= pattern.size() || path.front() == '/' || !path.ends_with(pattern)) return false;
      model = path.substr(0, path.size() - pattern.size());
      return true;
    }
    size_t segment = std::min(path.find('/'), path.size());
    if (segment == 0) return false;
    path.remove_prefix(segment);
  }
}

// What asks a model goes first: in "models/x:countTokens" of one language another sees a model of that name.
bool take_path(const Dialect& dialect, std::string_view path, Route& route, bool asking_model) {
  for (const ClientPath& known : dialect.paths()) {
    const bool lists = known.operation == Operation::models || known.operation == Operation::model;
    if (lists == asking_model) continue;
    std::string_view model;
    if (!matches(known.pattern, path, model)) continue;
    route.operation = known.operation;
    route.dialect = &dialect;
    route.model = model;
    if (known.streams != ClientPath::Streams::in_body)
      route.stream = known.streams == ClientPath::Streams::always;
    return true;
  }
  return false;
}

// The language that the prefix or the headers show; nullptr when neither does. Takes the prefix off the path.
const Dialect* shown_dialect(std::string_view& path, const http::Headers& headers) {
  for (const Prefix& prefix : kPrefixes) {
    if (!path.starts_with(prefix.path) || !path.substr(prefix.path.size()).starts_with('/')) continue;
    path.remove_prefix(prefix.path.size());
    return find_dialect(prefix.dialect);
  }
  for (const Dialect* dialect : all_dialects())
    if (!dialect->sign_header().empty() && headers.find(dialect->sign_header())) return dialect;
  return nullptr;
}

}  // namespace

std::span<const Prefix> prefixes() { return kPrefixes; }

Route find_route(std::string_view target, const http::Headers& headers) {
  Route route;
  size_t query = std::min(target.find_first_of("?#"), target.size());
  route.path = target.substr(0, query);
  if (query < target.size()) route.query = target.substr(query + 1);
  std::string_view path = route.path;
  const Dialect* shown = shown_dialect(path, headers);
  route.dialect = shown ? shown : all_dialects().front();
  for (bool asking_model : {true, false})
    if (shown && take_path(*shown, path, route, asking_model)) return route;
  for (bool asking_model : {true, false})
    for (const Dialect* dialect : all_dialects())
      if (take_path(*dialect, path, route, asking_model)) return route;
  for (const ServiceRow& row : kServices)
    if (row.path == route.path) route.service = row.service;
  // What looks like a path of Anthropic's is answered in its language, unknown or not.
  if (!route.known() && path.starts_with("/v1/messages/")) route.dialect = find_dialect("anthropic-messages");
  return route;
}

}  // namespace hanse::gateway
