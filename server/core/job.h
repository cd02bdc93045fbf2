// One job: its phases, and how far its reported trials decide them.
//
//   reference   (without a threshold value) the largest networks show what can be reached; ends with a threshold marker
//   search      bundles are planned, reported and folded until the search is settled
//   look        the test part is opened for the answer; a miss sends the search on to larger shapes
//
// Everything here is a function of the job and of the reported results. Time only fills records and stops a job whose
// budget of seconds is spent.
#ifndef MINNOW_SERVER_CORE_JOB_H_
#define MINNOW_SERVER_CORE_JOB_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/work.h"
#include "server/core/issue_list.h"
#include "server/core/store.h"
#include "server/search/evidence.h"
#include "server/search/searcher.h"
#include "server/search/space.h"

namespace minnow::core {

inline constexpr int kMaxFailures = 3;  // of one piece of work, before the job fails

// The prediction that a job waits for, as a piece of work; it has no place in the issue list until its marker is
// written.
inline constexpr Piece kPredictionPiece{.place = -1, .slice = 0};

// What a person wants to know while a job runs.
struct JobProgress {
  JobState state = JobState::kQueued;
  std::string reason;
  bool in_reference = false;  // the threshold is still being found
  std::optional<double> threshold;
  int64_t trials_reported = 0;  // including those that do not count
  int64_t trials = 0;           // that count as evidence
  int64_t epochs = 0;
  int shapes = 0;       // in the space
  int shapes_open = 0;  // that could still become the answer
  std::optional<Shape> incumbent;
  int looks = 0;
};

class Job {
 public:
  // Rebuilds a job from what is stored of it; a new job has no entries. Decides nothing yet.
  explicit Job(JobSnapshot snapshot);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  const JobRecord& record() const { return record_; }
  // True while the job runs in this process.
  bool running() const { return running_since_.has_value(); }
  JobProgress Progress() const;

  // Writes the rows of a new job.
  void Create(absl::Time now, Changes& changes) const;
  // The job runs from now on, in this process.
  void Start(absl::Time now, Changes& changes);
  // Takes over a new budget; a job that had ended for want of one goes on if it now fits.
  void TakeUp(const Budget& budget, absl::Time now, Changes& changes);
  void Cancel(absl::Time now, Changes& changes);
  void Fail(const std::string& reason, absl::Time now, Changes& changes);

  // Takes the first piece of work that is needed and that nobody holds.
  struct Taken {
    Piece piece;
    Lease lease;  // without id
  };
  std::optional<Taken> TakeWork();
  void GiveBack(Piece piece);
  // The piece is in the hands of a worker since before the job was rebuilt, for the `attempt`-th time.
  void Restore(Piece piece, int attempt);
  // False when the outcome of the piece can no longer matter.
  bool Needed(Piece piece) const;

  // Reports. Those that are not needed any more change nothing. InvalidArgument when the report does not fit the piece.
  absl::Status ReportTrials(Piece piece, const std::vector<TrialResult>& results, const LeaseRecord& lease,
                            absl::Time now, Changes& changes);
  absl::Status ReportOutputs(const std::vector<float>& outputs, absl::Time now, Changes& changes);
  void ReportFailure(Piece piece, const std::string& why, absl::Time now, Changes& changes);

  // When the budget of seconds runs out; InfiniteFuture without one.
  absl::Time OutOfTime() const;
  void StopForTime(absl::Time now, Changes& changes);

 private:
  // A prediction that the job waits for: of the answer on the test part, or of the median reference trial on
  // validation.
  struct Prediction {
    bool on_test = false;
    int shape = 0;
    int recipe = 0;
    int64_t trial = 0;
    double score = 0;  // of the median reference trial
    bool taken = false;
    int times_taken = 0;
    int failures = 0;
  };

  void Replay(const JobSnapshot& snapshot);

  // Decides as much as the reported outcomes allow. Each step does one thing and says whether there was anything to do.
  void Advance(absl::Time now, Changes& changes);
  bool Step(absl::Time now, Changes& changes);
  bool StepReference(absl::Time now, Changes& changes);
  bool StepSearch(absl::Time now, Changes& changes);
  bool StepIssue(absl::Time now, Changes& changes);
  bool StepFold(absl::Time now, Changes& changes);
  bool Conclude(absl::Time now, Changes& changes);
  bool Finish(JobState state, std::optional<int> shape, absl::Time now, Changes& changes);

  bool PlanReference(Changes& changes);
  void RequestThreshold(absl::Time now, Changes& changes);
  void RecordThreshold(const std::vector<float>& outputs, absl::Time now, Changes& changes);
  void RecordLook(const std::vector<float>& outputs, absl::Time now, Changes& changes);

  void AppendEntry(EntryContent content, EntryState state, Changes& changes);
  void SetEntryState(int index, EntryState state, int evidence_trials, Changes& changes);
  void CutUnfolded(Changes& changes);
  void AdvancePlanning(int end);
  int PlanningPrefix() const;
  search::Bundle CutToBudget(search::Bundle bundle) const;

  bool FirstPassSettles() const { return searcher_->FirstPassSettles(); }
  bool Moot(int index) const;
  int RecipeOf(int64_t trial) const;  // of a trial in the list
  bool PieceNeeded(int index, int slice) const;
  bool PassedBefore(int index, int trial) const;
  SliceWork DescribeSlice(int index, int slice) const;
  PredictionWork DescribePrediction() const;
  TrialRecord DescribeTrial(int index, int trial, const TrialResult& result, const LeaseRecord& lease,
                            absl::Time now) const;
  ShapeRecord DescribeShape(int s) const;
  void RecordAnswer(std::optional<int> shape);
  double WrongAtMost(std::optional<int> shape) const;
  void RecordJob(absl::Time now, Changes& changes);
  void RecordEvent(std::string kind, std::string text, absl::Time now, Changes& changes) const;

  JobRecord record_;
  Targets validation_targets_;
  Targets test_targets_;
  search::Space space_;
  std::unique_ptr<search::Searcher> searcher_;
  std::unique_ptr<search::Searcher> reference_;

  IssueList list_;
  int folded_ = 0;         // entries [0, folded_) are decided
  int segment_begin_ = 0;  // planning never looks past the last marker
  bool all_planned_ = false;
  search::Evidence evidence_;  // of [0, folded_)
  search::Evidence planning_;  // of [0, planned_)
  int planned_ = 0;
  std::vector<int64_t> issued_;  // trials of each shape: in planning_ or issued after it
  int64_t issued_trials_ = 0;
  std::vector<search::LookMarker> looks_;
  std::optional<Prediction> prediction_;

  int64_t next_trial_ = 1;
  int64_t next_place_ = 0;
  int64_t trials_reported_ = 0;
  std::optional<absl::Time> running_since_;
  double seconds_before_ = 0;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_JOB_H_
