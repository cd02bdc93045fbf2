#include "client/search_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace minnow::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

absl::StatusOr<SearchRequest> Read(std::vector<std::string> arguments) {
  CommandLine line("run", "DATA.csv [flags]", "Runs.", {});
  const SearchFlags flags(line);
  arguments.insert(arguments.begin(), "data.csv");
  std::ostringstream out;
  const absl::StatusOr<bool> parsed = line.Parse(arguments, out);
  if (!parsed.ok()) return parsed.status();
  return flags.Read();
}

std::string ErrorOf(std::vector<std::string> arguments) {
  return std::string(Read(std::move(arguments)).status().message());
}

// A spec file that lives as long as a test.
class SpecFileOnDisk {
 public:
  explicit SpecFileOnDisk(const std::string& text)
      : path_(::testing::TempDir() + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".yaml") {
    std::ofstream(path_) << text;
  }
  ~SpecFileOnDisk() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(SearchFlags, HaveTheDefaultsOfAJob) {
  const SearchRequest request = Read({"--target", "digit"}).value();
  EXPECT_EQ(request.data_file, "data.csv");
  EXPECT_EQ(request.prepare.target, "digit");
  EXPECT_FALSE(request.goal.has_value());
  JobSpec spec;
  spec.early_stop = true;
  spec.characterise = true;
  EXPECT_EQ(QuestionJson(request.spec), QuestionJson(spec));
  EXPECT_FALSE(request.splits.has_value()) << "it depends on the rows";
  EXPECT_EQ(request.prepare.shares, data::SplitShares());
}

TEST(SearchFlags, DescribeTheSearchSpace) {
  const JobSpec spec = Read({"--layers",     "1..3",     "--units",         "8,4",
                             "--init",       "zeros,he", "--activation",    "tanh,leaky_relu",
                             "--optimizer",  "adam",     "--learning-rate", "0.1,1e-3",
                             "--batch-size", "16",       "--weight-decay",  "0,0.0001",
                             "--momentum",   "0.5",      "--epochs",        "20"})
                           .value()
                           .spec;
  EXPECT_EQ(spec.min_layers, 1);
  EXPECT_EQ(spec.max_layers, 3);
  EXPECT_THAT(spec.units, ElementsAre(4, 8));
  EXPECT_THAT(spec.inits, ElementsAre(InitScheme::kZeros, InitScheme::kHe));
  EXPECT_THAT(spec.activations, ElementsAre(Activation::kTanh, Activation::kLeakyRelu));
  EXPECT_THAT(spec.optimizers, ElementsAre(Optimizer::kAdam));
  EXPECT_THAT(spec.learning_rates, ElementsAre(0.1, 1e-3));
  EXPECT_THAT(spec.batch_sizes, ElementsAre(16));
  EXPECT_THAT(spec.weight_decays, ElementsAre(0, 0.0001));
  EXPECT_EQ(spec.momentum, 0.5);
  EXPECT_EQ(spec.epochs, 20);
}

TEST(SearchFlags, DescribeTheQuestionAndTheBudget) {
  const SearchRequest request =
      Read({"--good-enough",   "rmse <= 6", "--task",           "regression", "--search",        "grid",
            "--seeds",         "5",         "--confirm",        "2",          "--seed",          "7",
            "--split",         "70/15/15",  "--split-seed",     "9",          "--budget-trials", "100",
            "--budget-epochs", "4000",      "--budget-seconds", "1.5",        "--name",          "n",
            "--label",         "l",         "--priority",       "2",          "--pass",          "any",
            "--early-stop",    "off",       "--route",          "unit"})
          .value();
  EXPECT_EQ(request.goal->metric, Metric::kRmse);
  EXPECT_EQ(request.goal->value, 6);
  EXPECT_EQ(request.prepare.task, Task::kRegression);
  EXPECT_EQ(request.spec.search, SearchKind::kGrid);
  EXPECT_EQ(request.spec.grid_seeds, 5);
  EXPECT_EQ(request.spec.confirm, 2);
  EXPECT_EQ(request.spec.seed, 7u);
  EXPECT_EQ(request.prepare.split_seed, 9u);
  EXPECT_EQ(request.prepare.shares, (data::SplitShares{70, 15, 15}));
  EXPECT_EQ(request.spec.budget, (Budget{100, 4000, 1.5}));
  EXPECT_EQ(request.spec.name, "n");
  EXPECT_EQ(request.spec.label, "l");
  EXPECT_EQ(request.spec.priority, 2);
  EXPECT_EQ(request.spec.route, Route::kUnit);
}

struct BadValue {
  std::string flag;
  std::string value;
  std::string message;  // a part of it
};

class BadFlagValue : public ::testing::TestWithParam<BadValue> {};

TEST_P(BadFlagValue, IsRefusedWithTheFlagTheValueAndTheFix) {
  const auto& [flag, value, message] = GetParam();
  const absl::Status status = Read({"--" + flag, value}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("--" + flag + ": "));
  EXPECT_THAT(std::string(status.message()), HasSubstr(message));
}

INSTANTIATE_TEST_SUITE_P(
    EveryFlag, BadFlagValue,
    ::testing::Values(
        BadValue{"target", "", "empty"}, BadValue{"good-enough", "acuracy >= 0.9", "did you mean \"accuracy\"?"},
        BadValue{"good-enough", "accuracy >= 95", "for 95 % write 0.95"},
        BadValue{"task", "clasification", "did you mean \"classification\"?"},
        BadValue{"pass", "relible", "did you mean \"reliable\"?"}, BadValue{"layers", "0..9", "\"9\""},
        BadValue{"units", "0", "from 1 to 1024"}, BadValue{"units", "8,8", "8 is there twice"},
        BadValue{"init", "hee", "did you mean \"he\"?"}, BadValue{"activation", "gelu", "Known: relu"},
        BadValue{"optimizer", "adamw", "did you mean \"adam\"?"}, BadValue{"learning-rate", "0", "above 0"},
        BadValue{"learning-rate", "fast", "\"fast\" is not a number"}, BadValue{"batch-size", "32.5", "\"32.5\""},
        BadValue{"weight-decay", "-0.1", "0 or above"}, BadValue{"momentum", "1", "below 1"},
        BadValue{"epochs", "1", "from 2 to"}, BadValue{"search", "lader", "did you mean \"ladder\"?"},
        BadValue{"seeds", "0", "\"0\""}, BadValue{"seeds", "3", "--search grid"}, BadValue{"confirm", "0", "\"0\""},
        BadValue{"early-stop", "yes", "neither on nor off"},
        BadValue{"order-by", "parameter", "did you mean \"parameters\"?"}, BadValue{"splits", "0", "from 1 to 100"},
        BadValue{"seed", "-1", "0 to 18446744073709551615"}, BadValue{"split", "60/40", "60/40"},
        BadValue{"test", "", "empty"}, BadValue{"split-column", "", "empty"}, BadValue{"split-seed", "one", "\"one\""},
        BadValue{"budget-trials", "0", "at least 1"}, BadValue{"budget-epochs", "many", "\"many\""},
        BadValue{"budget-seconds", "0", "above 0"}, BadValue{"name", "", "empty"}, BadValue{"label", "", "empty"},
        BadValue{"priority", "0", "\"0\""},
        BadValue{"route", "units", "did you mean \"unit\"? Known: auto, lane, unit"}));

TEST(SearchFlags, TheRouteIsNoPartOfTheQuestion) {
  const SpecFileOnDisk spec("route: lane\n");
  const JobSpec lane = Read({"--spec", spec.path()}).value().spec;
  EXPECT_EQ(lane.route, Route::kLane);
  EXPECT_EQ(QuestionJson(lane), QuestionJson(Read({"--route", "unit"}).value().spec));
}

TEST(SearchFlags, ChooseWhatIsProved) {
  const SearchRequest request = Read({"--pass", "reliable", "--early-stop", "off", "--order-by", "multiply_adds",
                                      "--require-shown", "--no-characterise", "--splits", "3"})
                                    .value();
  EXPECT_EQ(request.spec.pass, PassPolicy::kReliable);
  EXPECT_FALSE(request.spec.early_stop);
  EXPECT_EQ(request.spec.order_by, SizeMeasure::kMultiplyAdds);
  EXPECT_TRUE(request.spec.require_shown);
  EXPECT_FALSE(request.spec.characterise);
  EXPECT_EQ(request.splits, 3);
}

TEST(SearchFlags, ChooseTheSameInASpecFile) {
  const SpecFileOnDisk spec("early_stop: off\nno_characterise: true\nrequire_shown: false\nsplits: 2\n");
  const SearchRequest request = Read({"--spec", spec.path(), "--require-shown"}).value();
  EXPECT_FALSE(request.spec.early_stop);
  EXPECT_FALSE(request.spec.characterise);
  EXPECT_TRUE(request.spec.require_shown) << "the command line wins";
  EXPECT_EQ(request.splits, 2);
}

TEST(SearchFlags, BlameTheLineOfASwitchWithoutSense) {
  const SpecFileOnDisk spec("target: digit\nrequire_shown: maybe\n");
  EXPECT_THAT(ErrorOf({"--spec", spec.path()}), StartsWith(spec.path() + ":2: --require-shown: \"maybe\""));
}

TEST(SearchFlags, OfAGridTurnOffWhatOnlyALadderDoes) {
  for (const char* search : {"grid", "random"}) {
    const SearchRequest request = Read({"--search", search}).value();
    EXPECT_FALSE(request.spec.early_stop);
    EXPECT_FALSE(request.spec.characterise);
    EXPECT_EQ(request.splits, 1);
  }
  EXPECT_TRUE(Read({"--search", "grid", "--early-stop", "off", "--splits", "1", "--no-characterise"}).ok());
}

TEST(SearchFlags, RefuseForAGridWhatOnlyALadderDoes) {
  EXPECT_EQ(ErrorOf({"--search", "grid", "--splits", "3"}),
            "--splits: a grid search has one split; leave --splits or --search grid out");
  EXPECT_THAT(ErrorOf({"--search", "random", "--early-stop", "on"}),
              StartsWith("--early-stop: a random search trains"));
  EXPECT_THAT(ErrorOf({"--search", "grid", "--pass", "reliable"}), StartsWith("--pass: a grid search has no test"));
  EXPECT_THAT(ErrorOf({"--search", "grid", "--require-shown"}), StartsWith("--require-shown: a grid search scores"));
}

TEST(SearchFlags, NeedADataFile) {
  CommandLine line("run", "DATA.csv [flags]", "Runs.", {});
  const SearchFlags flags(line);
  std::ostringstream out;
  ASSERT_TRUE(line.Parse({"--target", "digit"}, out).value());
  EXPECT_THAT(std::string(flags.Read().status().message()), StartsWith("no data file is named"));
}

TEST(SearchFlags, RefuseWaysToSplitThatContradict) {
  EXPECT_THAT(ErrorOf({"--split-column", "part", "--test", "t.csv"}), StartsWith("--split-column: --test names"));
  EXPECT_THAT(ErrorOf({"--split-column", "part", "--split", "60/20/20"}), HasSubstr("--split has no effect"));
  EXPECT_THAT(ErrorOf({"--split-column", "y", "--target", "y"}), HasSubstr("\"y\" is the target"));
  EXPECT_TRUE(Read({"--test", "t.csv", "--split", "70/20/10"}).ok());
  EXPECT_THAT(ErrorOf({"--split-column", "part", "--splits", "3"}),
              StartsWith("--splits: \"part\" divides the rows in one way only"));
  EXPECT_EQ(Read({"--split-column", "part", "--splits", "1"}).value().splits, 1);
  EXPECT_EQ(Read({"--split-column", "part"}).value().splits, 1);
}

TEST(SearchFlags, RefuseASpaceThatIsTooLarge) { EXPECT_THAT(ErrorOf({"--layers", "0..8"}), StartsWith("--layers: ")); }

TEST(SearchFlags, NeedTwoSharesOnlyBesideATestFile) {
  EXPECT_EQ(Read({"--split", "80/20", "--test", "t.csv"}).value().prepare.shares, (data::SplitShares{80, 20, 0}));
  EXPECT_EQ(Read({"--split", "60/20/20", "--test", "t.csv"}).value().prepare.shares, (data::SplitShares{60, 20, 20}));
  EXPECT_THAT(ErrorOf({"--split", "80/20"}), StartsWith("--split: 80/20 leaves no test part"));
  EXPECT_THAT(ErrorOf({"--split", "80/30", "--test", "t.csv"}), HasSubstr("adds up to 110"));
}

TEST(SearchFlags, SayWhichTrialsABudgetCounts) {
  CommandLine line("run", "DATA.csv [flags]", "Runs.", {});
  const SearchFlags flags(line);
  EXPECT_THAT(line.Help(), HasSubstr("trials of the search (default none; random: 100)"));
}

TEST(SearchFlags, TakeWhatIsMissingFromTheSpecFile) {
  const SpecFileOnDisk spec("target: digit\nunits: [2, 4]\nlayers: 0..1\nlearning_rate: 0.1\n");
  const SearchRequest request = Read({"--spec", spec.path(), "--units", "16"}).value();
  EXPECT_EQ(request.prepare.target, "digit");
  EXPECT_THAT(request.spec.units, ElementsAre(16));
  EXPECT_EQ(request.spec.max_layers, 1);
  EXPECT_THAT(request.spec.learning_rates, ElementsAre(0.1));
}

TEST(SearchFlags, BlameTheLineOfTheSpecFile) {
  const SpecFileOnDisk spec("target: digit\nunits: [2, four]\n");
  EXPECT_EQ(ErrorOf({"--spec", spec.path()}),
            spec.path() + ":2: --units: \"four\" is not a whole number from 1 to 1024");
}

TEST(SearchFlags, BlameTheLineOfALimitThatTheJobHas) {
  const SpecFileOnDisk spec("target: digit\nmomentum: 1.5\n");
  EXPECT_THAT(ErrorOf({"--spec", spec.path()}), StartsWith(spec.path() + ":2: --momentum: 1.5"));
}

TEST(SearchFlags, LetTheCommandLineContradictTheSpecFile) {
  const SpecFileOnDisk spec("split_column: part\n");
  EXPECT_THAT(ErrorOf({"--spec", spec.path(), "--test", "t.csv"}), StartsWith("--split-column: "));
}

}  // namespace
}  // namespace minnow::client
