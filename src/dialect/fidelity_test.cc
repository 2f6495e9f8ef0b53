// docs/reference/fidelity.md, and that no field is lost in silence. HANSE_GOLDEN=write writes the page.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/oracles_testing.h"
#include "dialect/fidelity_testing.h"

namespace hanse::fidelity {
namespace {

constexpr std::string_view kIntro = R"(# Fidelity

What becomes of each field of a client's request (rows) when a provider of another dialect answers (columns). Measured
on the code: each field is translated in an example that holds it, and in the same without it. `./dev golden dialect`
writes this page. In the client's own dialect a request passes as it came.

| | |
| --- | --- |
| yes | the provider is told |
| in part | the provider is told, and what it isn't told is named in `x-hanse-dropped` |
| dropped | it isn't; the field is named in `x-hanse-dropped`, and `x-hanse-strict: true` makes a 400 of that |
| refused | the answer is 400 and names the field |
| as it is | the provider does so anyway, or has no use for it; why stands below the table |
| Hanse | Hanse does it itself, so that no provider is told |

A word in brackets is the `type` or `role` of what stands in a list or of a choice. Bedrock Invoke and Vertex AI say
what Anthropic Messages says.
)";

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::mapped:
      return "yes";
    case Outcome::partly:
      return "in part";
    case Outcome::dropped:
      return "dropped";
    case Outcome::refused:
      return "refused";
    case Outcome::needless:
      return "as it is";
    case Outcome::silent:
      break;
  }
  return "SILENTLY LOST";
}

std::string told(const Row& row, const Cell& cell) {
  std::string out = row.field + " to " + std::string(cell.target) + ": " + std::string(word(cell.outcome));
  for (const std::string& each : cell.told) out += ", " + each;
  return out;
}

TEST(Fidelity, EveryExampleHoldsItsField) {
  for (const Page& page : measure()) {
    EXPECT_GT(page.rows.size(), 20u) << page.dialect;
    for (const Row& row : page.rows) EXPECT_EQ(row.fault, "") << page.dialect << ": " << row.field;
  }
}

TEST(Fidelity, NothingIsLostInSilence) {
  for (const Page& page : measure())
    for (const Row& row : page.rows)
      for (const Cell& cell : row.cells)
        EXPECT_NE(cell.outcome, Outcome::silent) << page.dialect << ": " << told(row, cell);
}

TEST(Fidelity, LossesAreNamedInTheWordsOfTheClient) {
  for (const Page& page : measure())
    for (const Row& row : page.rows)
      for (const Cell& cell : row.cells)
        EXPECT_TRUE(
            cell.told.empty() ||
            std::ranges::any_of(cell.told, [&](const std::string& path) { return names(path, row.field); }))
            << page.dialect << ": " << told(row, cell);
}

TEST(Fidelity, NamesAreComparedByTheirMembers) {
  EXPECT_TRUE(names("messages[0].content[1]", "messages[user].content[image_url].image_url.detail"));
  EXPECT_TRUE(names("stop", "stop[]"));
  EXPECT_FALSE(names("stop", "stop_sequences"));
  EXPECT_FALSE(names("", "stop"));
}

// The page in docs/reference is this text; HANSE_GOLDEN=write writes it.
TEST(Fidelity, ThePageIsUpToDate) {
  const std::string text = markdown(measure());
  const std::string path = std::string(HANSE_SOURCE_DIR) + "/docs/reference/fidelity.md";
  const char* golden = std::getenv("HANSE_GOLDEN");
  if (golden && std::string_view(golden) == "write") std::ofstream(path) << text;
  EXPECT_EQ(read_whole(path), text) << "stale: run ./dev golden dialect";
}

}  // namespace

std::string markdown(const std::vector<Page>& pages) {
  std::string out(kIntro);
  for (const Page& page : pages) {
    out += "\n## From " + std::string(page.dialect) + "\n\n| field |";
    std::string line = "| --- |";
    for (const Page& other : pages) {
      if (other.dialect == page.dialect) continue;
      out += " " + std::string(other.dialect) + " |";
      line += " --- |";
    }
    out += "\n" + line + "\n";
    for (const Row& row : page.rows) {
      std::string_view field = row.field;
      const bool below = field.ends_with("...");
      if (below) field.remove_suffix(3);
      out += "| `" + std::string(field) + (below ? "` and below |" : "` |");
      for (size_t i = 1; i < pages.size() && !row.by_hanse.empty(); ++i) out += " Hanse |";
      for (const Cell& cell : row.cells) out += " " + std::string(word(cell.outcome)) + " |";
      out += "\n";
    }
    out += "\n";
    for (const Row& row : page.rows)
      if (const std::string& why = row.by_hanse.empty() ? row.needless : row.by_hanse; !why.empty())
        out += "- `" + row.field + "`: " + why + "\n";
  }
  return out;
}

}  // namespace hanse::fidelity
