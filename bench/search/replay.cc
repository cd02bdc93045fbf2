#include "bench/search/replay.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "common/work.h"

namespace minnow::bench {
namespace {

using search::Bundle;
using search::Counting;
using search::Evidence;
using search::TrialOutcome;

struct Slice {
  int entry = 0;
  int first = 0;  // trials [first, end) of the bundle
  int end = 0;
  std::vector<int> epochs;  // of each
  int64_t begin_time = 0;
  int64_t finish_time = 0;
};

class Run {
 public:
  Run(const search::Searcher& searcher, const JobSpec& spec, const search::Space& space, const World& world,
      const TrainingTable& table, int workers)
      : searcher_(searcher),
        space_(space),
        world_(world),
        table_(table),
        idle_(workers),
        evidence_(&space, spec.goal.metric, searcher.counting(), world.seed()),
        planning_(evidence_),
        issued_(space.shapes()) {}

  ReplayResult Simulate() {
    Advance();
    while (!settled_) {
      Lease();
      if (running_.empty()) break;  // nothing is left to train, and nothing settled it
      FinishNext();
      Advance();
      DropUnneeded();
    }
    for (const Slice& slice : running_) Charge(slice, now_);
    result_.answer = evidence_.incumbent();
    result_.makespan = now_;
    result_.wrong_at_most = WrongAtMost();
    return std::move(result_);
  }

 private:
  // The steps of server/core/job_steps.cc, in its order: everything that the folded prefix allows is issued before the
  // next bundle is folded.
  void Advance() {
    while (!settled_ && Step()) {
    }
  }

  bool Step() {
    settled_ = searcher_.Settled(evidence_);
    if (settled_) return false;
    if (Issue()) return true;
    if (folded_ < Entries()) return FoldNext();
    settled_ = true;
    return false;
  }

  bool Issue() {
    const int prefix = PlanningPrefix();
    if (all_planned_ || prefix > folded_) return false;
    AdvancePlanning(prefix);
    std::optional<Bundle> bundle = searcher_.Plan({.threshold = table_.threshold.value,
                                                   .validation_rows = table_.validation_rows,
                                                   .evidence = planning_,
                                                   .outstanding = std::span(bundles_).subspan(planned_),
                                                   .issued = issued_,
                                                   .issued_trials = issued_trials_});
    if (!bundle || (bundle->hole() && folded_ == Entries())) {
      all_planned_ = true;
      return true;
    }
    bundle->first_trial = next_trial_;
    next_trial_ += bundle->trials();
    issued_[bundle->shape] += bundle->trials();
    issued_trials_ += bundle->trials();
    if (bundle->hole()) last_hole_ = Entries();
    reported_.emplace_back(bundle->trials());
    bundles_.push_back(*std::move(bundle));
    CutIntoSlices(Entries() - 1);
    return true;
  }

  int PlanningPrefix() const {
    const int behind_window = std::max(0, Entries() - std::min(searcher_.window(), Entries()));
    const int behind_pilot = Entries() < searcher_.pilot() ? 0 : searcher_.pilot();
    return std::max({behind_window, behind_pilot, last_hole_ + 1});
  }

  void AdvancePlanning(int end) {
    for (; planned_ < end; ++planned_) {
      const Bundle& bundle = bundles_[planned_];
      if (bundle.hole()) continue;
      const int counted = result_.transcript[planned_].counted.value_or(0);
      if (counted > 0) planning_.Fold(bundle, std::span(reported_[planned_]).first(counted));
      issued_[bundle.shape] -= bundle.trials() - counted;
      issued_trials_ -= bundle.trials() - counted;
    }
  }

  bool FoldNext() {
    const Bundle& bundle = bundles_[folded_];
    if (bundle.hole() || Moot(folded_)) {
      result_.transcript.push_back({bundle, std::nullopt});
      ++folded_;
      return true;
    }
    const std::optional<int> counted = evidence_.CompleteOutcome(bundle, reported_[folded_]);
    if (!counted) return false;
    const std::optional<int> before = evidence_.incumbent();
    for (int index : evidence_.Fold(bundle, std::span(reported_[folded_]).first(*counted))) CountStopped(bundle, index);
    result_.transcript.push_back({bundle, counted});
    ++folded_;
    if (evidence_.incumbent() != before) result_.found.push_back({*evidence_.incumbent(), TrainedSoFar()});
    return true;
  }

  void CountStopped(const Bundle& bundle, int index) {
    if (reported_[folded_][index]->finished()) return;
    ++result_.stopped;
    Bundle unbounded = bundle;
    unbounded.stop_bounds.clear();
    result_.wrongly_stopped += world_.Train(unbounded, index).passed() ? 1 : 0;
  }

  bool Moot(int entry) const { return searcher_.counting() != Counting::kAll && evidence_.Moot(bundles_[entry].shape); }

  void CutIntoSlices(int entry) {
    const int trials = bundles_[entry].trials();
    for (int first = 0; first < trials; first += kMaxSliceTrials) {
      waiting_.push_back({.entry = entry, .first = first, .end = std::min(trials, first + kMaxSliceTrials)});
    }
  }

  void Lease() {
    while (idle_ > 0 && !waiting_.empty()) {
      running_.push_back(Start(waiting_.front()));
      waiting_.erase(waiting_.begin());
      --idle_;
    }
  }

  Slice Start(Slice slice) const {
    const Bundle& bundle = bundles_[slice.entry];
    int first_pass = std::numeric_limits<int>::max();  // epochs of the earlier trials of the slice that pass
    for (int i = slice.first; i < slice.end; ++i) {
      const TrialOutcome outcome = world_.Train(bundle, i);
      slice.epochs.push_back(std::min(outcome.epochs, first_pass));
      if (PassSettles() && outcome.passed()) first_pass = std::min(first_pass, outcome.epochs);
    }
    slice.begin_time = now_;
    slice.finish_time = now_ + SizeEpochs(slice);
    return slice;
  }

  void FinishNext() {
    const auto next = std::min_element(running_.begin(), running_.end(), [](const Slice& a, const Slice& b) {
      return std::tie(a.finish_time, a.entry, a.first) < std::tie(b.finish_time, b.entry, b.first);
    });
    const Slice slice = *next;
    running_.erase(next);
    ++idle_;
    now_ = slice.finish_time;
    Charge(slice, now_);
    for (int i = slice.first; i < slice.end; ++i) {
      reported_[slice.entry][i] = world_.Train(bundles_[slice.entry], i);
      if (PassSettles() && reported_[slice.entry][i]->passed()) break;
    }
  }

  // Of a slice that is cut off only the share that was trained.
  void Charge(const Slice& slice, int64_t until) { Add(slice, until, result_.certified); }

  void Add(const Slice& slice, int64_t until, Cost& cost) const {
    const int64_t spent = std::min(until, slice.finish_time) - slice.begin_time;
    cost.size_epochs += spent;
    cost.epochs += spent / space_.size(bundles_[slice.entry].shape);
  }

  Cost TrainedSoFar() const {
    Cost cost = result_.certified;
    for (const Slice& slice : running_) Add(slice, now_, cost);
    return cost;
  }

  void DropUnneeded() {
    std::erase_if(waiting_, [&](const Slice& slice) { return !Needed(slice); });
    for (size_t i = 0; i < running_.size();) {
      if (Needed(running_[i])) {
        ++i;
        continue;
      }
      Charge(running_[i], now_);
      running_.erase(running_.begin() + static_cast<int64_t>(i));
      ++idle_;
    }
  }

  bool Needed(const Slice& slice) const {
    if (slice.entry < folded_ || Moot(slice.entry)) return false;
    if (!PassSettles()) return true;
    const auto& reported = reported_[slice.entry];
    return std::none_of(reported.begin(), reported.begin() + slice.first,
                        [](const std::optional<TrialOutcome>& outcome) { return outcome && outcome->passed(); });
  }

  int64_t SizeEpochs(const Slice& slice) const {
    return space_.size(bundles_[slice.entry].shape) *
           std::accumulate(slice.epochs.begin(), slice.epochs.end(), int64_t{0});
  }

  double WrongAtMost() const {
    std::vector<search::ShapeEvidence> excluded;
    for (int s = 0; s < space_.shapes(); ++s) {
      if (!result_.answer || space_.Smaller(s, *result_.answer)) excluded.push_back(evidence_.shape(s));
    }
    return search::WrongAtMost(excluded, /*missed_looks=*/0);
  }

  bool PassSettles() const { return searcher_.counting() == Counting::kFirstPass; }
  int Entries() const { return static_cast<int>(bundles_.size()); }

  const search::Searcher& searcher_;
  const search::Space& space_;
  const World& world_;
  const TrainingTable& table_;
  int idle_;
  Evidence evidence_;
  Evidence planning_;
  std::vector<int64_t> issued_;
  int64_t issued_trials_ = 0;
  int64_t next_trial_ = 1;
  std::vector<Bundle> bundles_;
  std::vector<std::vector<std::optional<TrialOutcome>>> reported_;
  int planned_ = 0;
  int folded_ = 0;
  int last_hole_ = -1;
  bool all_planned_ = false;
  bool settled_ = false;
  std::vector<Slice> waiting_;  // in issue order
  std::vector<Slice> running_;
  int64_t now_ = 0;
  ReplayResult result_;
};

}  // namespace

ReplayResult Replay(const search::Searcher& searcher, const JobSpec& spec, const search::Space& space,
                    const World& world, const TrainingTable& table, int workers) {
  return Run(searcher, spec, space, world, table, workers).Simulate();
}

}  // namespace minnow::bench
