#include "common/resource_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow {
namespace {

using ::testing::HasSubstr;

TEST(JobNames, MayLeaveOutTheirFolder) {
  EXPECT_EQ(ParseJobName("jobs/7").value(), 7);
  EXPECT_EQ(ParseJobName("7").value(), 7);
  EXPECT_EQ(JobName(7), "jobs/7");
}

TEST(JobNames, AreRefusedWithTheWayToWriteThem) {
  for (const char* text : {"", "job/7", "jobs/", "jobs/0", "-1", "7x", "jobs/1/trials/2", "99999999999999999999"}) {
    const absl::Status status = ParseJobName(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("write it as jobs/7 or 7"));
  }
}

TEST(TrialNames, NameTheirJob) {
  EXPECT_EQ(ParseTrialName("jobs/1/trials/203").value(), (TrialName{1, 203}));
  EXPECT_EQ(TrialNameText(1, 203), "jobs/1/trials/203");
}

TEST(TrialNames, AreRefusedWithTheWayToWriteThem) {
  for (const char* text :
       {"", "203", "jobs/1", "jobs/1/trials/", "jobs/1/trials/0", "jobs/1/looks/2", "jobs/1/trials/2/3"}) {
    EXPECT_EQ(ParseTrialName(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace minnow
