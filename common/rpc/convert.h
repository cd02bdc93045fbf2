// Between the messages of proto/minnow/v1 and the C++ of `common`: the only place where one becomes the other.
//
// ToProto never fails; bytes that are not UTF-8 become question marks in a text. FromProto validates: InvalidArgument
// names the field and the value at fault. What is absent in one is absent in the other, numbers keep every bit, and
// names such as "jobs/7" are built and taken apart here.
#ifndef MINNOW_COMMON_RPC_CONVERT_H_
#define MINNOW_COMMON_RPC_CONVERT_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/job.h"
#include "common/results.h"
#include "common/work.h"
#include "minnow/v1/job.pb.h"
#include "minnow/v1/service.pb.h"

namespace minnow::rpc {

inline constexpr int kMaxListEntries = 1000;  // of one list of a job's spec
inline constexpr int kMaxScorePoints = 64;    // of one trial
inline constexpr int kMaxStopBounds = 64;     // of one trial
inline constexpr int kMaxTextBytes = 4096;    // of a name, a label, a file name, a reason

// datasets/SHA256.
std::string DatasetName(const std::string& sha256);
absl::StatusOr<std::string> ParseDatasetName(const std::string& name);  // 64 hexadecimal digits in lower case

// workers/NAME, spelled as common/spelling.h has it.
std::string WorkerNameText(const std::string& worker);
absl::StatusOr<std::string> ParseWorkerName(const std::string& name);

// "" or a request id as common/spelling.h has it.
absl::StatusOr<std::string> ParseRequestId(const std::string& id);

// The vocabulary (convert_vocabulary.cc).
v1::Job::State ToProto(JobState state);
absl::StatusOr<JobState> FromProto(v1::Job::State state);
v1::Trial::State ToProto(TrialState state);
absl::StatusOr<TrialState> FromProto(v1::Trial::State state);
v1::Task ToProto(Task task);
absl::StatusOr<Task> FromProto(v1::Task task);
v1::Metric ToProto(Metric metric);
absl::StatusOr<Metric> FromProto(v1::Metric metric);
v1::InitScheme ToProto(InitScheme init);
absl::StatusOr<InitScheme> FromProto(v1::InitScheme init);
v1::Activation ToProto(Activation activation);
absl::StatusOr<Activation> FromProto(v1::Activation activation);
v1::Optimizer ToProto(Optimizer optimizer);
absl::StatusOr<Optimizer> FromProto(v1::Optimizer optimizer);
v1::SearchKind ToProto(SearchKind search);
absl::StatusOr<SearchKind> FromProto(v1::SearchKind search);
v1::JobSpec::PassPolicy ToProto(PassPolicy policy);
absl::StatusOr<PassPolicy> FromProto(v1::JobSpec::PassPolicy policy);  // unspecified: kAny
v1::JobSpec::SizeMeasure ToProto(SizeMeasure measure);
absl::StatusOr<SizeMeasure> FromProto(v1::JobSpec::SizeMeasure measure);  // unspecified: kParameters
v1::Route ToProto(Route route);
absl::StatusOr<Route> FromProto(v1::Route route);
v1::Phase ToProto(Phase phase);
absl::StatusOr<Phase> FromProto(v1::Phase phase);
v1::Verdict ToProto(Verdict verdict);
absl::StatusOr<Verdict> FromProto(v1::Verdict verdict);
v1::Shape ToProto(const Shape& shape);
absl::StatusOr<Shape> FromProto(const v1::Shape& shape);
v1::Recipe ToProto(const Recipe& recipe);
absl::StatusOr<Recipe> FromProto(const v1::Recipe& recipe);
google::protobuf::Timestamp ToProto(absl::Time time);  // to the nanosecond
absl::StatusOr<absl::Time> FromProto(const google::protobuf::Timestamp& time);
google::protobuf::Duration ToProto(absl::Duration duration);  // to the nanosecond
absl::StatusOr<absl::Duration> FromProto(const google::protobuf::Duration& duration);

// Jobs (convert_job.cc).
v1::JobSpec ToProto(const JobSpec& spec);
absl::StatusOr<JobSpec> FromProto(const v1::JobSpec& spec);  // not yet `Validate`d
v1::Job ToProto(const JobSummary& job);
absl::StatusOr<JobSummary> FromProto(const v1::Job& job);
v1::JobProgress ToProto(const JobProgress& progress);
absl::StatusOr<JobProgress> FromProto(const v1::JobProgress& progress);

// Their results (convert_results.cc).
v1::TrialResult ToProto(const TrialResult& result);
absl::StatusOr<TrialResult> FromProto(const v1::TrialResult& result);
v1::Trial ToProto(const TrialRow& row);
absl::StatusOr<TrialRow> FromProto(const v1::Trial& trial);
v1::ShapeVerdict ToProto(const VerdictRow& row);
absl::StatusOr<VerdictRow> FromProto(const v1::ShapeVerdict& row);
v1::Look ToProto(const LookRecord& look);
absl::StatusOr<LookRecord> FromProto(const v1::Look& look);
v1::SplitAnswer ToProto(const SplitAnswer& split);
absl::StatusOr<SplitAnswer> FromProto(const v1::SplitAnswer& split);
v1::AnswerReport ToProto(const AnswerReport& report);
absl::StatusOr<AnswerReport> FromProto(const v1::AnswerReport& report);
v1::Event ToProto(const EventRecord& event);
absl::StatusOr<EventRecord> FromProto(const v1::Event& event);
v1::SqlRow ToProto(const std::vector<SqlValue>& row);
std::vector<SqlValue> FromProto(const v1::SqlRow& row);

// Workers and their work (convert_work.cc).
v1::Worker ToProto(const WorkerSummary& worker);
absl::StatusOr<WorkerSummary> FromProto(const v1::Worker& worker);
v1::WorkerId ToProto(const WorkerId& worker);
absl::StatusOr<WorkerId> FromProto(const v1::WorkerId& worker);
v1::RegisterWorkerRequest ToProto(const WorkerInfo& worker);
absl::StatusOr<WorkerInfo> FromProto(const v1::RegisterWorkerRequest& request);
v1::RegisterWorkerResponse ToProto(const WorkerTerms& terms);
WorkerTerms FromProto(const v1::RegisterWorkerResponse& response);  // the default terms where none make sense
v1::HeartbeatResponse ToProto(const HeartbeatResponse& response);
HeartbeatResponse FromProto(const v1::HeartbeatResponse& response);  // with the default pause where none makes sense
v1::LeaseWorkRequest ToProto(const WorkRequest& request, absl::Duration patience);
absl::StatusOr<WorkRequest> FromProto(const v1::LeaseWorkRequest& request);  // `patience` apart
v1::Lease ToProto(const Lease& lease);
absl::StatusOr<Lease> FromProto(const v1::Lease& lease);
v1::LeaseReport ToProto(const LeaseReport& report);
absl::StatusOr<LeaseReport> FromProto(const v1::LeaseReport& report, const std::string& worker);
v1::ReportWorkRequest ToProto(const WorkerId& worker, const std::vector<LeaseReport>& reports);
v1::WorkWanted ToWanted(const WorkRequest& request);
absl::StatusOr<WorkRequest> FromProto(const v1::WorkWanted& wanted, const WorkerId& worker);
v1::ReportWorkResponse ToProto(const ReportResponse& response);
absl::StatusOr<ReportResponse> FromProto(const v1::ReportWorkResponse& response);

}  // namespace minnow::rpc

#endif  // MINNOW_COMMON_RPC_CONVERT_H_
