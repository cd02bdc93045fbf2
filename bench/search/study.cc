#include "bench/search/study.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "bench/search/replay.h"
#include "bench/search/world.h"

namespace minnow::bench {
namespace {

constexpr double kMega = 1e6;
constexpr double kGoodRate = 0.05;
constexpr double kReliableRate = 0.9;
constexpr double kAcceptableRate = 0.7;
// Rates are shares of lines added up in floating point.
constexpr double kRounding = 1e-9;

int64_t SizeOf(const Shape& shape, SizeMeasure order_by) {
  return order_by == SizeMeasure::kMultiplyAdds ? MultiplyAdds(shape) : Parameters(shape);
}

JobSpec SpecOf(const TrainingTable& table, const Strategy& strategy, const StudyDesign& design) {
  JobSpec spec;
  spec.goal = {table.threshold.metric, table.threshold.value};
  spec.epochs = table.epochs;
  spec.pass = design.policy;
  spec.order_by = design.order_by;
  spec.early_stop = strategy.early_stop;
  return spec;
}

// Sums, turned into means at the end.
class Sums {
 public:
  Sums(const TrainingTable& table, const search::Space& space, const StudyDesign& design)
      : table_(table), space_(space), design_(design) {
    if (const std::optional<int> truth = Truth(table, design)) {
      truth_size_ = SizeOf(table.shapes[*truth], design.order_by);
    }
  }

  void Add(const ReplayResult& result) {
    sums_.certified_epochs += static_cast<double>(result.certified.epochs);
    sums_.certified_mega += static_cast<double>(result.certified.size_epochs) / kMega;
    const Cost found = CostUntilFound(result);
    sums_.found_epochs += static_cast<double>(found.epochs);
    sums_.found_mega += static_cast<double>(found.size_epochs) / kMega;
    sums_.answered += result.answer ? 1 : 0;
    sums_.wrong += Wrong(result) ? 1 : 0;
    sums_.unacceptable += Unacceptable(result) ? 1 : 0;
    sums_.wrong_at_most += result.wrong_at_most;
    sums_.stopped += static_cast<double>(result.stopped);
    sums_.wrongly_stopped += static_cast<double>(result.wrongly_stopped);
  }

  void AddWorkers(size_t place, const ReplayResult& result, bool same) {
    sums_.makespans.resize(std::size(kWorkerCounts));
    sums_.trained.resize(std::size(kWorkerCounts));
    sums_.makespans[place] += static_cast<double>(result.makespan) / kMega / design_.worlds;
    sums_.trained[place] += static_cast<double>(result.certified.size_epochs) / kMega / design_.worlds;
    sums_.same_transcripts &= same;
  }

  StudyResult Means() const {
    StudyResult means = sums_;
    const double answers = std::max(1.0, sums_.answered);
    means.found_epochs /= answers;
    means.found_mega /= answers;
    means.wrongly_stopped /= std::max(1.0, sums_.stopped);
    for (double* mean : {&means.certified_epochs, &means.certified_mega, &means.answered, &means.wrong,
                         &means.unacceptable, &means.wrong_at_most, &means.stopped}) {
      *mean /= design_.worlds;
    }
    return means;
  }

 private:
  Cost CostUntilFound(const ReplayResult& result) const {
    for (const Found& found : result.found) {
      if (!truth_size_ || space_.size(found.shape) <= *truth_size_) return found.cost;
    }
    return result.found.empty() ? Cost{} : result.found.back().cost;
  }

  bool Wrong(const ReplayResult& result) const {
    return truth_size_ && (!result.answer || space_.size(*result.answer) > *truth_size_);
  }

  bool Unacceptable(const ReplayResult& result) const {
    if (design_.policy != PassPolicy::kReliable || !result.answer) return false;
    for (size_t s = 0; s < table_.shapes.size(); ++s) {
      if (table_.shapes[s] == space_.shape(*result.answer)) {
        return table_.BestRecipePassRate(static_cast<int>(s)) < kAcceptableRate - kRounding;
      }
    }
    return false;
  }

  const TrainingTable& table_;
  const search::Space& space_;
  StudyDesign design_;
  std::optional<int64_t> truth_size_;
  StudyResult sums_;
};

}  // namespace

StudyResult Study(const TrainingTable& table, const Strategy& strategy, const StudyDesign& design, bool with_workers) {
  const search::Space space = SpaceOf(table, design.order_by);
  const JobSpec spec = SpecOf(table, strategy, design);
  Sums sums(table, space, design);
  for (int w = 1; w <= design.worlds; ++w) {
    const World world(&table, &space, static_cast<uint64_t>(w));
    const std::unique_ptr<search::Searcher> searcher = NewStrategy(strategy, spec, &space, world.seed());
    const ReplayResult alone = Replay(*searcher, spec, space, world, table, /*workers=*/1);
    sums.Add(alone);
    for (size_t i = 0; with_workers && i < std::size(kWorkerCounts); ++i) {
      const ReplayResult result = Replay(*searcher, spec, space, world, table, kWorkerCounts[i]);
      sums.AddWorkers(i, result, result.transcript == alone.transcript);
    }
  }
  return sums.Means();
}

SubspaceResult StudySubspaces(const TrainingTable& table, int subspaces, const StudyDesign& design) {
  constexpr int kShapes[] = {8, 12, 18};
  constexpr Strategy kLadder{"ladder", Order::kValue, true};
  constexpr Strategy kWithoutStop{"ladder, no early stop", Order::kValue, false};
  SubspaceResult means;
  for (int i = 0; i < subspaces; ++i) {
    const TrainingTable part = Subspace(table, kShapes[i % std::size(kShapes)], static_cast<uint64_t>(i + 1));
    const StudyResult ladder = Study(part, kLadder, design, /*with_workers=*/false);
    const StudyResult without_stop = Study(part, kWithoutStop, design, /*with_workers=*/false);
    means.wrong += ladder.wrong / subspaces;
    means.most_wrong = std::max(means.most_wrong, ladder.wrong);
    means.wrong_at_most += ladder.wrong_at_most / subspaces;
    means.certified_mega += ladder.certified_mega / subspaces;
    means.certified_mega_without_stop += without_stop.certified_mega / subspaces;
  }
  return means;
}

std::optional<int> Truth(const TrainingTable& table, const StudyDesign& design) {
  std::optional<int> smallest;
  for (int s = 0; s < static_cast<int>(table.shapes.size()); ++s) {
    const bool good = design.policy == PassPolicy::kReliable ? table.BestRecipePassRate(s) >= kReliableRate - kRounding
                                                             : table.PassRate(s) >= kGoodRate - kRounding;
    if (!good) continue;
    if (!smallest || SizeOf(table.shapes[s], design.order_by) < SizeOf(table.shapes[*smallest], design.order_by)) {
      smallest = s;
    }
  }
  return smallest;
}

}  // namespace minnow::bench
