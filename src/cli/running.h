// Asking a Hanse that runs.
//
//   auto body = ask_running(*parse_url("http://127.0.0.1:8080"), {.path = "/status"});
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/url.h"

namespace hanse::cli {

struct Question {
  std::string_view method = "GET";
  std::string_view path;
  std::string body;
  Secret key{};  // empty: none is sent
  milliseconds patience{5'000};
  std::string headers{};  // more of them, each with its line's end
};

// The body of its answer. Errors say what it said, where that is one line of JSON.
Result<std::string> ask_running(const Url& url, const Question& question);

}  // namespace hanse::cli
