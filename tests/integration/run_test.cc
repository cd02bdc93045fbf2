// Whole jobs as a person runs them.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/integration/process.h"

namespace minnow {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr char kIris[] = "minnow run data/iris.csv --target species --good-enough 'accuracy >= 0.95' --json ";

class RunTest : public ProcessTest {
 protected:
  json RunJson(const std::string& command, int code = 0) {
    const Finished run = Run(command);
    EXPECT_EQ(run.code, code) << run.err;
    return json::parse(run.out, nullptr, /*allow_exceptions=*/false);
  }
  // Whether the look confirms the answer is not what the test is about.
  json RunToAnswer(const std::string& command) {
    const Finished run = Run(command);
    EXPECT_THAT(run.code, testing::AnyOf(0, 3)) << run.err;
    json answer = json::parse(run.out, nullptr, /*allow_exceptions=*/false);
    EXPECT_EQ(answer["state"], "ANSWERED") << run.err;
    return answer;
  }
  json QueryRows(const std::string& sql) { return RunJson("minnow query \"" + sql + "\" --json"); }
};

TEST_F(RunTest, TheAnswerHasEveryKeyOfTheContract) {
  const json answer = RunJson(kIris);
  for (const char* key : {"job", "name", "state", "task", "numerics_version", "threshold", "rows", "inputs", "outputs",
                          "answer", "certificate", "wrong_at_most", "undecided", "trials", "epochs", "seconds"}) {
    EXPECT_TRUE(answer.contains(key)) << key;
  }
  for (const char* key : {"hidden", "parameters", "multiply_adds", "init", "activation", "optimizer", "learning_rate",
                          "batch_size", "weight_decay", "seed", "trial", "epoch", "validation_score", "test_score",
                          "test_interval", "test_looks", "confirmed", "test_grade", "weights_sha256"}) {
    EXPECT_TRUE(answer["answer"].contains(key)) << key;
  }
  EXPECT_EQ(answer["state"], "ANSWERED");
  EXPECT_EQ(answer["job"], "jobs/1");
  EXPECT_EQ(answer["rows"], (json{{"train", 90}, {"validation", 30}, {"test", 30}}));
  EXPECT_EQ(answer["threshold"],
            (json{{"metric", "accuracy"}, {"comparison", ">="}, {"value", 0.95}, {"pass", "any"}}));
}

TEST_F(RunTest, TheSameQuestionIsAnsweredAtOnceAndAnotherIsAnotherJob) {
  const json first = RunJson(kIris);
  const Finished again = Run(std::string(kIris) + "--threads 1 --name other --label x --priority 3 --route unit");
  EXPECT_EQ(json::parse(again.out), first);
  EXPECT_THAT(again.err, HasSubstr("jobs/1 asked the same question"));
  EXPECT_EQ(RunToAnswer(std::string(kIris) + "--seed 2")["job"], "jobs/6") << "a job for each split";
  EXPECT_EQ(RunToAnswer(std::string(kIris) + "--split-seed 2")["job"], "jobs/11");
}

TEST_F(RunTest, LooksOfOtherJobsAtTheSameTestRowsAreTold) {
  RunToAnswer(kIris);
  EXPECT_THAT(Run("minnow answer jobs/1").out, testing::Not(HasSubstr("Other jobs")));
  RunToAnswer(std::string(kIris) + "--seed 2");
  EXPECT_THAT(Run("minnow answer jobs/6").out,
              HasSubstr("Other jobs of this database had looked at the same test rows"));
  EXPECT_THAT(Run("minnow answer jobs/1").out, testing::Not(HasSubstr("Other jobs")));
}

TEST_F(RunTest, ALargerBudgetGoesOn) {
  const std::string digits =
      "minnow run data/digits.csv --target digit --good-enough 'accuracy >= 0.9' --layers 0..1 --json ";
  const json stopped = RunJson(digits + "--budget-trials 100 --route lane", /*code=*/4);
  EXPECT_EQ(stopped["state"], "BUDGET_SPENT");
  EXPECT_EQ(stopped["trials"], 100);
  EXPECT_FALSE(stopped["undecided"].empty());
  EXPECT_EQ(RunJson(digits + "--budget-trials 100", 4)["trials"], 100);
  EXPECT_EQ(RunToAnswer(digits + "--budget-trials 100000 --route unit")["job"], "jobs/1");
}

TEST_F(RunTest, AnImpossibleThresholdIsExhaustedWithTheWholeSpaceRejected) {
  const json answer = RunJson(
      "minnow run data/concrete.csv --target compressive_strength --good-enough 'r2 >= 0.99' --units 1,2 "
      "--epochs 5 --json",
      /*code=*/3);
  EXPECT_EQ(answer["state"], "EXHAUSTED");
  EXPECT_TRUE(answer["answer"].is_null());
  EXPECT_EQ(answer["certificate"].size(), 7u);
  for (const json& row : answer["certificate"]) {
    const std::string because = row["because"];
    EXPECT_TRUE(row["hidden"].empty() ? because == "convex" : because == "direct" || because.starts_with("contained"))
        << row;
  }
}

TEST_F(RunTest, ReplayProvesATrialOfEveryKind) {
  RunToAnswer(
      "minnow run data/digits.csv --target digit --units 4 --learning-rate 0.05,1000 --layers 1..2 --epochs 8 --json");
  const json kinds =
      QueryRows("SELECT phase, state, min(trial) AS number FROM trials GROUP BY phase, state ORDER BY number");
  std::set<std::string> states;
  for (const json& kind : kinds) {
    states.insert(kind["state"]);
    const std::string trial = "jobs/1/trials/" + std::to_string(kind["number"].get<int>());
    const Finished replay = Run("minnow replay " + trial);
    EXPECT_EQ(replay.code, 0) << kind << replay.out << replay.err;
  }
  EXPECT_TRUE(states.contains("PASSED") && states.contains("DIVERGED") && states.contains("MISSED")) << kinds;
  Run("sqlite3 minnow.db \"UPDATE trials SET weights_sha256 = '00' || substr(weights_sha256, 3) WHERE trial = 1\"");
  EXPECT_EQ(Run("minnow replay jobs/1/trials/1").code, 1);
}

TEST_F(RunTest, AGridFillsTheTeachingViews) {
  const json answer = RunJson(
      "minnow run data/iris.csv --target species --search grid --init zeros,he --units 8 --layers 0..1 "
      "--good-enough 'accuracy >= 0.8' --json");
  EXPECT_TRUE(answer["answer"]["confirmed"].is_null());
  EXPECT_TRUE(answer["answer"]["test_looks"].is_null());
  EXPECT_TRUE(answer["answer"]["test_score"].is_number());
  EXPECT_TRUE(answer["wrong_at_most"].is_null());
  for (const json& row :
       QueryRows("SELECT init, hidden_units, distinct_hidden_units FROM symmetry WHERE hidden_units > 0")) {
    EXPECT_EQ(row["distinct_hidden_units"], row["init"] == "zeros" ? 1 : 8);
  }
  EXPECT_EQ(QueryRows("SELECT count(*) AS n FROM trials WHERE test_score IS NOT NULL")[0]["n"], 2 * 2 * 3 * 3);
  for (const char* view :
       {"answers", "smallest_good_enough", "size_ladder", "pareto_front", "init_effect", "seed_spread"}) {
    EXPECT_FALSE(QueryRows(std::string("SELECT * FROM ") + view).empty()) << view;
  }
}

TEST_F(RunTest, SymmetricStartsAreRejectedByReasoning) {
  const json answer = RunJson(
      "minnow run data/digits.csv --target digit --good-enough 'accuracy >= 0.9' --init zeros --layers 1 "
      "--units 1,4,16 --epochs 3 --json",
      /*code=*/3);
  EXPECT_EQ(answer["certificate"][0]["because"], "direct");
  EXPECT_EQ(answer["certificate"][1]["because"], "symmetry");
  EXPECT_EQ(answer["certificate"][2]["because"], "symmetry");
  EXPECT_EQ(answer["trials"], 60);
}

TEST_F(RunTest, EveryCombinationOfLossActivationAndOptimizerRuns) {
  for (const char* data : {"iris.csv --target species", "concrete.csv --target compressive_strength"}) {
    const Finished run =
        Run(std::string("minnow run data/") + data +
            " --activation relu,tanh,sigmoid,leaky_relu --optimizer sgd,adam --learning-rate 0.01 --init "
            "normal,uniform,xavier,he,lecun,orthogonal --batch-size 16,50 --weight-decay 0,0.001 --units 3 "
            "--epochs 3 --search random --json");
    EXPECT_THAT(run.code, testing::AnyOf(0, 3)) << run.err;
    EXPECT_EQ(json::parse(run.out)["trials"], 100);
  }
}

TEST_F(RunTest, ASpecFileSaysTheSameAsTheFlags) {
  Write("spec.yaml",
        "target: species\ngood_enough: accuracy >= 0.95\nunits: [1, 2]\nlearning_rate: 0.05\nepochs: 12\n");
  const Finished flags =
      Run("minnow run data/iris.csv --target species --good-enough 'accuracy >= 0.95' --units 1,2 "
          "--learning-rate 0.05 --epochs 12 --json");
  const Finished spec = Run("minnow run data/iris.csv --spec spec.yaml --json");
  EXPECT_EQ(spec.out, flags.out);
  EXPECT_THAT(spec.err, HasSubstr("jobs/1 asked the same question"));
}

TEST_F(RunTest, ASeparateTestFileIsTheTestPart) {
  Run("bash -c '(head -n 1 data/iris.csv; tail -n +2 data/iris.csv | awk \"NR % 5 == 0\") >test.csv; "
      "(head -n 1 data/iris.csv; tail -n +2 data/iris.csv | awk \"NR % 5 != 0\") >train.csv'");
  const Finished run =
      Run("minnow run train.csv --target species --test test.csv --good-enough 'accuracy >= 0.9' --json");
  EXPECT_THAT(run.code, testing::AnyOf(0, 3)) << run.err;
  EXPECT_EQ(json::parse(run.out)["rows"], (json{{"train", 90}, {"validation", 30}, {"test", 30}}));
}

TEST_F(RunTest, TheQueryGateOnlyReads) {
  RunJson(kIris);
  const std::string before = Read("minnow.db");
  for (const char* sql : {"DELETE FROM trials", "DROP TABLE jobs", "ATTACH 'x.db' AS x", "PRAGMA journal_mode = DELETE",
                          "SELECT load_extension('x')", "SELECT 1; SELECT 2", "SELECT * FROM no_such_table", ""}) {
    const Finished refused = Run(std::string("minnow query \"") + sql + "\"");
    EXPECT_EQ(refused.code, 2) << sql << refused.out;
    EXPECT_NE(refused.err, "") << sql;
  }
  EXPECT_EQ(Read("minnow.db"), before);
}

TEST_F(RunTest, EveryCommandHasHelpWithExamples) {
  for (const char* command :
       {"run", "inspect", "jobs", "show", "answer", "trials", "query", "export", "predict", "replay"}) {
    const Finished help = Run(std::string("minnow ") + command + " --help");
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr(std::string("minnow ") + command)) << command;
    EXPECT_EQ(help.err, "") << command;
  }
}

}  // namespace
}  // namespace minnow
