// What a job claims follows from its trials, and its trials are what they are said to be.
#include <gmock/gmock.h>

#include <random>

#include "client/replay.h"
#include "server/storage/queries.h"
#include "tests/integration/process.h"
#include "tests/integration/recomputed_certificate.h"
#include "worker/local_engine.h"

namespace minnow {
namespace {

using nlohmann::json;

class CertificateTest : public ProcessTest {
 protected:
  // Runs the job, and returns its answer after recomputing its certificate from the table of trials.
  json RunAndRecompute(const AskedQuestion& asked) {
    const Finished run = Run("minnow run " + FlagsOf(asked));
    EXPECT_THAT(run.code, testing::AnyOf(0, 3)) << run.err;
    const json answer = json::parse(Run("minnow answer jobs/1 --json").out, nullptr, /*allow_exceptions=*/false);
    ExpectCertificateOf(asked, ReadTrials(Run("minnow trials jobs/1 --csv").out), answer);
    return answer;
  }
};

int64_t RowsBecause(const json& answer, const std::string& because) {
  int64_t rows = 0;
  for (const json& row : answer["certificate"]) rows += row["because"].get<std::string>().starts_with(because);
  return rows;
}

TEST_F(CertificateTest, FollowsFromTheTrials) {
  const json answer = RunAndRecompute(
      {.data = "digits.csv --target digit", .good_enough = "accuracy >= 0.9", .units = {1, 2, 3, 4, 6}});
  EXPECT_GE(RowsBecause(answer, "direct"), 2);
  EXPECT_GE(RowsBecause(answer, "contained"), 2);
  EXPECT_GT(answer["early_stop_audit"]["would_have_stopped"], 0);
}

TEST_F(CertificateTest, FollowsFromTheTrialsOfSeveralGroupsByMultiplyAdds) {
  const json answer = RunAndRecompute({.data = "vowel.csv --target vowel",
                                       .good_enough = "accuracy >= 0.58",
                                       .units = {1, 2, 3, 4, 6, 8},
                                       .min_layers = 1,
                                       .inits = {"he"},
                                       .activations = {"relu", "tanh"},
                                       .batch_sizes = {16, 32},
                                       .by_multiply_adds = true});
  EXPECT_GE(RowsBecause(answer, "direct"), 2);
  EXPECT_EQ(RowsBecause(answer, "missed on test"), 1);
}

TEST_F(CertificateTest, FollowsFromTheTrialsOfAReliableNetwork) {
  const json answer = RunAndRecompute({.data = "digits.csv --target digit",
                                       .good_enough = "accuracy >= 0.88",
                                       .units = {1, 2, 3, 4, 6, 8},
                                       .learning_rates = {0.05, 0.2},
                                       .reliable = true});
  EXPECT_GE(RowsBecause(answer, "direct"), 2);
}

TEST_F(CertificateTest, FollowsFromTheTrialsOfAnExhaustedSpace) {
  const json answer = RunAndRecompute({.data = "concrete.csv --target compressive_strength",
                                       .good_enough = "rmse <= 3",
                                       .units = {1, 2, 4},
                                       .epochs = 12,
                                       .optimizers = {"sgd", "adam"}});
  EXPECT_TRUE(answer["answer"].is_null());
  EXPECT_EQ(RowsBecause(answer, "convex"), 1);
  EXPECT_EQ(answer["certificate"].size(), 13u);
}

TEST_F(CertificateTest, FollowsFromTheTrialsOfSymmetricStarts) {
  const json answer = RunAndRecompute({.data = "digits.csv --target digit",
                                       .good_enough = "accuracy >= 0.9",
                                       .units = {2, 4},
                                       .min_layers = 1,
                                       .epochs = 4,
                                       .inits = {"zeros", "constant"},
                                       .early_stop = false});
  EXPECT_EQ(RowsBecause(answer, "direct"), 2) << "[2] and [2,2]";
  EXPECT_EQ(RowsBecause(answer, "symmetry"), 4);
}

TEST_F(CertificateTest, FollowsFromTheTrialsWhereOnlySomeStartsAreSymmetric) {
  const json answer = RunAndRecompute({.data = "vowel.csv --target vowel",
                                       .good_enough = "log_loss <= 1.1",
                                       .units = {1, 2, 3, 4, 6},
                                       .epochs = 20,
                                       .inits = {"zeros", "he"}});
  EXPECT_GE(RowsBecause(answer, "direct"), 1);
}

class ReplayTest : public ProcessTest {
 protected:
  // Trains up to `most` trials of each state again, drawn by `seed`. Returns how many there were of each state.
  std::map<std::string, size_t> ReplaySome(const std::string& job, size_t most, uint32_t seed) {
    const auto engine = worker::LocalEngine();
    const auto reader = storage::OpenResults(Path("minnow.db"));
    std::map<std::string, std::vector<TriedTrial>> by_state;
    for (TriedTrial& trial : ReadTrials(Run("minnow trials " + job + " --csv --all").out)) {
      by_state[trial.state].push_back(std::move(trial));
    }
    const auto record = (*reader)->Job(std::stoll(job.substr(job.find('/') + 1)));
    std::mt19937 draw(seed);
    std::map<std::string, size_t> replayed;
    for (auto& [state, trials] : by_state) {
      std::shuffle(trials.begin(), trials.end(), draw);
      trials.resize(std::min(trials.size(), most));
      for (const TriedTrial& trial : trials) ExpectTheSameAgain(*engine, **reader, record->record, trial);
      replayed[state] = trials.size();
    }
    return replayed;
  }

  static void ExpectTheSameAgain(const nn::Engine& engine, Results& reader, const JobRecord& job,
                                 const TriedTrial& listed) {
    SCOPED_TRACE("trial " + std::to_string(listed.number) + ", " + listed.state);
    const auto recorded = reader.Trial(job.id, listed.number);
    ASSERT_TRUE(recorded.ok()) << recorded.status();
    const auto again = client::TrainAgain(engine, reader, job, recorded->trial);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(client::SameTrial(recorded->trial.result, *again));
    EXPECT_EQ(again->weights_sha256, listed.weights_sha256);
    EXPECT_EQ(again->epochs, listed.epochs);
    EXPECT_EQ(Name(again->state), listed.state);
    if (std::isfinite(again->validation_score)) {
      EXPECT_EQ(again->validation_score, listed.validation_score);
    } else {
      EXPECT_FALSE(std::isfinite(listed.validation_score));
    }
  }
};

// With the default learning rates the first job stops most trials early, and its pass rate has passes; with a large
// one trials diverge; the grid is open to the test part and stops nothing.
TEST_F(ReplayTest, FiftyTrialsOfEachStateGiveTheSameNetworksAgain) {
  Run("minnow run data/digits.csv --target digit --good-enough 'accuracy >= 0.9' --units 2,4,6,8 --splits 1");
  Run("minnow run data/digits.csv --target digit --good-enough 'accuracy >= 0.85' --units 2,4,6 --splits 1 "
      "--learning-rate 0.05,1000 --early-stop off --epochs 20");
  Run("minnow run data/concrete.csv --target compressive_strength --good-enough 'r2 >= 0.8' --units 4,8 --search grid "
      "--optimizer sgd,adam --seeds 4");
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE("drawn by seed " + std::to_string(seed));
  const auto first = ReplaySome("jobs/1", 50, seed);
  EXPECT_EQ(first, (std::map<std::string, size_t>{{"MISSED", 50}, {"PASSED", 50}, {"STOPPED_EARLY", 50}}));
  const auto second = ReplaySome("jobs/2", 50, seed);
  EXPECT_EQ(second.at("DIVERGED"), 50u);
  const auto grid = ReplaySome("jobs/3", 25, seed);
  EXPECT_EQ(grid, (std::map<std::string, size_t>{{"MISSED", 25}, {"PASSED", 25}}));
}

}  // namespace
}  // namespace minnow
