#include "policy/admission.h"

#include <gtest/gtest.h>

namespace hanse::policy {
namespace {

TEST(Admission, TheLimitItselfIsLetIn) {
  EXPECT_TRUE(admit(1, 1));
  EXPECT_TRUE(admit(10, 10));
  auto refused = admit(11, 10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::overloaded);
  EXPECT_EQ(refused.error().http_status(), 503);
  EXPECT_EQ(refused.error().message,
            "too many requests are being answered (limits.in_flight = 10); try again");
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(1));
}

}  // namespace
}  // namespace hanse::policy
