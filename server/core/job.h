// One job: its phases, and how far its reported trials decide them.
//
//   reference   (without a threshold value) the largest networks show what can be reached; ends with a threshold marker
//   search      bundles are planned, reported and folded until the search is settled
//   look        the test part is opened for the answer; a miss sends the search on to larger shapes; then the job is
//               ANSWERED, and what follows adds to the answer:
//   pass_rate   how often fresh seeds of the answer's candidate pass
//   reliable    the smallest shape that passes for nearly every seed
//
// Everything here is a function of the job and of the reported results. Time only fills records and stops a job whose
// budget of seconds is spent.
#ifndef MINNOW_SERVER_CORE_JOB_H_
#define MINNOW_SERVER_CORE_JOB_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/work.h"
#include "server/core/course.h"
#include "server/core/issue_list.h"
#include "server/core/store.h"
#include "server/search/evidence.h"
#include "server/search/searcher.h"
#include "server/search/space.h"

namespace minnow::core {

// So many different workers say that they cannot do a piece of work, or all that are connected, before the job fails.
inline constexpr int kMaxFailures = 3;
// So many starts of workers die with a piece of work alone in their hands, before the job fails.
inline constexpr int kMaxDeathsAlone = 3;
// Entries behind the decided prefix of which results are still compared with late ones.
inline constexpr int kRememberedEntries = 32;

// A prediction that a job waits for is a piece of work at this place: it has none in the issue list until its marker is
// written. Its slice is the number of the look, 0 for the prediction that the threshold needs.
inline constexpr int64_t kPredictionPlace = -1;

// What plans the search phase of a job.
using SearcherFactory = std::function<std::unique_ptr<search::Searcher>(const JobSpec&, const search::Space*)>;

class Job {
 public:
  // Rebuilds a job from what is stored of it; a new job has no entries. Decides nothing yet.
  Job(JobSnapshot snapshot, SearcherFactory new_searcher);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  const JobRecord& record() const { return record_; }
  // True while the job runs in this process, up to the end of all phases.
  bool running() const { return running_since_.has_value(); }
  // False for a job that was begun under another numerics version: this program cannot go on with it.
  bool trainable() const { return record_.numerics_version == kNumericsVersion; }
  JobProgress Progress() const;

  // Writes the rows of a new job.
  void Create(absl::Time now, Changes& changes) const;
  // The job runs from now on, in this process.
  void Start(absl::Time now, Changes& changes);
  // Takes over the budget and the route of a spec that asks the same question; a job that had ended for want of a
  // budget goes on if it now fits, and so does what was to be added to an answer.
  void TakeUp(const JobSpec& spec, absl::Time now, Changes& changes);
  // The same for a split of another job's rows, whose threshold that job has found.
  void StartSplit(double threshold, absl::Time now, Changes& changes);
  // A split that had ended early waits again for its turn, under the budget that its parent's question has now.
  void WaitAgain(const JobSpec& spec, absl::Time now, Changes& changes);
  // Nothing is given out or decided until it is resumed; results that arrive are kept.
  void Pause(absl::Time now, Changes& changes);
  void Resume(absl::Time now, Changes& changes);
  // `why` is told as an event.
  void Cancel(const std::string& why, absl::Time now, Changes& changes);
  void Fail(const std::string& reason, absl::Time now, Changes& changes);
  // Of a job that is ANSWERED: it has nothing more to train; only other splits are still to come.
  bool CharacterisedItself() const { return record_.characterising && phases_ended_.contains(Phase::kReliable); }
  // Nothing more is added to the answer. `why` tells in an event why that ended early; empty: everything was found.
  void EndCharacterising(const std::string& why, absl::Time now, Changes& changes);

  // Work in somebody's hands.
  struct Taken {
    Piece piece;
    Lease lease;         // without id
    int64_t epochs = 0;  // at most, over all trials
    double units = 0;    // see Pace
  };
  // Takes the first piece of work that is needed and that nobody holds.
  std::optional<Taken> TakeWork();
  // The same among the suspects: see IssueList.
  std::optional<Taken> TakeSuspect();
  bool has_suspects() const { return running() && !prediction_ && list_.has_suspects(); }
  // Takes a piece that is needed and that somebody else holds.
  Taken TakeAgain(Piece piece);
  void GiveBack(Piece piece);
  // The piece was taken for the `attempt`-th time before the job was rebuilt; `held` when somebody still has it.
  void Restore(Piece piece, int attempt, bool held);
  // False when the outcome of the piece can no longer matter, or must not for now.
  bool Needed(Piece piece) const;
  // Pieces that nobody holds, including some that are not needed.
  int64_t free_pieces() const;
  // The shape of a piece that is in the list, or of the prediction that the job waits for.
  std::optional<Shape> ShapeOf(Piece piece) const;

  // The pieces at places before this one are decided, but for the prediction that the job waits for.
  int64_t first_open_place() const;
  int64_t end_place() const { return next_place_; }  // beyond all
  // A second result of a trial at a place before this one is not compared any more.
  int64_t first_remembered_place() const;
  bool AwaitsPrediction(Piece piece) const;

  // What became of a report.
  struct Reception {
    bool taken = false;      // it is the first result of its piece, and was needed
    int64_t epochs = 0;      // of all its trials
    double units = 0;        // see Pace
    double seconds = 0;      // that one thread spent on it
    int64_t duplicates = 0;  // trials whose result was known already
    int64_t mismatches = 0;  // of those, trials whose result is another one now
  };
  // Reports. Those that are not needed any more change nothing. InvalidArgument when the report does not fit the piece.
  absl::StatusOr<Reception> ReportTrials(Piece piece, const std::vector<TrialResult>& results, const LeaseRecord& lease,
                                         absl::Time now, Changes& changes);
  absl::StatusOr<Reception> ReportOutputs(Piece piece, const std::vector<float>& outputs, absl::Time now,
                                          Changes& changes);
  // `connected` workers are there.
  void ReportFailure(Piece piece, const std::string& worker, const std::string& why, int64_t connected, absl::Time now,
                     Changes& changes);
  // The worker died with the piece in its hands; `alone`: with nothing else.
  void ReportDeath(Piece piece, const WorkerId& worker, bool alone, absl::Time now, Changes& changes);

  // Checks. The work of a slice, and what was first reported of it; nothing where that is not remembered any more.
  std::optional<Taken> WorkToCheck(Piece piece) const;
  std::vector<std::optional<TrialDigest>> DigestsOf(Piece piece) const;
  // "jobs/1/trials/10 to 25".
  std::string TrialsText(Piece piece) const;

  // Of a job that was made from a rewound snapshot: writes all that differs, `why` being said, and goes on unless it
  // waits for somebody.
  void BeginAgain(const std::string& why, const std::string& without, absl::Time now, Changes& changes);

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
    std::set<std::string> failed_on;
  };

  // Who works on it, as a piece.
  struct PredictionState {
    bool held = false;
    int taken = 0;  // how often
  };

  void Replay(const JobSnapshot& snapshot);
  void ReplayMarker(const EntryContent& content);
  void SetBudget();
  void TakeOver(const JobSpec& spec);

  // Decides as much as the reported outcomes allow. Each step does one thing and says whether there may be more to do.
  void Advance(absl::Time now, Changes& changes);
  bool Step(absl::Time now, Changes& changes);
  bool StepReference(absl::Time now, Changes& changes);
  bool StepCourse(Course& course, absl::Time now, Changes& changes);
  bool StepIssue(Course& course, absl::Time now, Changes& changes);
  bool StepFold(Course& course, absl::Time now, Changes& changes);
  bool Conclude(Course& course, bool for_want_of_budget, absl::Time now, Changes& changes);
  bool ConcludeSearch(bool for_want_of_budget, absl::Time now, Changes& changes);
  bool Finish(JobState state, std::optional<int> shape, absl::Time now, Changes& changes);

  bool PlanReference(Changes& changes);
  void RequestThreshold(absl::Time now, Changes& changes);
  void RecordThreshold(const std::vector<float>& outputs, absl::Time now, Changes& changes);
  void RecordLook(const std::vector<float>& outputs, absl::Time now, Changes& changes);

  bool AddsToTheAnswer() const { return record_.spec.characterise || record_.spec.splits > 1; }
  void BeginCharacterising(absl::Time now);
  std::optional<Phase> Adding() const;
  bool StepCharacterise(absl::Time now, Changes& changes);
  bool StepPassRate(absl::Time now, Changes& changes);
  bool ConcludeReliable(bool for_want_of_budget, absl::Time now, Changes& changes);
  bool StepReliable(absl::Time now, Changes& changes);
  void BeginReliable();
  void RecordReliable(int shape, const search::AcceptedCandidate& accepted, absl::Time now, Changes& changes);
  int AnsweredShape() const;
  void EndPhase(Phase phase, Changes& changes);

  void AppendEntry(EntryContent content, EntryState state, Changes& changes);
  void Remember(int index, Changes& changes);
  void ForgetMemo(int64_t place, Changes& changes);
  void SetEntryState(int index, EntryState state, int evidence_trials, Changes& changes);
  void CutUnfolded(Changes& changes);
  search::PlanningView View(const Course& course, const search::Evidence& evidence, int begin) const;
  void AdvancePlanning(Course& course, int end) const;
  int PlanningPrefix(const Course& course) const;
  search::Bundle CutToBudget(const Course& course, search::Bundle bundle) const;

  // The course that bundles of a phase belong to; null where they follow no evidence.
  Course* CourseOf(Phase phase);
  const Course* CourseOf(Phase phase) const { return const_cast<Job*>(this)->CourseOf(phase); }
  bool Moot(int index) const;
  int RecipeOf(int64_t trial) const;  // of a trial in the list
  bool PieceNeeded(int index, int slice) const;
  bool PassedBefore(int index, int trial) const;
  absl::Status CheckTrials(int index, int slice, const std::vector<TrialResult>& results, int64_t lease) const;
  absl::Status CheckState(int index, int trial, const TrialResult& result, bool settled) const;
  void StoreTrials(int index, int slice, const std::vector<TrialResult>& results, const LeaseRecord& lease,
                   absl::Time now, Changes& changes);
  void CompareTrials(int index, int slice, const std::vector<TrialResult>& results, const LeaseRecord& lease,
                     absl::Time now, Reception& reception, Changes& changes) const;

  Piece PredictionPiece() const;  // that the job waits for
  static int SliceBegin(int slice) { return slice * kMaxSliceTrials; }
  int SliceEnd(int index, int slice) const;
  Taken DescribeWork(Piece piece) const;
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
  SearcherFactory new_searcher_;
  std::unique_ptr<search::Searcher> reference_;
  Course search_;
  std::optional<Course> reliable_;  // once its phase has begun

  IssueList list_;
  int folded_ = 0;                // entries [0, folded_) are decided
  int segment_begin_ = 0;         // planning never looks past the last marker
  std::set<Phase> phases_ended_;  // of those that add to the answer
  std::vector<LookMarker> looks_;
  std::optional<Prediction> prediction_;
  std::map<Piece, PredictionState> predictions_;

  // See rewind.h.
  std::map<int64_t, EntryContent> memo_;                   // by place
  std::map<int64_t, search::TrialOutcome> memo_outcomes_;  // by number

  int64_t next_trial_ = 1;
  int64_t next_place_ = 0;
  int64_t trials_reported_ = 0;
  std::optional<absl::Time> running_since_;
  double seconds_before_ = 0;  // of the search, or of what adds to the answer, before running_since_
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_JOB_H_
