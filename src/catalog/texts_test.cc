#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "catalog/config.h"

namespace hanse::catalog {
namespace {

// The pages in docs/reference are these texts; HANSE_GOLDEN=write writes them.
TEST(Reference, PagesAreUpToDate) {
  std::pair<const char*, std::string> pages[] = {{"config.md", config_reference_markdown()},
                                                 {"config.schema.json", config_json_schema()},
                                                 {"providers.md", providers_reference_markdown()}};
  for (const auto& [name, text] : pages) {
    std::string path = std::string(HANSE_SOURCE_DIR) + "/docs/reference/" + name;
    const char* golden = std::getenv("HANSE_GOLDEN");
    if (golden && std::string_view(golden) == "write") std::ofstream(path) << text;
    std::ifstream stream(path);
    std::stringstream now;
    now << stream.rdbuf();
    EXPECT_EQ(now.str(), text) << name << " is stale: run ./dev docs";
  }
}

}  // namespace
}  // namespace hanse::catalog
