#include "route/plan.h"

#include <gtest/gtest.h>

namespace hanse::route {
namespace {

TEST(Plan, OffersAreTriedInTheOrderOfTheConfig) {
  std::vector<catalog::Offer> offers{{2, "c"}, {0, "a"}, {2, "a"}, {1, "b"}};
  auto planned = plan(offers);
  ASSERT_EQ(planned.size(), offers.size());
  for (size_t i = 0; i < offers.size(); ++i) {
    EXPECT_EQ(planned[i].provider, offers[i].provider);
    EXPECT_EQ(planned[i].model, offers[i].model);
  }
}

}  // namespace
}  // namespace hanse::route
