#include "server/core/request_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::core {
namespace {

using testing::HasSubstr;

RequestRecord Pause(const std::string& id, int64_t job) { return {.id = id, .action = "pause", .job = job}; }

TEST(RequestLog, FindsWhatWasDone) {
  RequestLog log({Pause("a", 7)});
  EXPECT_EQ((*log.Find("a", "pause", 7))->job, 7);
  EXPECT_FALSE(log.Find("b", "pause", 7)->has_value());
  EXPECT_FALSE(log.Find("", "pause", 7)->has_value()) << "no id, no memory";
}

TEST(RequestLog, AnIdStandsForOneRequest) {
  RequestLog log({Pause("a", 7)});
  EXPECT_EQ(log.Find("a", "resume", 7).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(log.Find("a", "pause", 8).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(log.Find("a", "pause", 8).status().message(), HasSubstr("to pause jobs/7"));
}

TEST(RequestLog, AnIdIsSpelledWithLettersDigitsDashesAndUnderscores) {
  EXPECT_TRUE(CheckRequestId("Az09-_").ok());
  EXPECT_TRUE(CheckRequestId(std::string(64, 'x')).ok());
  for (const std::string& id : {std::string(), std::string(65, 'x'), std::string("a b"), std::string("\xc3\xa4")}) {
    EXPECT_EQ(CheckRequestId(id).code(), absl::StatusCode::kInvalidArgument) << id;
  }
}

TEST(RequestLog, ForgetsTheOldestFirst) {
  RequestLog log({});
  for (size_t i = 0; i < kMaxRequests; ++i) EXPECT_TRUE(log.Add(Pause("r" + std::to_string(i), 1)).empty());
  EXPECT_THAT(log.Add(Pause("one-more", 1)), testing::ElementsAre("r0"));
  EXPECT_FALSE(log.Find("r0", "pause", 1)->has_value());
  EXPECT_TRUE(log.Find("r1", "pause", 1)->has_value());
}

}  // namespace
}  // namespace minnow::core
