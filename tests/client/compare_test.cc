#include "client/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/report/reports.h"

namespace minnow::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The same question, asked of another split, with half as many epochs, and answered with one unit more.
std::vector<AnswerReport> TwoAnswers() {
  AnswerReport other = DigitsAnswer();
  other.job.record.id = 2;
  other.job.record.split_seed = 9;
  other.job.record.test_sha256 = std::string(64, 'e');
  other.job.record.spec.epochs = 20;
  other.job.record.answer->shape = DigitsShape({9});
  other.trial->shape = DigitsShape({9});
  return {DigitsAnswer(), other};
}

std::vector<std::string> DifferentLabels(const std::vector<ComparedLine>& lines) {
  std::vector<std::string> labels;
  for (const ComparedLine& line : lines) {
    if (line.differs()) labels.push_back(line.label);
  }
  return labels;
}

TEST(Compare, ShowsWhatDiffersInTheQuestionsAndTheAnswers) {
  EXPECT_THAT(DifferentLabels(QuestionLines(TwoAnswers())), ElementsAre("split seed", "test data", "epochs"));
  EXPECT_THAT(DifferentLabels(AnswerLines(TwoAnswers())),
              ElementsAre("hidden layers", "parameters", "multiply-adds", "trial"));
  const std::string text = CompareText(TwoAnswers());
  EXPECT_THAT(text, HasSubstr("jobs/1"));
  EXPECT_THAT(text, HasSubstr("epochs"));
  EXPECT_LT(text.find("What differs in the questions:"), text.find("The answers:"));
}

TEST(Compare, OtherTestRowsCallForCare) {
  const Comparability found = ComparabilityOf(TwoAnswers());
  EXPECT_TRUE(found.comparable);
  EXPECT_THAT(found.remarks, ElementsAre(HasSubstr("Their test rows differ (another split)")));
}

TEST(Compare, EqualQuestionsAreSaidToBe) {
  std::vector<AnswerReport> same = {DigitsAnswer(), DigitsAnswer()};
  same[1].job.record.id = 2;
  EXPECT_THAT(CompareText(same), testing::StartsWith("They were asked the same question of the same data."));
  EXPECT_THAT(ComparabilityOf(same).remarks, IsEmpty());
}

TEST(Compare, OtherMetricsTargetsAndDataCannotBeCompared) {
  const auto refusal = [](const std::function<void(JobRecord&)>& change) {
    std::vector<AnswerReport> reports = {DigitsAnswer(), DigitsAnswer()};
    change(reports[1].job.record);
    const Comparability found = ComparabilityOf(reports);
    EXPECT_FALSE(found.comparable);
    EXPECT_THAT(CompareText(reports), testing::StartsWith("These answers cannot be compared"));
    return found.remarks.empty() ? "" : found.remarks[0];
  };
  EXPECT_THAT(refusal([](JobRecord& job) { job.spec.goal.metric = Metric::kAuc; }), HasSubstr("(accuracy, auc)"));
  EXPECT_THAT(refusal([](JobRecord& job) { job.target = "size"; }), HasSubstr("classification of \"size\""));
  EXPECT_THAT(refusal([](JobRecord& job) { job.rows_train = 7; }), HasSubstr("they are about different data"));
}

TEST(Compare, AJobWithoutAnAnswerHasNoSize) {
  const std::vector<AnswerReport> reports = {DigitsAnswer(), DigitsExhausted()};
  for (const ComparedLine& line : AnswerLines(reports)) {
    if (line.label == "hidden layers") {
      EXPECT_EQ(line.values[1], "-");
    }
    if (line.label == "state") {
      EXPECT_EQ(line.values[1], "EXHAUSTED");
    }
  }
}

TEST(Compare, JsonHasTheAnswersWhole) {
  const Json json = CompareJson(TwoAnswers());
  EXPECT_EQ(json["jobs"], Json({"jobs/1", "jobs/2"}));
  EXPECT_TRUE(json["comparable"].get<bool>());
  EXPECT_EQ(json["differences"][2]["field"], "epochs");
  EXPECT_EQ(json["differences"][2]["values"], Json({"40", "20"}));
  EXPECT_EQ(json["answers"][1]["answer"]["hidden"], Json({9}));
}

}  // namespace
}  // namespace minnow::client
