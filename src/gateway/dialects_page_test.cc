#include "gateway/dialects_page.h"

#include <gtest/gtest.h>

#include "gateway/routes.h"

namespace hanse::gateway {
namespace {

TEST(DialectsPage, HasEveryPathAndEveryDialect) {
  const std::string page = dialects_reference_markdown();
  for (const Dialect* dialect : all_dialects()) {
    EXPECT_NE(page.find("\n## " + std::string(dialect->name()) + "\n"), std::string::npos);
    for (const ClientPath& path : dialect->paths())
      EXPECT_NE(page.find("| `" + std::string(path.pattern) + "` |"), std::string::npos) << path.pattern;
  }
  for (const Prefix& prefix : prefixes())
    EXPECT_NE(page.find("- `" + std::string(prefix.path) + "`"), std::string::npos) << prefix.path;
}

}  // namespace
}  // namespace hanse::gateway
