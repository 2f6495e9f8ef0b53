#include "route/terms.h"

#include <gtest/gtest.h>

namespace hanse::route {
namespace {

catalog::Provider in_frankfurt() {
  catalog::Provider out;
  out.region = "eu-central-1";
  out.jurisdiction = "eu";
  return out;
}

TEST(Terms, NothingSetIsNothingAgainst) {
  EXPECT_EQ(reason_against({}, {}, {}), "");
  const catalog::Model model;
  catalog::Offer offer;
  offer.by = &model;
  const std::vector<std::string> anywhere;
  EXPECT_EQ(reason_against(offer, {}, {&anywhere, 5}), "");
}

TEST(Terms, APlaceIsARegionOrAJurisdiction) {
  catalog::Model model;
  catalog::Offer offer;
  offer.by = &model;
  for (const char* place : {"eu-central-1", "eu"}) {
    model.within = {"ch", place};
    EXPECT_EQ(reason_against(offer, in_frankfurt(), {}), "") << place;
  }
  EXPECT_EQ(reason_against(offer, {}, {}), "is not within ch, eu")
      << "who doesn't say where it is, is nowhere";
  model.within = {"eu-central"};
  EXPECT_EQ(reason_against(offer, in_frankfurt(), {}), "is not within eu-central") << "whole words only";
}

TEST(Terms, TheClientsPlacesHoldToo) {
  catalog::Model model;
  model.within = {"eu"};
  catalog::Offer offer;
  offer.by = &model;
  const std::vector<std::string> swiss{"ch"};
  EXPECT_EQ(reason_against(offer, in_frankfurt(), {&swiss, -1}), "is not within ch");
}

TEST(Terms, APriceIsHeldAgainstItsCap) {
  catalog::Model model;
  model.price_max = 2'000;  // $0.002
  catalog::Offer offer;
  offer.by = &model;
  EXPECT_EQ(reason_against(offer, {}, {nullptr, 2'000'000'000}), "");
  EXPECT_EQ(reason_against(offer, {}, {nullptr, 2'500'000'000}),
            "would cost about $0.0025, more than price_max");
  EXPECT_EQ(reason_against(offer, {}, {nullptr, -1}), "") << "nobody knows it";
}

TEST(Terms, UnderMaintenanceNothingIsAsked) {
  catalog::Provider provider;
  provider.maintenance = true;
  EXPECT_EQ(reason_against({}, provider, {}), "is under maintenance");
}

}  // namespace
}  // namespace hanse::route
