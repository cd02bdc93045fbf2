#include "common/job.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace minnow {
namespace {

// The question of a default job after a replacement.
std::string Edited(const std::string& from, const std::string& to) {
  std::string json = QuestionJson(JobSpec());
  const size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return json.replace(at, from.size(), to);
}

TEST(Question, ReadsBackToTheSameText) {
  const std::string json = QuestionJson(JobSpec());
  const absl::StatusOr<JobSpec> spec = SpecFromQuestionJson(json);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(QuestionJson(*spec), json);
}

TEST(Question, RefusesANumberThatItsFieldCannotHold) {
  for (const std::string number : {"3.1e49", "40.5", "4294967336", "-1e300", "\"40\"", "true"}) {
    const absl::StatusOr<JobSpec> spec = SpecFromQuestionJson(Edited("\"epochs\":40", "\"epochs\":" + number));
    EXPECT_TRUE(absl::IsInvalidArgument(spec.status())) << number;
  }
  EXPECT_FALSE(SpecFromQuestionJson(Edited("\"units\":[1,", "\"units\":[4294967297,")).ok());
  EXPECT_FALSE(SpecFromQuestionJson(Edited("\"seed\":1", "\"seed\":-1")).ok());
}

}  // namespace
}  // namespace minnow
