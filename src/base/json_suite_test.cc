// The public suite of JSON texts (the oracles' vectors/json): y_ must be read, n_ must be refused, i_ may be
// either. What is read comes out of the reader as it went in, and can be written and read again.
#include <algorithm>
#include <map>
#include <vector>

#include "base/json_testing.h"
#include "base/oracles_testing.h"

namespace hanse::json {
namespace {

// Over the nesting of y_ files, far under that of n_structure_100000_opening_arrays.json.
constexpr int kDepthMax = 128;

// i_ files, where RFC 8259 leaves the choice to the reader. Ours takes every number (kept as its text) and
// lone surrogates in escapes, and refuses bytes that are not UTF-8, a byte order mark and other encodings.
constexpr std::string_view kChosenToRead[] = {"i_number_",
                                              "i_object_key_lone_2nd_surrogate.json",
                                              "i_string_1st_surrogate_but_2nd_missing.json",
                                              "i_string_1st_valid_surrogate_2nd_invalid.json",
                                              "i_string_incomplete_surrogate",
                                              "i_string_invalid_lonely_surrogate.json",
                                              "i_string_invalid_surrogate.json",
                                              "i_string_inverted_surrogates_U+1D11E.json",
                                              "i_string_lone_second_surrogate.json"};

bool chosen_to_read(std::string_view name) {
  return std::ranges::any_of(kChosenToRead, [&](std::string_view begin) { return name.starts_with(begin); });
}

void expect_read(const std::string& bytes, const std::string& name) {
  Document document, again;
  auto root = document.parse(bytes, kDepthMax);
  ASSERT_TRUE(root) << name << ": " << root.error().message;
  EXPECT_NE(bytes.find(root->raw().json), std::string::npos) << name;
  std::string written = compact(*root);
  auto reread = again.parse(written, kDepthMax);
  ASSERT_TRUE(reread) << name << ": " << reread.error().message << " in " << written;
  EXPECT_EQ(compact(*reread), written) << name;
  for (Value each : *root) (void)each.string();
}

void expect_refused(const std::string& bytes, const std::string& name) {
  Document document;
  auto root = document.parse(bytes, kDepthMax);
  ASSERT_FALSE(root) << name << " was read";
  EXPECT_EQ(root.error().code, Code::bad_request) << name;
  EXPECT_FALSE(root.error().message.empty()) << name;
}

TEST(JsonSuite, EveryFile) {
  HANSE_ORACLES_OR_SKIP(folder, "vectors/json");
  std::map<char, int> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::string name = entry.path().filename(), bytes = read_whole(entry.path());
    if (!name.ends_with(".json")) continue;
    ++files[name.front()];
    bool good = name.front() == 'y' || (name.front() == 'i' && chosen_to_read(name));
    good ? expect_read(bytes, name) : expect_refused(bytes, name);
  }
  std::cout << "counted: json suite: " << files['y'] << " to read, " << files['n'] << " to refuse, "
            << files['i'] << " of our choice\n";
  EXPECT_GE(files['y'], 90);
  EXPECT_GE(files['n'], 180);
  EXPECT_GE(files['i'], 30);
}

// Arrays and objects are whole at their last bracket and not before; nothing is read beyond what is given.
TEST(JsonSuite, EveryFileCutAnywhere) {
  HANSE_ORACLES_OR_SKIP(folder, "vectors/json");
  Document document;
  size_t cuts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::string name = entry.path().filename(), bytes = read_whole(entry.path());
    bytes.resize(std::min<size_t>(bytes.size(), 4096));
    size_t last = bytes.find_last_of("]}");
    bool open = last != std::string::npos && name.front() == 'y';
    for (size_t size = 0; size < bytes.size(); ++size) {
      auto exact = std::make_unique<char[]>(size);  // for the sanitizers
      std::copy_n(bytes.data(), size, exact.get());
      auto root = document.parse({exact.get(), size}, kDepthMax);
      ++cuts;
      if (!open || size > last || bytes.find_first_of("[{\"") == bytes.find('"')) continue;
      EXPECT_FALSE(root) << name << " cut at " << size;
    }
  }
  EXPECT_GE(cuts, 4000u);
}

}  // namespace
}  // namespace hanse::json
