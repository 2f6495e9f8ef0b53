#include "route/retry.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"

namespace hanse::route {
namespace {

struct Worth {
  Cause cause;
  bool again;  // once more at the same offer
  bool next;   // another offer may answer
};

constexpr Worth kWorth[] = {
    {Cause::request, false, false}, {Cause::too_long, false, true}, {Cause::credential, false, true},
    {Cause::missing, false, true},  {Cause::unable, false, true},   {Cause::limited, true, true},
    {Cause::transient, true, true}, {Cause::silent, false, true},   {Cause::cancelled, false, false},
};

// Each vendor says in its own words that a prompt has too many tokens; few have a code for it.
bool is_too_long(const Error& error) {
  if (error.provider_type == "context_length_exceeded") return true;
  constexpr std::string_view kWords[] = {
      "prompt is too long",                 // Anthropic
      "exceeds the maximum number of tok",  // Gemini
      "Input is too long",                  // Bedrock
      "maximum context length",             // OpenAI's and most servers that speak like it
      "exceeds the available context",      // llama.cpp
      "too many tokens",                    // Cohere
  };
  auto said = [&](std::string_view words) { return find_bytes(error.message, words) != kNotFound; };
  return std::ranges::any_of(kWords, said);
}

Cause cause_of_status(int status) {
  switch (status) {
    case 401:
    case 402:
    case 403:
      return Cause::credential;
    case 404:
    case 405:
      return Cause::missing;
    case 408:
    case 409:
      return Cause::transient;
    case 429:
      return Cause::limited;
    default:
      return status >= 500 ? Cause::transient : Cause::request;
  }
}

Cause cause_of_code(Code code) {
  switch (code) {
    case Code::rate_limited:
      return Cause::limited;
    case Code::timed_out:
      return Cause::silent;
    case Code::unsupported:
      return Cause::unable;
    case Code::cancelled:
      return Cause::cancelled;
    default:
      return facts(code).retry_elsewhere ? Cause::transient : Cause::request;
  }
}

}  // namespace

std::string_view name_of(Cause cause) {
  constexpr std::string_view kNames[] = {"request", "too_long",  "credential", "missing",  "unable",
                                         "limited", "transient", "silent",     "cancelled"};
  return kNames[static_cast<size_t>(cause)];
}

Cause cause_of(const Error& error) {
  if (!error.status) return cause_of_code(error.code);
  const Cause cause = cause_of_status(error.status);
  return cause == Cause::request && (error.status == 400 || error.status == 413) && is_too_long(error)
             ? Cause::too_long
             : cause;
}

Step after_failure(const Error& error, const Tried& tried, const catalog::Retry& rules, double chance) {
  const Worth& worth = kWorth[static_cast<size_t>(cause_of(error))];
  HANSE_ASSERT(worth.cause == cause_of(error));
  const Step otherwise{worth.next && tried.others_left ? Step::Kind::next : Step::Kind::give_up, {}};
  if (!worth.again || tried.alone || tried.here > rules.again || tried.all >= rules.attempts)
    return otherwise;
  if (error.retry_after) {
    if (*error.retry_after > rules.patience) return otherwise;
    // Not a moment earlier than was asked for.
    return {Step::Kind::again, *error.retry_after + milliseconds(static_cast<int64_t>(50 * chance))};
  }
  const auto pause = static_cast<double>(rules.pause.count() << (tried.here - 1));
  return {Step::Kind::again, milliseconds(static_cast<int64_t>(pause * (0.5 + chance)))};
}

bool SpendBudget::take(int64_t price, std::optional<int64_t> most, Time now) {
  if (!most || price <= 0) return true;
  constexpr int64_t kHourUs = 3'600'000'000, kPicodollarsAMillionth = 1'000'000;
  constexpr int64_t kMostMax =
      1'000'000'000'000;  // a million dollars an hour, so that products don't overflow
  const int64_t hour = std::min(*most, kMostMax);
  if (price / kPicodollarsAMillionth >= hour) return false;
  const auto takes =
      static_cast<int64_t>(static_cast<__int128>(price) * (kHourUs / kPicodollarsAMillionth) / hour);
  const int64_t at = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  int64_t old = full_at_us_.load(std::memory_order_relaxed);
  do {
    if (std::max(old, at) + takes - at > kHourUs) return false;
  } while (!full_at_us_.compare_exchange_weak(old, std::max(old, at) + takes, std::memory_order_relaxed));
  return true;
}

}  // namespace hanse::route
