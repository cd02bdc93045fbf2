// Results that know nothing. What makes documents in the tests asks them for nothing.
#ifndef MINNOW_TESTS_SERVER_HTTP_FAKE_RESULTS_H_
#define MINNOW_TESTS_SERVER_HTTP_FAKE_RESULTS_H_

#include <functional>
#include <string>
#include <vector>

#include "common/results.h"

namespace minnow::http {

class FakeResults : public Results {
 public:
  absl::StatusOr<std::vector<JobSummary>> Jobs(std::optional<JobState>, const std::string&) override { return None(); }
  absl::StatusOr<JobSummary> Job(int64_t) override { return None(); }
  absl::StatusOr<std::string> WhyStill(const JobRecord&) override { return None(); }
  absl::StatusOr<std::vector<EventRecord>> Events(int64_t) override { return None(); }
  absl::StatusOr<std::vector<VerdictRow>> Shapes(int64_t) override { return None(); }
  absl::StatusOr<AnswerReport> Answer(int64_t) override { return None(); }
  absl::Status Trials(int64_t, const TrialFilter&, const std::function<void(const TrialRow&)>&) override {
    return None();
  }
  absl::StatusOr<TrialRow> Trial(int64_t, int64_t) override { return None(); }
  absl::StatusOr<std::string> Dataset(const std::string&) override { return None(); }
  absl::StatusOr<int64_t> SizeOfDataset(const std::string&) override { return None(); }
  absl::StatusOr<DatasetPart> PartOfDataset(const std::string&, int64_t) override { return None(); }
  absl::StatusOr<std::string> PreparationOf(int64_t) override { return None(); }
  absl::Status Query(const std::string&, const QueryLimits&,
                     const std::function<void(const std::vector<std::string>&)>&,
                     const std::function<void(const std::vector<SqlValue>&)>&) override {
    return None();
  }

 private:
  static absl::Status None() { return absl::NotFoundError("there is nothing here"); }
};

}  // namespace minnow::http

#endif  // MINNOW_TESTS_SERVER_HTTP_FAKE_RESULTS_H_
