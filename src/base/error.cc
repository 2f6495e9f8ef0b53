#include "base/error.h"

#include "base/assert.h"

namespace hanse {
namespace {

constexpr CodeFacts kFacts[] = {
    // code, name, status, retry elsewhere, fault
    {Code::bad_request, "bad_request", 400, false, Fault::client},
    {Code::unsupported, "unsupported", 400, true, Fault::client},
    {Code::unauthenticated, "unauthenticated", 401, false, Fault::client},
    {Code::denied, "denied", 403, false, Fault::client},
    {Code::not_found, "not_found", 404, false, Fault::client},
    {Code::method_not_allowed, "method_not_allowed", 405, false, Fault::client},
    {Code::request_timeout, "request_timeout", 408, false, Fault::client},
    {Code::too_large, "too_large", 413, false, Fault::client},
    {Code::head_too_large, "head_too_large", 431, false, Fault::client},
    {Code::rate_limited, "rate_limited", 429, true, Fault::nobody},
    {Code::over_budget, "over_budget", 429, false, Fault::client},
    {Code::overloaded, "overloaded", 503, true, Fault::nobody},
    {Code::unreachable, "unreachable", 502, true, Fault::provider},
    {Code::timed_out, "timed_out", 504, true, Fault::provider},
    {Code::malformed_reply, "malformed_reply", 502, true, Fault::provider},
    {Code::provider_failed, "provider_failed", 502, true, Fault::provider},
    {Code::exhausted, "exhausted", 503, false, Fault::provider},
    {Code::cancelled, "cancelled", 499, false, Fault::client},
    {Code::internal, "internal", 500, false, Fault::ours},
};

}  // namespace

const CodeFacts& facts(Code code) {
  const auto& row = kFacts[static_cast<size_t>(code)];
  HANSE_ASSERT(row.code == code);
  return row;
}

Code code_of_status(int status) {
  switch (status) {
    case 401:
      return Code::unauthenticated;
    case 402:
      return Code::over_budget;
    case 403:
      return Code::denied;
    case 404:
      return Code::not_found;
    case 405:
      return Code::method_not_allowed;
    case 408:
      return Code::timed_out;
    case 413:
      return Code::too_large;
    case 429:
      return Code::rate_limited;
    case 503:
    case 529:
      return Code::overloaded;
    case 504:
      return Code::timed_out;
    default:
      return status >= 500 ? Code::provider_failed : Code::bad_request;
  }
}

}  // namespace hanse
