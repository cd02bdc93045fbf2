// The data sets that come with Minnow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/data/prepare.h"
#include "common/sha256.h"
#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

CsvTable Bundled(const std::string& name) {
  auto table = ReadCsv(MINNOW_DATA_DIR "/" + name);
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

Prepared PrepareBundled(const std::string& name, const std::string& target, uint64_t split_seed = 1) {
  PrepareOptions options = Target(target);
  options.split_seed = split_seed;
  auto prepared = Prepare(Bundled(name), nullptr, options);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return *std::move(prepared);
}

void ExpectRows(const Prepared& prepared, int train, int validation, int test) {
  EXPECT_EQ(prepared.training.train.rows(), train);
  EXPECT_EQ(prepared.training.validation.rows(), validation);
  EXPECT_EQ(prepared.test.rows(), test);
}

TEST(BundledData, DigitsAreTenClassesOf58To61Inputs) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const Prepared digits = PrepareBundled("digits.csv", "digit", seed);
    EXPECT_THAT(digits.training.inputs(), AllOf(Ge(58), Le(61)));
    EXPECT_EQ(digits.training.outputs(), 10);
    ExpectRows(digits, 1078, 359, 360);
    EXPECT_EQ(digits.preparation.notes[0],
              "target digit: 10 classes (integers 0 to 9); give --task regression to predict it as a number");
    EXPECT_THAT(digits.preparation.notes,
                Contains(HasSubstr("columns are constant in the training rows and were left out: pixel_0_0, ")));
  }
}

TEST(BundledData, IrisIsThreeClassesOfFourInputs) {
  const Prepared iris = PrepareBundled("iris.csv", "species");
  ExpectRows(iris, 90, 30, 30);
  EXPECT_EQ(iris.training.inputs(), 4);
  EXPECT_EQ(iris.preparation.notes[0], "target species: 3 classes (setosa, versicolor, virginica)");
}

// The hash is the name of the prepared data in every database: a change here orphans what people have stored. The
// numbers were computed a second time by a program of its own, in another language.
TEST(BundledData, PreparedIrisNeverChanges) {
  const Prepared iris = PrepareBundled("iris.csv", "species");
  EXPECT_EQ(Sha256Hex(EncodeTrainingData(iris.training)),
            "b3dc181d17a91d5f198c6bd144274e4a1fbbf574edf53a2a418b079e55667dba");
  EXPECT_EQ(Sha256Hex(EncodePart(iris.test)), "0221d8a0dc77f7d6e3f56b78bf47af43fda8c82493ca28e850fc51ab0fbeab1d");
}

TEST(BundledData, PenguinsHaveGapsAndTextColumns) {
  const Prepared penguins = PrepareBundled("penguins.csv", "species");
  ExpectRows(penguins, 206, 69, 69);
  const auto& columns = penguins.preparation.columns;
  EXPECT_EQ(columns[0].kind, ColumnKind::kCategory);
  EXPECT_EQ(columns[5].name, "sex");
  EXPECT_EQ(columns[5].gaps, 11);
  EXPECT_TRUE(columns[5].gap_indicator);
}

TEST(BundledData, ConcreteIsARegression) {
  const Prepared concrete = PrepareBundled("concrete.csv", "compressive_strength");
  EXPECT_EQ(concrete.preparation.task, Task::kRegression);
  ExpectRows(concrete, 618, 206, 206);
  EXPECT_EQ(concrete.preparation.notes[0], "target compressive_strength: a number, 2.33 to 82.6");
}

TEST(BundledData, EveryInputOfTheTrainingRowsHasMeanZeroAndDeviationOne) {
  const Part& train = PrepareBundled("penguins.csv", "species").training.train;
  for (int i = 0; i < train.inputs; ++i) {
    double sum = 0;
    double squares = 0;
    for (int row = 0; row < train.rows(); ++row) {
      const double value = train.x[static_cast<size_t>(row) * train.inputs + i];
      sum += value;
      squares += value * value;
    }
    EXPECT_NEAR(sum / train.rows(), 0, 1e-6);
    EXPECT_NEAR(squares / train.rows(), 1, 1e-5);
  }
}

}  // namespace
}  // namespace minnow::data
