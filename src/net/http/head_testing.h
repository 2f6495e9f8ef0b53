// What the tests of heads share: parsing from a buffer that ends with its bytes, and at every cut point.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

#include "net/http/head.h"

namespace hanse::http {

inline constexpr HeadLimits kLimits;

// A copy that ends where its allocation ends, so that a sanitizer sees every byte read too far.
struct Exact {
  std::unique_ptr<char[]> bytes;
  size_t size;
  explicit Exact(std::string_view text) : bytes(new char[text.size()]), size(text.size()) {
    std::memcpy(bytes.get(), text.data(), text.size());
  }
  std::string_view view() const { return {bytes.get(), size}; }
};

inline std::string outcome(const Result<size_t>& parsed) {
  if (!parsed) return std::to_string(parsed.error().http_status()) + " " + parsed.error().message;
  return "size " + std::to_string(*parsed);
}

// Every prefix wants more, or has the same outcome as the whole.
template <class Outcome>
void check_cuts(std::string_view text, Outcome outcome_of) {
  std::string whole = outcome_of(text);
  bool settled = false;
  for (size_t size = 0; size <= text.size(); ++size) {
    std::string cut = outcome_of(text.substr(0, size));
    if (cut == "size 0" && !settled) continue;
    settled = true;
    EXPECT_EQ(cut, whole) << "cut at " << size << " of\n" << text;
  }
}

}  // namespace hanse::http
