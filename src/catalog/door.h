// A door: one language that a provider speaks, and the paths where it is spoken. A path may hold `{model}`,
// for languages that name the model there; `{resource}`, `{region}`, `{project}`, `{location}` and
// `{api_version}` are filled in from the provider's table of the config when that is read.
//
//   Door door{"google-gemini", "/models/{model}:generateContent",
//   "/models/{model}:streamGenerateContent?alt=sse"}; std::string target = door.target("/v1beta",
//   "gemini-3-pro", true);
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace hanse::catalog {

struct Door {
  std::string dialect;
  std::string path;
  std::string stream_path;  // empty: the same as `path`

  // Where the same language is spoken about something else, beside its chat: "embeddings", "completions".
  // Empty: nowhere.
  std::string sibling(std::string_view operation) const;
  bool names_model() const { return path.find("{model}") != std::string::npos; }
  const std::string& path_of(bool stream) const {
    return stream && !stream_path.empty() ? stream_path : path;
  }
  // What stands in the request line: `base` is the path of the provider's URL; the model is percent-encoded.
  std::string target(std::string_view base, std::string_view model, bool stream) const;
};

// The known languages, and where each is spoken unless a row says otherwise.
std::vector<std::string_view> dialect_names();
Door standard_door(std::string_view dialect);

// Names and values that may stand in braces.
using Settings = std::vector<std::pair<std::string_view, std::string_view>>;
// `text` with each {name} of `settings` replaced. Error bad_request names one that has no value. Other names
// in braces stay.
Result<std::string> fill(std::string_view text, const Settings& settings);

}  // namespace hanse::catalog
