// A store that keeps everything in memory: for tests of what lies above it.
#ifndef MINNOW_TESTS_SUPPORT_MEMORY_STORE_H_
#define MINNOW_TESTS_SUPPORT_MEMORY_STORE_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/core/store.h"

namespace minnow::core {

// What a MemoryStore holds. A copy of it is a disk after a crash.
struct StoredState {
  std::map<int64_t, JobRecord> jobs;
  std::map<int64_t, std::string> preparations;                // of jobs
  std::map<std::pair<int64_t, int64_t>, Entry> entries;       // (job, place)
  std::map<std::pair<int64_t, int64_t>, TrialRecord> trials;  // (job, number)
  std::set<std::pair<int64_t, int64_t>> evidence;             // trials that count
  std::map<std::pair<int64_t, int>, ShapeRecord> shapes;      // (job, number)
  std::vector<LookRecord> looks;
  std::map<int64_t, LeaseRecord> leases;
  int64_t next_job = 1;
  int64_t next_lease = 1;
  std::map<std::string, WorkerRecord> workers;
  std::vector<RequestRecord> requests;
  std::vector<EventRecord> events;
  std::map<std::string, SharedBytes> datasets;
  std::map<std::string, std::string> pieces;  // of data sets that are not whole
  std::map<std::pair<int64_t, int64_t>, std::vector<float>> weights;

  int64_t trials_stored_twice = 0;  // a store would refuse them

  // Whether the foreign keys and checks of a database would let `changes` in.
  absl::Status Check(const Changes& changes) const;
  void Apply(const Changes& changes);
  Snapshot Load() const;
  JobSnapshot LoadJob(int64_t job) const;

 private:
  absl::Status CheckJobs(const Changes& changes) const;
  absl::Status CheckRowsOfJobs(const Changes& changes) const;
  absl::Status CheckTrials(const Changes& changes) const;
  absl::Status CheckLooks(const Changes& changes) const;
  bool WillHave(const Changes& changes, int64_t job) const;
  void Keep(const DatasetRecord& dataset);
  void Keep(const TrialRecord& trial);
  void Keep(const RequestRecord& request);
  void Introduce(const WorkerRecord& worker);
  void Delete(int64_t job);
  void Apply(const Rewind& rewind);
  void ForgetFrom(int64_t job, int64_t place);
  void EraseTrials(const std::function<bool(const TrialRecord&)>& which);
};

class MemoryStore : public Store {
 public:
  explicit MemoryStore(StoredState* state) : state_(state) {}

  // The next `count` commits fail with `status` and change nothing.
  void FailCommits(int count, absl::Status status) {
    failing_ = count;
    failure_ = std::move(status);
  }

  absl::StatusOr<Snapshot> Load() override { return state_->Load(); }
  absl::StatusOr<JobSnapshot> LoadJob(int64_t job) override;
  absl::Status Commit(const Changes& changes) override;
  absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> ReportedBy(const std::string& worker) override;
  absl::StatusOr<bool> HasDataset(const std::string& sha256) override { return state_->datasets.contains(sha256); }
  absl::Status Dataset(const std::string& sha256, const DatasetSink& sink) override;
  absl::StatusOr<std::vector<float>> Weights(int64_t job, int64_t trial) override;

 private:
  StoredState* state_;
  int failing_ = 0;
  absl::Status failure_;
};

}  // namespace minnow::core

#endif  // MINNOW_TESTS_SUPPORT_MEMORY_STORE_H_
