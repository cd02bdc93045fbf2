// From an answer to a network that somebody else uses, with real processes.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "common/text.h"
#include "tests/integration/service.h"

namespace minnow {
namespace {

using nlohmann::json;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class ExportTest : public ServiceTest {
 protected:
  // Divides a bundled table: every fifth row is for the test.
  void Divide(const std::string& table) const {
    Run("bash -c '(head -n 1 data/" + table + "; tail -n +2 data/" + table +
        " | awk \"NR % 5 == 0\") >test.csv; (head -n 1 data/" + table + "; tail -n +2 data/" + table +
        " | awk \"NR % 5 != 0\") >train.csv'");
  }
  // Asks a question with few, small networks, and returns its answer.
  json Ask(const std::string& question) const {
    const Finished run = Run("minnow run " + question + " --json");
    EXPECT_THAT(run.code, AnyOf(0, 3)) << run.err;
    return json::parse(run.out, nullptr, /*allow_exceptions=*/false);
  }
  Finished Export(const std::string& arguments) const {
    Finished exported = Run("minnow export " + arguments);
    EXPECT_EQ(exported.code, 0) << exported.err;
    return exported;
  }
};

// A table without its last column, and with the others from back to front; no field is quoted.
std::string WithoutTargetAndReversed(const std::string& csv) {
  std::string reversed;
  for (const std::string_view line : Split(Trim(csv), '\n')) {
    std::vector<std::string> fields;
    for (const std::string_view field : Split(line, ',')) fields.insert(fields.begin(), std::string(field));
    fields.erase(fields.begin());
    reversed += Join(fields, ",") + "\n";
  }
  return reversed;
}

constexpr char kPenguins[] =
    "data/penguins.csv --target species --good-enough 'accuracy >= 0.9' --layers 0..1 --units 2,4 --splits 1";

// By every metric, the score of the test rows comes out of the exported network to the last bit.
TEST_F(ExportTest, PredictReproducesTheRecordedTestScore) {
  Divide("penguins.csv");
  const std::string few = " --test test.csv --layers 0..1 --units 3 --epochs 8 --splits 1 --no-characterise";
  for (const char* goal :
       {"accuracy >= 0.5", "balanced_accuracy >= 0.5", "f1_macro >= 0.5", "auc >= 0.6", "log_loss <= 1"}) {
    const json answer = Ask("train.csv --target species --good-enough '" + std::string(goal) + "'" + few);
    Export(std::string(answer["job"]) + " -o model.json");
    const std::string score = json::parse(Read("model.json"))["provenance"]["test_score"].dump();
    EXPECT_EQ(answer["answer"]["test_score"].dump(), score);
    const Finished predicted = Run("minnow predict model.json test.csv");
    EXPECT_THAT(predicted.err, HasSubstr(score + " on 68 rows: the test rows of " + std::string(answer["job"]) +
                                         ", where " + score + " is recorded"))
        << goal;
  }
  Divide("concrete.csv");
  for (const char* goal : {"r2 >= 0.1", "rmse <= 16", "mae <= 15"}) {
    const json answer = Ask("train.csv --target compressive_strength --good-enough '" + std::string(goal) + "'" + few);
    Export(std::string(answer["job"]) + " -o model.json");
    const std::string score = json::parse(Read("model.json"))["provenance"]["test_score"].dump();
    const Finished predicted = Run("minnow predict model.json test.csv");
    EXPECT_THAT(predicted.err, HasSubstr(score + " on 206 rows: the test rows of")) << goal;
  }
}

TEST_F(ExportTest, PredictionsAreCsvWithOneLineForEachRow) {
  Divide("german_credit.csv");
  const json answer = Ask("train.csv --target class --test test.csv --good-enough 'accuracy >= 0.6' --layers 0");
  Export("jobs/1 -o model.json");
  const Finished predicted = Run("minnow predict model.json test.csv");
  EXPECT_THAT(predicted.out, StartsWith("prediction,probability_bad,probability_good\n"));
  const auto predictions = CsvRows(predicted.out);
  const auto truth = CsvRows(Read("test.csv"));
  ASSERT_EQ(predictions.size(), 200u);
  int right = 0;
  for (size_t row = 0; row < truth.size(); ++row) {
    right += predictions[row].at("prediction") == truth[row].at("class") ? 1 : 0;
    EXPECT_NEAR(std::stod(predictions[row].at("probability_bad")) + std::stod(predictions[row].at("probability_good")),
                1, 1e-12);
  }
  EXPECT_EQ(right / 200.0, answer["answer"]["test_score"].get<double>());
  const json rows = json::parse(Run("minnow predict model.json test.csv --json").out);
  EXPECT_EQ(rows[7]["prediction"], predictions[7].at("prediction"));
  Write("bare.csv", WithoutTargetAndReversed(Read("test.csv")));
  const Finished bare = Run("minnow predict model.json bare.csv");
  EXPECT_TRUE(bare.out == predicted.out) << bare.err << bare.out.substr(0, 200);
  EXPECT_EQ(bare.err, "");
  EXPECT_TRUE(Run("bash -c 'minnow predict model.json - <bare.csv'").out == predicted.out);
}

// What docs/models.md says of the format is enough to predict with it.
TEST_F(ExportTest, AProgramThatKnowsTheDocumentAlonePredictsAlike) {
  const std::vector<std::pair<std::string, std::string>> questions = {
      {"data/penguins.csv", "--target species --good-enough 'accuracy >= 0.9' --activation leaky_relu --layers 1"},
      {"data/german_credit.csv", "--target class --good-enough 'accuracy >= 0.7' --activation sigmoid --layers 1"},
      {"data/concrete.csv", "--target compressive_strength --good-enough 'r2 >= 0.3' --activation tanh --layers 2"}};
  for (const auto& [table, flags] : questions) {
    Export(std::string(Ask(table + " --units 4 --splits 1 --no-characterise " + flags)["job"]) + " -o model.json");
    const Finished by_minnow = Run("minnow predict model.json " + table);
    const Finished by_document =
        Run("python3 " MINNOW_SOURCE_DIR "/tests/integration/predict_by_document.py model.json " + table);
    ASSERT_EQ(by_document.code, 0) << by_document.err;
    const auto wanted = CsvRows(by_minnow.out), found = CsvRows(by_document.out);
    ASSERT_EQ(found.size(), wanted.size());
    for (size_t row = 0; row < wanted.size(); ++row) {
      for (const auto& [column, value] : wanted[row]) {
        const std::optional<double> number = ParseNumber(value);
        if (number) {
          EXPECT_NEAR(std::stod(found[row].at(column)), *number, 1e-5 * std::max(1.0, std::fabs(*number)));
        } else {
          EXPECT_EQ(found[row].at(column), value);
        }
      }
    }
  }
}

TEST_F(ExportTest, ATrialWithoutWeightsIsTrainedAgain) {
  Ask("data/digits.csv --target digit --units 4 --learning-rate 0.05,1000 --layers 1..2 --epochs 8");
  const json trials = json::parse(Run("minnow trials jobs/1 --all --json").out);
  std::set<std::string> seen;
  for (const json& trial : trials) {
    const std::string state = trial["state"], name = trial["trial"];
    if (!seen.insert(state).second) continue;
    const Finished exported = Run("minnow export " + name + " --format json");
    EXPECT_EQ(exported.code, state == "DIVERGED" ? 2 : 0) << exported.err;
    EXPECT_EQ(exported.err.find("training it again") != std::string::npos, state != "DIVERGED" && state != "PASSED");
    if (state == "DIVERGED") {
      EXPECT_THAT(exported.err, HasSubstr("is DIVERGED"));
      continue;
    }
    EXPECT_EQ(json::parse(exported.out)["provenance"]["weights_sha256"], trial["weights_sha256"]);
  }
  EXPECT_TRUE(seen.contains("DIVERGED") && seen.contains("MISSED")) << trials;
}

TEST_F(ExportTest, OtherWeightsThanThoseRecordedAreRefused) {
  Ask(kPenguins);
  Run("sqlite3 minnow.db \"UPDATE trials SET weights_sha256 = '00' || substr(weights_sha256, 3)\"");
  const Finished exported = Run("minnow export jobs/1 -o model.json");
  EXPECT_EQ(exported.code, 1);
  EXPECT_THAT(exported.err, HasSubstr("are not those that were recorded"));
  EXPECT_FALSE(Exists("model.json"));
}

TEST_F(ExportTest, AJobWithoutAnAnswerHasNoNetwork) {
  Run("minnow run data/iris.csv --target species --good-enough 'accuracy >= 1' --layers 0 --epochs 2 --splits 1");
  const Finished exported = Run("minnow export jobs/1 --format onnx");
  EXPECT_EQ(exported.code, 1);
  EXPECT_THAT(exported.err, HasSubstr("jobs/1 is EXHAUSTED: it has no answer"));
  EXPECT_EQ(exported.out, "");
}

// What is best so far may still be beaten, and is no answer before the end.
TEST_F(ExportTest, OnlyAJobThatHasEndedHasAnAnswer) {
  Ask(kPenguins);
  Run("sqlite3 minnow.db \"UPDATE jobs SET state = 'RUNNING'\"");
  const Finished running = Run("minnow export jobs/1 --format c");
  EXPECT_EQ(running.code, 1);
  EXPECT_THAT(running.err, HasSubstr("jobs/1 has not ended yet: it is RUNNING"));
  Run("sqlite3 minnow.db \"UPDATE jobs SET state = 'BUDGET_SPENT'\"");
  EXPECT_THAT(Export("jobs/1 --format c").err, HasSubstr("its budget was spent first"));
}

TEST_F(ExportTest, AFileIsReplacedWholeOrNotAtAll) {
  Ask(kPenguins);
  Write("model.c", "an older one");
  const json told = json::parse(Export("1 -o model.c --json").out);
  EXPECT_EQ(told["format"], "c");
  EXPECT_EQ(told["bytes"], Read("model.c").size());
  EXPECT_EQ(Run("minnow export 1 --format c").out, Read("model.c")) << "without a file: stdout";
  EXPECT_EQ(Run("minnow export 1 --format c -o no/such/folder.c").code, 2);
  EXPECT_EQ(Run("minnow export 1 --format c -o data").code, 2);
  EXPECT_EQ(Run("minnow export 1 -o model.bin").code, 2);
  EXPECT_EQ(Run("minnow export 1 --format cpp").code, 2);
  EXPECT_EQ(Run("minnow export").code, 2);
}

TEST_F(ExportTest, TheCFileCompilesWithoutAWarningAndChecksItself) {
  for (const std::string& question :
       {std::string(kPenguins),
        std::string("data/concrete.csv --target compressive_strength --good-enough 'r2 >= 0.3' "
                    "--layers 1 --units 4 --splits 1 --activation tanh"),
        std::string(
            "data/german_credit.csv --target class --good-enough 'accuracy >= 0.7' --layers 0..1 --splits 1")}) {
    Export(std::string(Ask(question)["job"]) + " -o model.c");
    for (const char* compiler : {"gcc", "clang"}) {
      const Finished compiled = Run(std::string("bash -c '") + compiler +
                                    " -std=c99 -Wall -Wextra -pedantic -Werror -DMINNOW_SELF_TEST model.c -o model -lm "
                                    "&& ./model'");
      EXPECT_EQ(compiled.code, 0) << compiler << compiled.out << compiled.err;
      EXPECT_THAT(compiled.out, HasSubstr("20 of 20 rows"));
    }
  }
}

TEST_F(ExportTest, DamagedModelsAreRefusedWithASentence) {
  Ask(kPenguins);
  Export("1 -o model.json");
  const std::string model = Read("model.json");
  Write("cut.json", model.substr(0, 1000));
  Write("changed.json", std::string(model).replace(model.find("\"biases\":[") + 10, 1, "7"));
  Write("table.json", Read("data/iris.csv"));
  for (const char* file : {"cut.json", "changed.json", "table.json", "data", "missing.json"}) {
    const Finished refused = Run(std::string("minnow predict ") + file + " data/penguins.csv");
    EXPECT_EQ(refused.code, 2) << file << refused.err;
    EXPECT_THAT(refused.err, StartsWith(std::string("minnow: \"") + file + "\" ")) << file;
    EXPECT_EQ(refused.out, "") << file;
  }
  EXPECT_EQ(Run("minnow predict model.json data/iris.csv").code, 2) << "columns are missing";
  EXPECT_EQ(Run("minnow predict model.json").code, 2);
}

TEST_F(ExportTest, AServerGivesTheSameBytes) {
  StartServer();
  StartWorker("w");
  EXPECT_THAT(Minnow("submit " + std::string(kPenguins) + " --follow").code, AnyOf(0, 3));
  for (const std::string format : {"onnx", "c", "json"}) {
    const Finished served = Minnow("export jobs/1 --format " + format);
    EXPECT_EQ(served.code, 0) << served.err;
    EXPECT_EQ(served.out, Run("minnow export jobs/1 --db minnow.db --format " + format).out);
    EXPECT_GT(served.out.size(), 1000u);
  }
  EXPECT_EQ(Minnow("export jobs/9 --format c").code, 2);
  const json missed = json::parse(Minnow("trials jobs/1 --all --state MISSED --limit 1 --json").out);
  const Finished again = Minnow("export " + std::string(missed.at(0)["trial"]) + " --format json");
  EXPECT_THAT(again.err, HasSubstr("training it again"));
  EXPECT_EQ(json::parse(again.out)["provenance"]["weights_sha256"], missed[0]["weights_sha256"]);
}

}  // namespace
}  // namespace minnow
