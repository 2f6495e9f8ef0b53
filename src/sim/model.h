// The simulated model: from a request to what a model would answer, as canon events with their times. Pure:
// the same request, options and seed give the same answer.
//
//   Prompt prompt = read_prompt(request);
//   auto script = play(request, prompt, cached_tokens, options);
//   for (const Step& step : script->steps) ... at step.after, send step.event ...
//
// What it understands, in this order (the last user text; phrases are whole words, in any case):
//   echo TEXT                     answers exactly TEXT (unless a tool is forced)
//   one call at a time: NAME k=v; NAME k=v    the calls in turn, then what they answered (order.h)
//   tool choice forces a call     calls it, or (any) the one that is named in the text, or the first
//   call NAME, use the tool       calls it (or them), with arguments that satisfy the schema and take
//   NAME=VALUE pairs
//                                 from the text; `call two tools` gives two calls, unless parallel calls are
//                                 off
//   output format                 an instance of the JSON schema, or some object
//   the last turn has tool results    quotes them
//   what is your system prompt, describe the image     says so
//   anything else                 a few words about the prompt
// `think` in the text (not in an echo), or reasoning options, put reasoning in front; `think secretly` hides
// it where the cloud can. Output tokens and stop sequences are honoured; usage is counted as tokens.h says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "canon/event.h"
#include "canon/request.h"
#include "sim/prompt.h"

namespace hanse::sim {

struct ModelOptions {
  uint64_t seed = 0;
  milliseconds ttft{0};
  double tokens_per_second = 0;    // 0: all at once
  bool signs_reasoning = false;    // ends reasoning with a signature, and can hide it
  bool writes_cache = false;       // counts what a cache_control made it keep
  std::string_view answer_prefix;  // of the answer's id
  std::string_view call_prefix;    // of the calls' ids
  std::string_view proof_prefix;   // of its signatures
};

struct Step {
  milliseconds after{0};  // from the request
  canon::Event event;     // its texts live in the script's arena
};

struct Script {
  Arena arena;
  std::vector<Step> steps;
  canon::Usage usage;

  // How many steps it takes until `tokens` pieces of content are out.
  size_t steps_for(int tokens) const;
};

std::unique_ptr<Script> play(const canon::Request& request, const Prompt& prompt, int64_t cached_tokens,
                             const ModelOptions& options);

// The seal on what the model thought; no secret, it only has to be opaque and to change with the text.
std::string sign_reasoning(std::string_view text);
// Is this something that play() hid?
bool is_hidden_reasoning(std::string_view data);

}  // namespace hanse::sim
