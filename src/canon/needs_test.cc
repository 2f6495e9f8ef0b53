#include "canon/needs.h"

#include <gtest/gtest.h>

#include "canon/withheld.h"

namespace hanse::canon {
namespace {

Part media(MediaPart::Kind kind) {
  MediaPart part;
  part.kind = kind;
  part.data = {"QQ=="};
  return {part};
}

TEST(Needs, AreWhatTheRequestHolds) {
  Request request;
  EXPECT_EQ(needs_of(request), 0);
  request.turns.emplace_back();
  request.turns[0].parts.push_back(media(MediaPart::Kind::image));
  ToolResultPart result;
  result.content.push_back(media(MediaPart::Kind::document));
  request.turns[0].parts.push_back({result});
  EXPECT_EQ(needs_of(request), kImages | kDocuments);
  request.output.kind = OutputFormat::Kind::json_schema;
  request.tools.emplace_back();
  EXPECT_EQ(needs_of(request), kImages | kDocuments | kSchema | kTools);
  request.tool_choice.kind = ToolChoice::Kind::none;
  EXPECT_EQ(needs_of(request), kImages | kDocuments | kSchema);
}

TEST(Needs, PlainDocumentsAreText) {
  Request request;
  MediaPart plain;
  plain.kind = MediaPart::Kind::document;
  plain.plain = {"words"};
  request.turns.emplace_back();
  request.turns[0].parts.push_back({plain});
  EXPECT_EQ(needs_of(request), 0);
}

TEST(Withheld, FieldsAreLeftOutReportedAndPutBack) {
  Request request;
  request.sampling.temperature = {"0.5"};
  request.sampling.top_k = {"4"};
  request.stop = {{"END"}};
  Losses losses;
  {
    const std::vector<std::string> refused{"temperature", "top_p", "stop"};
    Withheld withheld(request, refused, losses);
    EXPECT_TRUE(request.sampling.temperature.empty());
    EXPECT_FALSE(request.sampling.top_k.empty());
    EXPECT_TRUE(request.stop.empty());
  }
  EXPECT_EQ(losses.paths(), (std::vector<std::string>{"temperature", "stop"}));
  EXPECT_EQ(request.sampling.temperature.json, "0.5");
  ASSERT_EQ(request.stop.size(), 1u);
}

}  // namespace
}  // namespace hanse::canon
