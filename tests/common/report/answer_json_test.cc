#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/report/answer_report.h"
#include "common/statistics.h"
#include "tests/common/report/reports.h"

namespace minnow {
namespace {

TEST(AnswerJson, HasTheKeysOfTheContractInTheirOrder) {
  EXPECT_EQ(
      JsonText(AnswerJson(DigitsAnswer())),
      R"({"job":"jobs/1","name":"digits","state":"ANSWERED","characterising":false,"task":"classification","numerics_version":1,)"
      R"("threshold":{"metric":"accuracy","comparison":">=","value":0.95,"pass":"any"},)"
      R"("rows":{"train":1078,"validation":359,"test":360},"inputs":61,"outputs":10,)"
      R"("answer":{"hidden":[8],"parameters":586,"multiply_adds":568,"init":"he","activation":"relu",)"
      R"("optimizer":"sgd",)"
      R"("learning_rate":0.05,"batch_size":32,"weight_decay":0,"seed":17,"trial":"jobs/1/trials/203","epoch":23,)"
      R"("validation_score":0.9582,"test_score":0.9556,"test_interval":[0.9243,0.9743],"test_looks":1,)"
      R"("confirmed":true,"test_grade":"consistent","weights_sha256":"abc123"},)"
      R"("pass_rate":{"tries":64,"passes":9,"interval":)" +
          JsonText({ClopperPearsonInterval(9, 64, 0.95).low, ClopperPearsonInterval(9, 64, 0.95).high}) +
          R"(},"reliable":{"hidden":[12],"parameters":874,"init":"he","activation":"relu","optimizer":"sgd",)"
          R"("learning_rate":0.05,"batch_size":32,"weight_decay":0,"tries":18,"passes":17},)"
          R"("certificate":[{"hidden":[4],"parameters":298,"verdict":"NOT_GOOD_ENOUGH","because":"contained in [6]"},)"
          R"({"hidden":[6],"parameters":442,"verdict":"NOT_GOOD_ENOUGH","because":"direct","tries":63,"passes":0,)"
          R"("finished":9,"stopped_early":54,"audited":4,"best_validation_score":0.9442,"pass_rate_upper":)" +
          JsonText(ClopperPearsonUpper(0, 63, 0.95)) + R"(,"pass_rate_upper_by_audits":)" +
          JsonText(ClopperPearsonUpper(0, 4, 0.95)) +
          R"(}],)"
          R"("early_stop_audit":{"audited":31,"would_have_stopped":28,"passed":0,"upper":)" +
          JsonText(ClopperPearsonUpper(0, 28, 0.95)) +
          R"(},"wrong_at_most":0.15,"undecided":[],)"
          R"("splits":[{"split_seed":2,"hidden":[8],"parameters":586,"state":"ANSWERED","job":"jobs/2"},)"
          R"({"split_seed":3,"hidden":[6],"parameters":442,"state":"ANSWERED","job":"jobs/3"},)"
          R"({"split_seed":4,"hidden":null,"parameters":null,"state":"EXHAUSTED","job":"jobs/4"},)"
          R"({"split_seed":5,"hidden":[8],"parameters":586,"state":"ANSWERED","job":"jobs/5"}],)"
          R"("trials":812,"epochs":9120,"seconds":{"search":0.5,"characterise":0.25}})");
}

TEST(AnswerJson, HasNoAnswerWhenNothingIsGoodEnough) {
  const Json json = AnswerJson(DigitsExhausted());
  EXPECT_EQ(json["state"], "EXHAUSTED");
  EXPECT_TRUE(json["answer"].is_null());
  EXPECT_EQ(json["certificate"].size(), 3u);
}

TEST(AnswerJson, HasNoLooksForAGrid) {
  AnswerReport report = DigitsAnswer();
  report.job.record.spec.search = SearchKind::kGrid;
  report.look.reset();
  report.looks.clear();
  report.job.record.answer->confirmed.reset();
  report.trial->result.test_score = 0.9611;
  const Json json = AnswerJson(report);
  EXPECT_EQ(json["answer"]["test_score"], 0.9611);
  for (const char* key : {"test_interval", "test_looks", "confirmed", "test_grade"}) {
    EXPECT_TRUE(json["answer"][key].is_null()) << key;
  }
  EXPECT_TRUE(json["wrong_at_most"].is_null());
  EXPECT_TRUE(json["early_stop_audit"].is_null());
}

TEST(AnswerJson, SaysWhyThereIsNoReliableShape) {
  AnswerReport report = DigitsAnswer();
  EXPECT_FALSE(AnswerJson(report).contains("reliable_reason"));
  report.job.record.reliable.reset();
  report.job.record.spec.characterise = false;
  EXPECT_TRUE(AnswerJson(report)["reliable"].is_null());
  EXPECT_EQ(AnswerJson(report)["reliable_reason"], "it was not looked for (--no-characterise)");
  report.job.record.reliable_reason = "no size passed";
  EXPECT_EQ(AnswerJson(report)["reliable_reason"], "no size passed");
}

TEST(AnswerJson, NamesThePolicy) {
  AnswerReport report = DigitsAnswer();
  report.job.record.spec.pass = PassPolicy::kReliable;
  EXPECT_EQ(AnswerJson(report)["threshold"]["pass"], "reliable");
}

TEST(AnswerJson, CountsEveryLookOfAnUnconfirmedAnswer) {
  AnswerReport report = DigitsAnswer();
  report.looks.push_back(report.looks[0]);
  report.job.record.answer->confirmed = false;
  const Json json = AnswerJson(report);
  EXPECT_EQ(json["answer"]["test_looks"], 2);
  EXPECT_EQ(json["answer"]["confirmed"], false);
}

TEST(AnswerJson, ListsOpenShapesWithTheirCounts) {
  AnswerReport report = DigitsAnswer();
  VerdictRow open = Rejected({7}, 12, 0.94);
  open.passes = 1;
  report.undecided = {open};
  EXPECT_EQ(JsonText(AnswerJson(report)["undecided"]), R"([{"hidden":[7],"parameters":514,"tries":12,"passes":1}])");
}

TEST(AnswerJson, WritesAScoreThatIsNotANumberAsNull) {
  AnswerReport report = DigitsAnswer();
  report.certificate[1].best_score = std::nan("");
  EXPECT_TRUE(AnswerJson(report)["certificate"][1]["best_validation_score"].is_null());
}

}  // namespace
}  // namespace minnow
