#include "common/names.h"

#include <gtest/gtest.h>

namespace minnow {
namespace {

enum class Fish { kMinnow, kPerch };

constexpr NameTable<Fish, 2> kFish = {{{Fish::kMinnow, "minnow"}, {Fish::kPerch, "perch"}}};

TEST(Names, AreReadInBothDirections) {
  EXPECT_EQ(NameIn(kFish, Fish::kPerch), "perch");
  EXPECT_EQ(*ParseIn(kFish, "fish", "perch"), Fish::kPerch);
}

TEST(Names, HaveAWordForNumbersThatAreNoEnumerator) { EXPECT_EQ(NameIn(kFish, static_cast<Fish>(7)), "unknown"); }

TEST(Names, AnUnknownOneIsRefusedWithTheNearestAndAllKnown) {
  const absl::Status status = ParseIn(kFish, "fish", "pearch").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), "unknown fish \"pearch\"; did you mean \"perch\"? Known: minnow, perch");
}

TEST(Names, NothingIsSuggestedForWhatResemblesNone) {
  EXPECT_EQ(std::string(ParseIn(kFish, "fish", "whale").status().message()),
            "unknown fish \"whale\". Known: minnow, perch");
}

TEST(NearestName, TakesABeginningBeforeASimilarWord) { EXPECT_EQ(NearestName("min", {"man", "minnow"}), "minnow"); }

TEST(NearestName, IgnoresTheCaseOfLetters) { EXPECT_EQ(NearestName("PERCH", {"minnow", "perch"}), "perch"); }

TEST(NearestName, TakesTheOneWithFewestEdits) { EXPECT_EQ(NearestName("mese", {"mae", "rmse", "mise"}), "mise"); }

TEST(NearestName, SuggestsNothingForAWordOfOtherLetters) {
  EXPECT_EQ(NearestName("x", {"r2", "auc"}), "");
  EXPECT_EQ(NearestName("", {"r2", "auc"}), "");
}

}  // namespace
}  // namespace minnow
