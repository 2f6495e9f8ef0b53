#include "route/seam.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace hanse::route {
namespace {

using enum Seam::Asked;

// What the reader sees of `text`, in pieces of `size` bytes; "!" where it can't be spliced.
std::string spliced(std::string told, Seam::Asked asked, std::string_view text, size_t size) {
  Seam seam(std::move(told), asked);
  std::string out;
  for (size_t at = 0; at < text.size(); at += size) {
    auto fresh = seam.feed(text.substr(at, size));
    if (!fresh) return out + "!";
    out += *fresh;
  }
  auto rest = seam.finish();
  return rest ? out + *rest : out + "!";
}

constexpr std::string_view kWhole =
    "Explain it slowly: a gateway earns trust only when the provider behind it misbehaves, and not before. "
    "Anyone can pass on a good answer; few can finish one that somebody else began and then left in the "
    "middle.";

struct Case {
  const char* told;
  Seam::Asked asked;
  const char* text;
  const char* fresh;
};

TEST(Seam, TheTable) {
  const Case cases[] = {
      {"The fox", again, "The fox jumps.", " jumps."},
      {"The fox", again, "The dog jumps.", "!"},
      {"The fox", again, "The", "!"},
      {"", again, "Anything.", "Anything."},
      // Begins again, although it was asked to go on.
      {"The fox", to_go_on, "The fox jumps.", " jumps."},
      {"The fox", by_word, "The fox jumps.", " jumps."},
      {"The quick brown fox", by_word, "The quick brown dog ran.", "!"},
      // Goes on.
      {"The fox", to_go_on, " jumps.", " jumps."},
      {"The fo", to_go_on, "x jumps.", "x jumps."},
      {"The fox ", to_go_on, " jumps.", "jumps."},
      {"The fox ", to_go_on, "jumps.", "jumps."},
      {"The fox", by_word, "fox jumps.", " jumps."},
      {"The fo", by_word, "fox jumps.", "x jumps."},
      {"The fox ", by_word, "fox jumps.", "jumps."},
      {"The fox", by_word, "jumps.", " jumps."},
      {"The fox", by_word, ", jumping", ", jumping"},
      {"The fox", by_word, " jumps.", " jumps."},
      {"The fox.\n\n", by_word, "A dog.", "A dog."},
      // A common first word is no new beginning.
      {"The fox ran. ", to_go_on, "The dog stayed.", "The dog stayed."},
      // Some of the end is repeated.
      {"Once upon a time there was a fox", to_go_on, "time there was a fox who ran.", " who ran."},
      // Nothing more was to be said.
      {"The fox.", to_go_on, "", ""},
  };
  for (const Case& each : cases)
    for (size_t size : {1, 2, 5, 1000})
      EXPECT_EQ(spliced(each.told, each.asked, each.text, size), each.fresh)
          << each.told << " | " << each.text << " in " << size;
}

// Cut anywhere, carried on by whoever begins again, goes on exactly, or says the last word once more.
TEST(Seam, EveryCutPointOfOneText) {
  for (size_t cut = 1; cut < kWhole.size(); ++cut) {
    const std::string told(kWhole.substr(0, cut));
    for (size_t size : {1, 7, 1000}) {
      for (auto asked : {again, to_go_on, by_word})
        ASSERT_EQ(told + spliced(told, asked, kWhole, size), kWhole) << "begun again, cut at " << cut;
      const std::string_view rest = kWhole.substr(cut);
      ASSERT_EQ(told + spliced(told, to_go_on, rest, size), kWhole) << "gone on, cut at " << cut;
      const std::string word(Seam::last_word(told));
      ASSERT_EQ(told + spliced(told, by_word, word + std::string(rest), size), kWhole)
          << "by the word, cut at " << cut;
    }
  }
}

TEST(Seam, LastWord) {
  for (auto [text, word] : {std::pair("The fox", "fox"), std::pair("fox", "fox"),
                            std::pair("The fox \n", "fox \n"), std::pair("", ""), std::pair("  ", "")})
    EXPECT_EQ(Seam::last_word(text), word) << text;
  EXPECT_EQ(Seam::last_word(std::string(100, 'a')), "");
}

}  // namespace
}  // namespace hanse::route
