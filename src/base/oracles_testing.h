// Where tests find the oracles: specs, vectors and recordings made by others, read in place, never copied.
//
//   HANSE_ORACLES_OR_SKIP(folder, "vectors/json");     // in a TEST: a std::filesystem::path, or the test
//   ends
//
// $HANSE_ORACLES, by default ../shared/oracles beside the project. Without them a test counts as skipped, and
// with CI=true as failed: what CI proves must not depend on what a machine happens to lack.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hanse {

inline std::filesystem::path oracles_folder() {
  const char* named = std::getenv("HANSE_ORACLES");
  if (named && *named) return named;
  return std::filesystem::path(HANSE_SOURCE_DIR) / ".." / "shared" / "oracles";
}

inline bool oracles_are_demanded() {
  const char* ci = std::getenv("CI");
  return ci && std::string(ci) == "true";
}

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace hanse

#define HANSE_ORACLES_OR_SKIP(name, folder)                                                    \
  const std::filesystem::path name = ::hanse::oracles_folder() / (folder);                     \
  if (!std::filesystem::is_directory(name)) {                                                  \
    if (::hanse::oracles_are_demanded()) FAIL() << "CI needs the oracles: no folder " << name; \
    GTEST_SKIP() << "no oracles: HANSE_ORACLES names none and there is no " << name;           \
  }                                                                                            \
  static_assert(true)
