// Starts simulated clouds on threads of their own: for `hanse sim`, and inside `hanse serve` when no provider
// is known.
//
//   SimOptions options;
//   options.openai_port = 0;                       // any free one
//   TRY(auto clouds, Clouds::start(options));      // they answer from here on ...
//   use(clouds->openai_url());                     // "http://127.0.0.1:41234/v1"
//                                                  // ... until the object ends
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"

namespace hanse::sim {

struct SimOptions {
  std::optional<uint16_t> openai_port, anthropic_port, echo_port;  // 0: any free one; none: not started
  std::string host = "127.0.0.1";
  int ttft_ms = 0;
  double tokens_per_second = 0;  // 0: at once
  double fail_rate = 0;
  std::string fail = "500";  // see fault.h
  uint64_t seed = 0;
  std::string key;
  int threads = 1;
};

class Clouds {
 public:
  // Error: a busy port, an unknown way to fail. Signals must be blocked before, as these threads don't handle
  // any.
  static Result<std::unique_ptr<Clouds>> start(const SimOptions& options);
  ~Clouds();  // stops them
  Clouds(const Clouds&) = delete;

  // As clients want it as their base URL; empty when that cloud wasn't started.
  std::string openai_url() const;
  std::string anthropic_url() const;
  std::string echo_url() const;

 private:
  struct Inside;
  explicit Clouds(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

// Starts them, prints where they are, and runs until SIGTERM or SIGINT.
Result<void> run_sim(const SimOptions& options);

}  // namespace hanse::sim
