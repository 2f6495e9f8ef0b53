// Starts simulated clouds on threads of their own: for `hanse sim`, and inside `hanse serve` when no provider
// is known.
//
//   SimOptions options;
//   options.ports["openai"] = 0;                   // any free one
//   TRY(auto clouds, Clouds::start(options));      // they answer from here on ...
//   use(clouds->url("openai"));                    // "http://127.0.0.1:41234/v1"
//                                                  // ... until the object ends
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hanse::sim {

struct SimOptions {
  // By the names of kSites; 0: any free one; not there: not started.
  std::map<std::string, uint16_t, std::less<>> ports;
  std::string host = "127.0.0.1";
  int ttft_ms = 0;
  double tokens_per_second = 0;  // 0: at once
  double fail_rate = 0;
  std::string fail = "500";  // see fault.h
  uint64_t seed = 0;
  std::string key;
  int threads = 1;
};

// What can be simulated; each at an address of its own.
struct SiteKind {
  std::string_view name;
  std::string_view about;
  std::string_view base_path;  // of the base URL that clients are given
};
inline constexpr SiteKind kSites[] = {
    {"openai", "a cloud that speaks OpenAI Chat Completions and Responses", "/v1"},
    {"anthropic", "a cloud that speaks Anthropic Messages", ""},
    {"cohere", "a cloud that speaks Cohere's v2 Chat", ""},
    {"google", "a cloud that speaks Google Gemini", "/v1beta"},
    {"bedrock", "a cloud that speaks AWS Bedrock's Converse", ""},
    {"echo", "a server that answers every request with its body", ""},
};

class Clouds {
 public:
  // Error: a busy port, an unknown way to fail. Signals must be blocked before, as these threads don't handle
  // any.
  static Result<std::unique_ptr<Clouds>> start(const SimOptions& options);
  ~Clouds();  // stops them
  Clouds(const Clouds&) = delete;

  // As clients want it as their base URL; empty when that cloud wasn't started.
  std::string url(std::string_view site) const;

 private:
  struct Inside;
  explicit Clouds(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

// Starts them, prints where they are, and runs until SIGTERM or SIGINT.
Result<void> run_sim(const SimOptions& options);

}  // namespace hanse::sim
