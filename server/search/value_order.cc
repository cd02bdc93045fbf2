// The order `value`: with p the chance that shape a is good (Promise) and R the cost of rejecting a shape (trials that
// takes x size),
//
//   worth(a) = (1 - p) x R of all open shapes that a contains      these are rejected with a
//              + p     x R of all open shapes not smaller than a   these need no verdict any more
//   price(a) = (1 - p) x R(a) + p x (what accepting a costs)
//
// and the next bundle is of the shape with the largest worth / price; of equal ones the smallest. Costs are in size x
// epochs; under the policy `any` the epochs of a trial cancel.
//
// Under the policy `reliable`, where accepting is dear too, R in worth(a) is discounted by the chance that ascending
// order would ever have to pay for that shape: that no smaller open shape is good.
#include <algorithm>
#include <utility>
#include <vector>

#include "server/search/containment_grid.h"
#include "server/search/promise.h"
#include "server/search/shape_order.h"

namespace minnow::search {
namespace {

// Trials that accepting takes: chosen by simulation, on tables of real trainings (docs/benchmarks.md).
constexpr double kTrialsToPass = 6;
constexpr double kTrialsToBeReliable = 16;
// Accepting one candidate also rejects some of the others: so much of R.
constexpr double kRejectedOnTheWay = 0.15;
constexpr double kLeastDiscount = 0.05;

class Value : public ShapeOrder {
 public:
  Value(const JobSpec& spec, const Space* space)
      : space_(space),
        reliable_(spec.pass == PassPolicy::kReliable),
        epochs_(spec.epochs),
        grid_(*space),
        promise_(space, spec.goal.metric) {}

  std::optional<int> Pick(const PlanningView& view, std::span<const int64_t> trials_to_reject) const override {
    const int shapes = space_->shapes();
    const std::vector<double> good = promise_.Of(view.evidence, view.threshold);
    std::vector<double> rejection(shapes);
    for (int s = 0; s < shapes; ++s) {
      rejection[s] = static_cast<double>(trials_to_reject[s]) * static_cast<double>(space_->size(s));
    }
    const std::vector<double> saved = reliable_ ? Discounted(rejection, good) : rejection;
    const std::vector<double> contained = grid_.SumContained(saved);
    const std::vector<double> not_smaller = SumNotSmaller(saved);
    const double epochs_of_pass = reliable_ ? EpochsOfPass(view.evidence) : 1;

    std::optional<int> best;
    double best_ratio = 0;
    for (int s = 0; s < shapes; ++s) {
      if (trials_to_reject[s] == 0) continue;
      const double worth = (1 - good[s]) * contained[s] + good[s] * not_smaller[s];
      const double price = (1 - good[s]) * rejection[s] + good[s] * AcceptPrice(s, rejection[s], epochs_of_pass);
      if (best && worth / price <= best_ratio) continue;
      best = s;
      best_ratio = worth / price;
    }
    return best;
  }

 private:
  double AcceptPrice(int s, double rejection, double epochs_of_pass) const {
    const auto size = static_cast<double>(space_->size(s));
    if (!reliable_) return kTrialsToPass * size;
    return kTrialsToBeReliable * size * epochs_of_pass + kRejectedOnTheWay * rejection;
  }

  // The mean epochs of a trial that passes, in those of one that does not; mixed with a guess of half of all epochs,
  // worth one trial, and of all epochs, worth two.
  double EpochsOfPass(const Evidence& evidence) const {
    const auto mean = [](const EpochCount& counted, double guessed_epochs, double guessed_trials) {
      return (static_cast<double>(counted.epochs) + guessed_epochs) /
             (static_cast<double>(counted.trials) + guessed_trials);
    };
    return mean(evidence.passing(), epochs_ * 0.5, 1) / mean(evidence.missing(), epochs_ * 2.0, 2);
  }

  std::vector<double> Discounted(const std::vector<double>& rejection, const std::vector<double>& good) const {
    std::vector<double> discounted(rejection.size());
    double none_smaller = 1;
    for (size_t s = 0; s < rejection.size(); ++s) {
      if (rejection[s] == 0) continue;
      discounted[s] = rejection[s] * std::max(none_smaller, kLeastDiscount);
      none_smaller *= 1 - good[s];
    }
    return discounted;
  }

  // For each shape the sum over all that are not smaller.
  std::vector<double> SumNotSmaller(const std::vector<double>& values) const {
    std::vector<double> sums(values.size());
    double sum = 0;
    for (int end = space_->shapes(); end > 0;) {
      int begin = end;  // [begin, end) are of equal size
      do sum += values[--begin];
      while (begin > 0 && !space_->Smaller(begin - 1, begin));
      std::fill(sums.begin() + begin, sums.begin() + end, sum);
      end = begin;
    }
    return sums;
  }

  const Space* space_;
  bool reliable_;
  double epochs_;
  ContainmentGrid grid_;
  Promise promise_;
};

}  // namespace

std::unique_ptr<ShapeOrder> NewValueOrder(const JobSpec& spec, const Space* space) {
  return std::make_unique<Value>(spec, space);
}

}  // namespace minnow::search
