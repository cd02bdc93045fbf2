#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "server/search/promise.h"
#include "server/search/rounds.h"
#include "server/search/shape_order.h"

namespace minnow::search {
namespace {

JobSpec TwoLayers() {
  JobSpec spec;
  spec.min_layers = 1;
  spec.units = {1, 2, 4, 8, 16, 32};
  spec.goal = {Metric::kAccuracy, 0.9};
  return spec;
}

class ValueOrderTest : public testing::Test {
 protected:
  PlanningView View() const { return {.threshold = 0.9, .validation_rows = 500, .evidence = evidence_}; }

  void Miss(int s, double best_score) {
    const TrialOutcome outcome{.state = TrialState::kMissed, .epochs = 40, .best_score = best_score};
    evidence_.Fold({.shape = s, .recipes = {0, 1, 2}}, std::vector<std::optional<TrialOutcome>>(3, outcome));
  }

  // The definition, shape by shape and pair by pair.
  int Expected(std::span<const int64_t> trials) const {
    const std::vector<double> good = Promise(&space_, Metric::kAccuracy).Of(evidence_, 0.9);
    int best = -1;
    double best_ratio = 0;
    for (int a = 0; a < space_.shapes(); ++a) {
      if (trials[a] == 0) continue;
      double contained = 0;
      double not_smaller = 0;
      for (int b = 0; b < space_.shapes(); ++b) {
        const double rejection = static_cast<double>(trials[b] * space_.size(b));
        if (Contains(space_.shape(a), space_.shape(b))) contained += rejection;
        if (!space_.Smaller(b, a)) not_smaller += rejection;
      }
      const auto size = static_cast<double>(space_.size(a));
      const double worth = (1 - good[a]) * contained + good[a] * not_smaller;
      const double price = (1 - good[a]) * static_cast<double>(trials[a]) * size + good[a] * 6 * size;
      if (best < 0 || worth / price > best_ratio * (1 + 1e-12)) {
        best = a;
        best_ratio = worth / price;
      }
    }
    return best;
  }

  Space space_{TwoLayers(), 8, 3};
  Evidence evidence_{&space_, Metric::kAccuracy, Counting::kFirstPass, /*job_seed=*/1};
  std::unique_ptr<ShapeOrder> order_ = NewValueOrder(TwoLayers(), &space_);
};

TEST_F(ValueOrderTest, PicksWhatItsDefinitionPicks) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    evidence_ = Evidence(&space_, Metric::kAccuracy, Counting::kFirstPass, 1);
    for (auto i = static_cast<unsigned>(random() % 12); i > 0; --i) {
      Miss(static_cast<int>(random() % space_.shapes()), 0.5 + 0.04 * static_cast<double>(random() % 10));
    }
    std::vector<int64_t> trials(space_.shapes());
    for (int64_t& left : trials) left = random() % 3 == 0 ? 0 : random() % 2 == 0 ? 27 : 63;
    ASSERT_EQ(order_->Pick(View(), trials), Expected(trials)) << "seed " << seed;
  }
}

TEST_F(ValueOrderTest, PicksNothingWhenNothingIsLeft) {
  EXPECT_EQ(order_->Pick(View(), std::vector<int64_t>(space_.shapes())), std::nullopt);
}

TEST_F(ValueOrderTest, PrefersTheShapeThatContainsOthersWhenNothingElseDiffers) {
  std::vector<int64_t> trials(space_.shapes());
  int inner = -1, outer = -1;
  for (int s = 0; s < space_.shapes(); ++s) {
    if (space_.shape(s).hidden == std::vector<int>{4, 4}) inner = s;
    if (space_.shape(s).hidden == std::vector<int>{8, 4}) outer = s;
  }
  for (int s = 0; s < space_.shapes(); ++s) Miss(s, 0.3);  // all are alike, and hopeless
  trials[inner] = trials[outer] = 63;
  EXPECT_EQ(order_->Pick(View(), trials), outer) << "its rejection settles both";
}

TEST_F(ValueOrderTest, OfEqualShapesTheFirstListedIsPicked) {
  const Space twins({{2, {3, 1}, 1}, {2, {1, 5}, 1}}, {Recipe{}}, SizeMeasure::kMultiplyAdds);
  ASSERT_FALSE(twins.Smaller(0, 1) && twins.Smaller(1, 0));
  const Evidence evidence(&twins, Metric::kAccuracy, Counting::kFirstPass, 1);
  const auto order = NewValueOrder(TwoLayers(), &twins);
  EXPECT_EQ(order->Pick({.threshold = 0.9, .evidence = evidence}, std::vector<int64_t>{5, 5}), 0);
}

TEST_F(ValueOrderTest, ReliablePaysForAcceptingToo) {
  JobSpec spec = TwoLayers();
  spec.pass = PassPolicy::kReliable;
  const Evidence evidence(&space_, Metric::kAccuracy, Counting::kWald, 1);
  const auto order = NewValueOrder(spec, &space_);
  const std::vector<int64_t> trials(space_.shapes(), 27);
  const std::optional<int> picked = order->Pick({.threshold = 0.9, .evidence = evidence}, trials);
  ASSERT_TRUE(picked.has_value());
  EXPECT_LE(*picked, *order_->Pick(View(), trials)) << "a dear accept and discounts draw the order downwards";
}

}  // namespace
}  // namespace minnow::search
