#include "client/trained_model.h"

#include <gtest/gtest.h>

namespace minnow::client {
namespace {

TEST(NetworkName, IsThatOfAJobOrOfATrial) {
  EXPECT_EQ(ParseNetworkName("jobs/7").value(), (NetworkName{.job = 7}));
  EXPECT_EQ(ParseNetworkName("7").value(), (NetworkName{.job = 7}));
  EXPECT_EQ(ParseNetworkName("jobs/7/trials/203").value(), (NetworkName{.job = 7, .trial = 203}));
  for (const char* text : {"", "jobs/", "jobs/7/trials/", "trials/3", "jobs/7/trials/x", "digits"}) {
    EXPECT_EQ(ParseNetworkName(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace minnow::client
