// What a simulated cloud does wrong when it is asked to: by words in the prompt ("fail 429", "fail cut", ...)
// or by chance
// (--fail-rate with --fail).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace hanse::sim {

struct Fault {
  enum class Kind : uint8_t {
    none,
    status,   // an error answer with that status, in the cloud's shape
    stream,   // an error event inside the stream, after a few tokens (not streamed: an error answer)
    cut,      // the connection closes after a few tokens
    stall,    // nothing more comes after a few tokens, and the connection stays
    reset,    // the connection is closed before anything was answered
    slow,     // a late and slow answer
    html,     // a page instead of an answer, status 200
    garbage,  // bytes that are no answer at all, status 200
  };
  Kind kind = Kind::none;
  int status = 0;  // 400 .. 599, of Kind::status

  explicit operator bool() const { return kind != Kind::none; }
  friend bool operator==(const Fault&, const Fault&) = default;
};

// "429", "cut", "stall", ... Error bad_request names what is known.
Result<Fault> parse_fault(std::string_view words);

// The fault that the prompt asks for: "fail KIND" as whole words anywhere in it.
Fault fault_of_prompt(std::string_view said);

// Does request `number` (0, 1, 2, ...) of a cloud with this seed fail? The same ones each time.
bool fails_by_chance(double rate, uint64_t seed, uint64_t number);

}  // namespace hanse::sim
