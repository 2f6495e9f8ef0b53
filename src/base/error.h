// Error and Result: what can go wrong because of somebody else, as a value.
//
//   Result<Head> parse(std::string_view bytes);
//   TRY(auto head, parse(bytes));                  // or return its error
//   return fail(Code::bad_request, "messages: wanted an array").at("messages");
//
// Codes are named for what the caller should do; the table in error.cc gives each its HTTP status, whether
// another offer may succeed where this one failed, and whose fault it is. Anything another party can cause is
// a Result; HANSE_ASSERT (assert.h) is for our own invariants only.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hanse {

enum class Code : uint8_t {
  bad_request,      // the client's request is wrong; `field` says where
  unsupported,      // well-formed, but the target can't express it (strict mode, or no honest mapping)
  unauthenticated,  // no key, or a key nobody knows
  denied,           // a known key that may not do this
  not_found,        // no such model, path or object
  method_not_allowed,
  request_timeout,  // the client was too slow to send its request
  too_large,        // the body is over a limit
  head_too_large,   // the head is over a limit
  rate_limited,     // a quota says later; `retry_after` says when
  over_budget,
  overloaded,       // Hanse or the provider has no room now
  unreachable,      // no connection: refused, reset, DNS, TLS
  timed_out,        // a deadline on a provider passed
  malformed_reply,  // the provider's bytes make no sense, or end too early
  provider_failed,  // the provider says that it failed (5xx)
  exhausted,        // every offer was tried
  cancelled,        // the client left
  internal,         // a fault of ours
};

enum class Fault : uint8_t { client, provider, ours, nobody };

struct CodeFacts {
  Code code;
  std::string_view name;  // as in metrics and logs
  int status;             // HTTP status that a client sees
  bool retry_elsewhere;   // may another offer answer?
  Fault fault;
};

const CodeFacts& facts(Code code);
// The code that a provider's HTTP status stands for (status >= 400).
Code code_of_status(int status);

struct Error {
  Code code = Code::internal;
  std::string message;
  std::string field;          // JSON path or header the client should mend, if any
  int status = 0;             // the provider's status when it had one, else 0: facts(code).status
  std::string provider_type;  // the provider's own error type or code, verbatim, if it had one
  std::optional<std::chrono::milliseconds> retry_after;

  Error() = default;
  Error(Code c, std::string m) : code(c), message(std::move(m)) {}
  Error&& at(std::string f) && {
    field = std::move(f);
    return std::move(*this);
  }
  int http_status() const { return status ? status : facts(code).status; }
  bool retryable() const { return facts(code).retry_elsewhere; }
};

template <class T = void>
using Result = std::expected<T, Error>;

// fail(...) makes the error side of any Result; .at(field) names the field.
struct Failed {
  Error error;
  Failed&& at(std::string field) && {
    error.field = std::move(field);
    return std::move(*this);
  }
  template <class T>
  operator std::expected<T, Error>() && {
    return std::unexpected(std::move(error));
  }
};
inline Failed fail(Code code, std::string message) { return {Error(code, std::move(message))}; }
inline Failed fail(Error error) { return {std::move(error)}; }

}  // namespace hanse

#define HANSE_CONCAT_(a, b) a##b
#define HANSE_CONCAT(a, b) HANSE_CONCAT_(a, b)
// TRY(declaration, expression): unwraps a Result or returns its error. TRY_VOID for Result<void>.
#define TRY(declaration, ...) HANSE_TRY_(HANSE_CONCAT(try_, __LINE__), return, declaration, __VA_ARGS__)
#define TRY_VOID(...) HANSE_TRY_VOID_(HANSE_CONCAT(try_, __LINE__), return, __VA_ARGS__)
// The same inside coroutines. The expression is `co_await something` or a plain Result.
#define CO_TRY(declaration, ...) HANSE_TRY_(HANSE_CONCAT(try_, __LINE__), co_return, declaration, __VA_ARGS__)
#define CO_TRY_VOID(...) HANSE_TRY_VOID_(HANSE_CONCAT(try_, __LINE__), co_return, __VA_ARGS__)
#define HANSE_TRY_(name, give_up, declaration, ...) \
  auto name = __VA_ARGS__;                          \
  if (!name) [[unlikely]]                           \
    give_up ::hanse::fail(std::move(name.error())); \
  declaration = std::move(*name)
#define HANSE_TRY_VOID_(name, give_up, ...)        \
  if (auto name = __VA_ARGS__; !name) [[unlikely]] \
  give_up ::hanse::fail(std::move(name.error()))
