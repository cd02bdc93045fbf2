#include "common/cli/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class Value>
std::string ErrorOf(const absl::StatusOr<Value>& value) {
  return std::string(value.status().message());
}

TEST(WholeNumber, RefusesTrailingLettersAndNumbersOutOfRange) {
  EXPECT_EQ(WholeNumber("epochs", "40", 2, 100).value(), 40);
  EXPECT_EQ(ErrorOf(WholeNumber("epochs", "40x", 2, 100)), "--epochs: \"40x\" is not a whole number from 2 to 100");
  EXPECT_FALSE(WholeNumber("epochs", "1", 2, 100).ok());
  EXPECT_FALSE(WholeNumber("epochs", "", 2, 100).ok());
  EXPECT_FALSE(WholeNumber("epochs", "4.0", 2, 100).ok());
}

TEST(SeedNumber, ReachesTheLargest64BitNumber) {
  EXPECT_EQ(SeedNumber("seed", "18446744073709551615").value(), 18446744073709551615u);
  EXPECT_THAT(ErrorOf(SeedNumber("seed", "18446744073709551616")), StartsWith("--seed: "));
  EXPECT_FALSE(SeedNumber("seed", "-1").ok());
}

TEST(RealNumber, RefusesWhatIsNotFinite) {
  EXPECT_EQ(RealNumber("learning-rate", "5e-2").value(), 0.05);
  EXPECT_FALSE(RealNumber("learning-rate", "inf").ok());
  EXPECT_FALSE(RealNumber("learning-rate", "nan").ok());
  EXPECT_THAT(ErrorOf(RealNumber("learning-rate", "0,05")), HasSubstr("\"0,05\" is not a number"));
}

TEST(ListOf, SeparatesByCommasAndNamesTheBadEntry) {
  const auto parse = [](std::string_view part) { return SmallNumber("units", part, 1, 1024); };
  EXPECT_THAT(ListOf<int>("units", "1, 2,3", parse).value(), ElementsAre(1, 2, 3));
  EXPECT_THAT(ErrorOf(ListOf<int>("units", "1,two", parse)), HasSubstr("\"two\""));
  EXPECT_THAT(ErrorOf(ListOf<int>("units", "1,,2", parse)), HasSubstr("empty entry"));
  EXPECT_THAT(ErrorOf(ListOf<int>("units", "4,4", parse)), HasSubstr("4 is there twice"));
}

TEST(ParseLayers, TakesARangeANumberOrTheNumbersOfARange) {
  EXPECT_EQ(ParseLayers("layers", "0..2").value(), (LayerRange{0, 2}));
  EXPECT_EQ(ParseLayers("layers", "2").value(), (LayerRange{2, 2}));
  EXPECT_EQ(ParseLayers("layers", "0,1,2").value(), (LayerRange{0, 2}));
}

TEST(ParseLayers, RefusesGapsAndBackwardRanges) {
  EXPECT_THAT(ErrorOf(ParseLayers("layers", "0,2")), HasSubstr("write a range"));
  EXPECT_EQ(ErrorOf(ParseLayers("layers", "2..0")), "--layers: \"2..0\" runs downwards; write 0..2");
  EXPECT_FALSE(ParseLayers("layers", "0..9").ok());
  EXPECT_FALSE(ParseLayers("layers", "..2").ok());
}

TEST(ReadThreads, DefaultsToAtLeastOne) {
  EXPECT_GE(ReadThreads(std::nullopt).value(), 1);
  EXPECT_EQ(ReadThreads("3").value(), 3);
  EXPECT_THAT(ErrorOf(ReadThreads("0")), StartsWith("--threads: \"0\""));
}

}  // namespace
}  // namespace minnow
