#include "catalog/door.h"

#include <algorithm>

#include "base/url.h"

namespace hanse::catalog {
namespace {

struct Standard {
  std::string_view dialect, path, stream_path;
};

constexpr Standard kStandards[] = {
    {"openai-chat", "/chat/completions", ""},
    {"openai-responses", "/responses", ""},
    {"anthropic-messages", "/v1/messages", ""},
    {"cohere-chat", "/v2/chat", ""},
    {"bedrock-converse", "/model/{model}/converse", "/model/{model}/converse-stream"},
    {"bedrock-invoke", "/model/{model}/invoke", "/model/{model}/invoke-with-response-stream"},
    {"anthropic-vertex", "/publishers/anthropic/models/{model}:rawPredict",
     "/publishers/anthropic/models/{model}:streamRawPredict"},
    {"google-gemini", "/models/{model}:generateContent", "/models/{model}:streamGenerateContent?alt=sse"},
};

}  // namespace

std::string Door::target(std::string_view base, std::string_view model, bool stream) const {
  constexpr std::string_view kMark = "{model}";
  const std::string& wanted = path_of(stream);
  size_t at = wanted.find(kMark);
  std::string out(base);
  if (at == std::string::npos) return out += wanted;
  out.append(wanted, 0, at);
  percent_encode(model, out);
  return out.append(wanted, at + kMark.size());
}

std::string Door::sibling(std::string_view operation) const {
  constexpr std::string_view kChat = "chat/completions";
  constexpr std::string_view kConverse = "/converse", kPredict = "{model}:rawPredict";
  if (operation == "count_tokens") {
    if (path.ends_with("/responses")) return path + "/input_tokens";
    if (path.ends_with(kPredict))
      return path.substr(0, path.size() - kPredict.size()) + "count-tokens:rawPredict";
    if (path.ends_with(kConverse)) return path.substr(0, path.size() - kConverse.size()) + "/count-tokens";
    return path.ends_with("/messages") ? path + "/count_tokens" : "";
  }
  if (operation == "embed")
    return path.ends_with("/v2/chat") ? path.substr(0, path.size() - 4) + "embed" : "";
  if (operation == "invoke")
    return path.ends_with(kConverse) ? path.substr(0, path.size() - kConverse.size()) + "/invoke" : "";
  constexpr std::string_view kGooglesChat = ":generateContent";
  for (std::string_view mark : {kChat, kGooglesChat}) {
    size_t at = path.find(mark);
    if (at == std::string::npos) continue;
    if (mark == kGooglesChat) ++at, mark.remove_prefix(1);
    return path.substr(0, at).append(operation).append(path, at + mark.size());
  }
  return {};
}

std::vector<std::string_view> dialect_names() {
  std::vector<std::string_view> out;
  for (const Standard& known : kStandards) out.push_back(known.dialect);
  return out;
}

Door standard_door(std::string_view dialect) {
  for (const Standard& known : kStandards)
    if (known.dialect == dialect)
      return {std::string(dialect), std::string(known.path), std::string(known.stream_path)};
  return {std::string(dialect), {}, {}};
}

Result<std::string> fill(std::string_view text, const Settings& settings) {
  std::string out;
  while (!text.empty()) {
    size_t open = std::min(text.find('{'), text.size());
    out.append(text.substr(0, open));
    text.remove_prefix(open);
    size_t close = text.find('}');
    if (close == std::string_view::npos) return out.append(text);
    std::string_view name = text.substr(1, close - 1);
    auto known = std::ranges::find(settings, name, &Settings::value_type::first);
    if (known == settings.end()) {
      out.append(text.substr(0, close + 1));
    } else {
      if (known->second.empty())
        return fail(Code::bad_request,
                    "'" + std::string(name) + "' is missing: the provider's address needs it");
      out.append(known->second);
    }
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace hanse::catalog
