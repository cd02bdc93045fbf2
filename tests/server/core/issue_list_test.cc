#include "server/core/issue_list.h"

#include <gtest/gtest.h>

namespace minnow::core {
namespace {

search::Bundle BundleOf(int trials) { return {.recipes = std::vector<int>(trials, 0), .first_trial = 1}; }

std::optional<Piece> FirstFree(IssueList& list) {
  return list.FirstFree([](int, int) { return true; });
}

TEST(IssueList, CutsBundlesIntoSlicesOfSixteen) {
  IssueList list;
  list.Append(/*place=*/10, BundleOf(33));
  for (int slice = 0; slice < 3; ++slice) {
    ASSERT_EQ(FirstFree(list), (Piece{10, slice}));
    EXPECT_EQ(list.Take({10, slice}), 1);
  }
  EXPECT_EQ(FirstFree(list), std::nullopt);
}

TEST(IssueList, CountsTheTrialsFromAnEntryOn) {
  IssueList list;
  EXPECT_EQ(list.TrialsFrom(0), 0);
  list.Append(0, BundleOf(20));
  list.Append(1, AnswerMarker());
  list.Append(2, BundleOf(3));
  EXPECT_EQ(list.TrialsFrom(0), 23);
  EXPECT_EQ(list.TrialsFrom(1), 3);
  EXPECT_EQ(list.TrialsFrom(3), 0);
  list.CutFrom(2);
  list.Append(3, BundleOf(5));
  EXPECT_EQ(list.TrialsFrom(0), 25);
}

TEST(IssueList, OffersAPieceAgainThatWasGivenBack) {
  IssueList list;
  list.Append(0, BundleOf(5));
  list.Take({0, 0});
  list.GiveBack({0, 0});
  EXPECT_EQ(FirstFree(list), (Piece{0, 0}));
  EXPECT_EQ(list.Take({0, 0}), 2) << "the second attempt";
}

TEST(IssueList, NeverOffersAReportedPiece) {
  IssueList list;
  list.Append(0, BundleOf(5));
  list.Take({0, 0});
  list.SetReported({0, 0});
  list.GiveBack({0, 0});
  EXPECT_EQ(FirstFree(list), std::nullopt);
}

TEST(IssueList, PassesOverPiecesThatAreNotNeeded) {
  IssueList list;
  list.Append(0, BundleOf(32));
  list.Append(1, BundleOf(5));
  EXPECT_EQ(list.FirstFree([](int index, int) { return index == 1; }), (Piece{1, 0}));
}

TEST(IssueList, ForgetsWhatIsCut) {
  IssueList list;
  list.Append(0, BundleOf(5));
  list.Append(1, search::Bundle{});
  list.Append(2, BundleOf(5));
  EXPECT_EQ(list.last_hole(), 1);
  list.CutFrom(1);
  EXPECT_EQ(list.size(), 1);
  EXPECT_EQ(list.last_hole(), std::nullopt);
  EXPECT_EQ(list.IndexOf(2), std::nullopt);
  list.Take({0, 0});
  EXPECT_EQ(FirstFree(list), std::nullopt);
  EXPECT_EQ(list.Append(/*place=*/3, BundleOf(1)), 1);
  EXPECT_EQ(list.IndexOf(3), 1);
}

}  // namespace
}  // namespace minnow::core
