// What is wrong with a head or a chunk, before it becomes an Error: a pointer to a constant, so that the
// parsers' inner functions return one word. Null: nothing is wrong. Private to net/http.
#pragma once

#include "base/error.h"

namespace hanse::http {

struct Flaw {
  int status;
  const char* message;
};

// Not a flaw: the bytes end too early.
inline constexpr Flaw kMore{0, "more bytes are needed"};

inline Error error_of(const Flaw& flaw) {
  bool large = flaw.status == 431 || flaw.status == 414;
  Error error(large ? Code::head_too_large : Code::bad_request, flaw.message);
  error.status = flaw.status;
  return error;
}

}  // namespace hanse::http

// Returns the flaw of `expression` from the function, if there is one.
#define HANSE_PASS(expression) \
  if (const ::hanse::http::Flaw* flaw = (expression)) return flaw
