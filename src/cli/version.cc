#include <cstdio>

#include "cli/verbs.h"

namespace hanse::cli {

Run add_version(CLI::App& app) {
  app.add_subcommand("version", "Print the version and how it was built");
  return [] {
#if defined(__clang__)
    std::printf("hanse %s (clang %d.%d)\n", HANSE_VERSION, __clang_major__, __clang_minor__);
#else
    std::printf("hanse %s (g++ %d.%d)\n", HANSE_VERSION, __GNUC__, __GNUC_MINOR__);
#endif
    return 0;
  };
}

}  // namespace hanse::cli
