#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "common/resource_names.h"
#include "common/rpc/convert.h"
#include "common/rpc/fields.h"
#include "common/spelling.h"

namespace minnow::rpc {
namespace {

v1::TrialSpec ToProto(const TrialSpec& trial) {
  v1::TrialSpec proto;
  *proto.mutable_recipe() = rpc::ToProto(trial.recipe);
  proto.set_seed(trial.seed);
  if (trial.stop != StopRule()) {
    proto.mutable_stop()->mutable_bounds()->Assign(trial.stop.bounds.begin(), trial.stop.bounds.end());
    proto.mutable_stop()->set_exempt(trial.stop.exempt);
  }
  return proto;
}

absl::StatusOr<StopRule> FromProto(const v1::StopRule& proto) {
  Fields fields;
  StopRule stop = {.exempt = proto.exempt()};
  fields.ReadList("bounds", proto.bounds(), kMaxStopBounds, stop.bounds,
                  [](double bound) { return absl::StatusOr<double>(bound); });
  return fields.Done(stop);
}

absl::StatusOr<TrialSpec> FromProto(const v1::TrialSpec& proto) {
  Fields fields;
  TrialSpec trial;
  fields.ReadMessage("recipe", rpc::FromProto(proto.recipe()), trial.recipe);
  fields.ReadNumber<int64_t>("seed", proto.seed(), 1, trial.seed);
  if (proto.has_stop()) fields.ReadMessage("stop", FromProto(proto.stop()), trial.stop);
  return fields.Done(trial);
}

v1::SliceWork ToProto(const SliceWork& slice) {
  v1::SliceWork proto;
  *proto.mutable_shape() = rpc::ToProto(slice.shape);
  proto.set_phase(rpc::ToProto(slice.phase));
  proto.set_metric(rpc::ToProto(slice.metric));
  if (slice.threshold) proto.set_threshold(*slice.threshold);
  proto.set_epochs(slice.epochs);
  proto.set_momentum(slice.momentum);
  proto.set_job_seed(slice.job_seed);
  proto.set_train_on(slice.train_on);
  proto.set_first_pass_settles(slice.first_pass_settles);
  proto.set_training_dataset(DatasetName(slice.data_sha256));
  if (!slice.test_sha256.empty()) proto.set_test_dataset(DatasetName(slice.test_sha256));
  for (const TrialSpec& trial : slice.trials) *proto.add_trials() = ToProto(trial);
  proto.set_route(rpc::ToProto(slice.route));
  proto.set_standard_error(slice.standard_error);
  return proto;
}

absl::StatusOr<SliceWork> FromProto(const v1::SliceWork& proto) {
  Fields fields;
  SliceWork slice;
  fields.ReadMessage("shape", rpc::FromProto(proto.shape()), slice.shape);
  fields.Read("phase", rpc::FromProto(proto.phase()), slice.phase);
  fields.Read("metric", rpc::FromProto(proto.metric()), slice.metric);
  slice.threshold = Optional(proto.has_threshold(), proto.threshold());
  fields.ReadNumber("epochs", proto.epochs(), 1, slice.epochs, kMaxEpochs);
  slice.momentum = proto.momentum();
  slice.job_seed = proto.job_seed();
  slice.train_on = proto.train_on();
  slice.first_pass_settles = proto.first_pass_settles();
  fields.Read("training_dataset", ParseDatasetName(proto.training_dataset()), slice.data_sha256);
  if (!proto.test_dataset().empty()) {
    fields.Read("test_dataset", ParseDatasetName(proto.test_dataset()), slice.test_sha256);
  }
  fields.Require(!proto.trials().empty(), "trials", "a slice has at least one trial");
  fields.ReadList("trials", proto.trials(), kMaxSliceTrials, slice.trials,
                  [](const v1::TrialSpec& trial) { return FromProto(trial); });
  fields.Read("route", rpc::FromProto(proto.route()), slice.route);
  slice.standard_error = proto.standard_error();
  return fields.Done(slice);
}

v1::PredictionWork ToProto(int64_t job, const PredictionWork& prediction) {
  v1::PredictionWork proto;
  proto.set_trial(TrialNameText(job, prediction.trial));
  *proto.mutable_shape() = rpc::ToProto(prediction.shape);
  proto.set_activation(rpc::ToProto(prediction.activation));
  proto.mutable_weights()->Assign(prediction.weights.begin(), prediction.weights.end());
  proto.set_on_test(prediction.on_test);
  proto.set_dataset(DatasetName(prediction.data_sha256));
  return proto;
}

absl::StatusOr<PredictionWork> FromProto(const v1::PredictionWork& proto) {
  Fields fields;
  PredictionWork prediction;
  TrialName trial;
  fields.Read("trial", ParseTrialName(proto.trial()), trial);
  prediction.trial = trial.trial;
  fields.ReadMessage("shape", rpc::FromProto(proto.shape()), prediction.shape);
  fields.Read("activation", rpc::FromProto(proto.activation()), prediction.activation);
  prediction.weights.assign(proto.weights().begin(), proto.weights().end());
  prediction.on_test = proto.on_test();
  fields.Read("dataset", ParseDatasetName(proto.dataset()), prediction.data_sha256);
  return fields.Done(prediction);
}

// What a field without sense stands for.
absl::Duration PositiveOr(const google::protobuf::Duration& proto, absl::Duration otherwise) {
  const absl::StatusOr<absl::Duration> duration = rpc::FromProto(proto);
  return duration.ok() && *duration > absl::ZeroDuration() ? *duration : otherwise;
}

}  // namespace

v1::Worker ToProto(const WorkerSummary& worker) {
  v1::Worker proto;
  proto.set_name(WorkerNameText(worker.name));
  proto.set_connected(worker.connected);
  proto.set_threads(worker.threads);
  proto.set_processor(Utf8Text(worker.processor));
  proto.set_leases(worker.leases);
  if (worker.job) proto.set_job(JobName(*worker.job));
  if (worker.split_of) proto.set_split_of(JobName(*worker.split_of));
  if (worker.shape) *proto.mutable_shape() = ToProto(*worker.shape);
  proto.set_trials(worker.trials);
  proto.set_epochs(worker.epochs);
  proto.set_train_seconds(worker.train_seconds);
  *proto.mutable_first_heard_time() = ToProto(worker.first_heard);
  *proto.mutable_last_heard_time() = ToProto(worker.last_heard);
  if (worker.samples_per_second) proto.set_samples_per_second(*worker.samples_per_second);
  proto.set_standing(std::string(Name(worker.standing)));
  proto.set_trouble(Utf8Text(worker.trouble));
  return proto;
}

absl::StatusOr<WorkerSummary> FromProto(const v1::Worker& proto) {
  Fields fields;
  WorkerSummary worker;
  fields.Read("name", ParseWorkerName(proto.name()), worker.name);
  worker.connected = proto.connected();
  fields.ReadNumber("threads", proto.threads(), 0, worker.threads);
  fields.ReadText("processor", proto.processor(), worker.processor);
  fields.ReadNumber<int64_t>("leases", proto.leases(), 0, worker.leases);
  if (!proto.job().empty()) fields.Read("job", ParseJobName(proto.job()), worker.job);
  if (!proto.split_of().empty()) fields.Read("split_of", ParseJobName(proto.split_of()), worker.split_of);
  if (proto.has_shape()) fields.ReadMessage("shape", FromProto(proto.shape()), worker.shape);
  fields.ReadNumber<int64_t>("trials", proto.trials(), 0, worker.trials);
  fields.ReadNumber<int64_t>("epochs", proto.epochs(), 0, worker.epochs);
  worker.train_seconds = proto.train_seconds();
  fields.Read("first_heard_time", FromProto(proto.first_heard_time()), worker.first_heard);
  fields.Read("last_heard_time", FromProto(proto.last_heard_time()), worker.last_heard);
  worker.samples_per_second = Optional(proto.has_samples_per_second(), proto.samples_per_second());
  // A server of before there were any sends none.
  if (!proto.standing().empty()) fields.Read("standing", ParseStanding(proto.standing()), worker.standing);
  fields.ReadText("trouble", proto.trouble(), worker.trouble);
  return fields.Done(worker);
}

v1::WorkerId ToProto(const WorkerId& worker) {
  v1::WorkerId proto;
  proto.set_name(WorkerNameText(worker.name));
  proto.set_session(worker.session);
  return proto;
}

absl::StatusOr<WorkerId> FromProto(const v1::WorkerId& proto) {
  Fields fields;
  WorkerId worker;
  fields.Read("name", ParseWorkerName(proto.name()), worker.name);
  fields.Read("session", ParseRequestId(proto.session()), worker.session);
  fields.Require(!proto.session().empty(), "session", "it is empty; each start of a worker draws one at random");
  return fields.Done(worker);
}

v1::RegisterWorkerRequest ToProto(const WorkerInfo& worker) {
  v1::RegisterWorkerRequest proto;
  *proto.mutable_worker() = ToProto(worker.id);
  proto.set_threads(worker.threads);
  proto.set_processor(Utf8Text(worker.processor));
  proto.set_numerics_version(worker.numerics_version);
  return proto;
}

absl::StatusOr<WorkerInfo> FromProto(const v1::RegisterWorkerRequest& proto) {
  Fields fields;
  WorkerInfo worker;
  fields.ReadMessage("worker", FromProto(proto.worker()), worker.id);
  fields.ReadNumber("threads", proto.threads(), 1, worker.threads, kMaxWorkerThreads);
  fields.ReadText("processor", proto.processor(), worker.processor);
  fields.ReadNumber("numerics_version", proto.numerics_version(), 1, worker.numerics_version);
  return fields.Done(worker);
}

v1::RegisterWorkerResponse ToProto(const WorkerTerms& terms) {
  v1::RegisterWorkerResponse proto;
  *proto.mutable_lease_duration() = ToProto(terms.lease);
  *proto.mutable_heartbeat_pause() = ToProto(terms.heartbeat);
  return proto;
}

WorkerTerms FromProto(const v1::RegisterWorkerResponse& proto) {
  WorkerTerms terms;
  terms.lease = PositiveOr(proto.lease_duration(), terms.lease);
  terms.heartbeat = PositiveOr(proto.heartbeat_pause(), terms.heartbeat);
  return terms;
}

v1::HeartbeatResponse ToProto(const HeartbeatResponse& response) {
  v1::HeartbeatResponse proto;
  proto.mutable_not_needed()->Assign(response.not_needed.begin(), response.not_needed.end());
  *proto.mutable_pause() = ToProto(response.pause);
  return proto;
}

HeartbeatResponse FromProto(const v1::HeartbeatResponse& proto) {
  return {.not_needed = {proto.not_needed().begin(), proto.not_needed().end()},
          .pause = PositiveOr(proto.pause(), WorkerTerms().heartbeat)};
}

v1::LeaseWorkRequest ToProto(const WorkRequest& request, absl::Duration patience) {
  v1::LeaseWorkRequest proto;
  *proto.mutable_worker() = ToProto(request.worker);
  proto.set_seconds(request.seconds);
  proto.set_idle_threads(request.idle_threads);
  *proto.mutable_patience() = ToProto(patience);
  return proto;
}

namespace {

// Of a message that says how much work is wanted.
template <class Message>
void ReadWanted(const Message& proto, Fields& fields, WorkRequest& request) {
  fields.Require(std::isfinite(proto.seconds()) && proto.seconds() >= 0, "seconds",
                 fmt::format("{} is not an amount of work; it is a number of seconds, at least 0", proto.seconds()));
  request.seconds = proto.seconds();
  fields.ReadNumber("idle_threads", proto.idle_threads(), 0, request.idle_threads, kMaxWorkerThreads);
}

}  // namespace

absl::StatusOr<WorkRequest> FromProto(const v1::LeaseWorkRequest& proto) {
  Fields fields;
  WorkRequest request;
  fields.ReadMessage("worker", FromProto(proto.worker()), request.worker);
  ReadWanted(proto, fields, request);
  return fields.Done(request);
}

v1::WorkWanted ToWanted(const WorkRequest& request) {
  v1::WorkWanted proto;
  proto.set_seconds(request.seconds);
  proto.set_idle_threads(request.idle_threads);
  return proto;
}

absl::StatusOr<WorkRequest> FromProto(const v1::WorkWanted& proto, const WorkerId& worker) {
  Fields fields;
  WorkRequest request = {.worker = worker};
  ReadWanted(proto, fields, request);
  return fields.Done(request);
}

v1::Lease ToProto(const Lease& lease) {
  v1::Lease proto;
  proto.set_lease(lease.id);
  proto.set_job(JobName(lease.job));
  proto.set_bundle(lease.bundle);
  proto.set_slice(lease.slice_number);
  proto.set_attempt(lease.attempt);
  proto.set_expected_seconds(lease.expected_seconds);
  if (lease.slice) *proto.mutable_slice_work() = ToProto(*lease.slice);
  if (lease.prediction) *proto.mutable_prediction_work() = ToProto(lease.job, *lease.prediction);
  return proto;
}

absl::StatusOr<Lease> FromProto(const v1::Lease& proto) {
  Fields fields;
  Lease lease;
  fields.ReadNumber<int64_t>("lease", proto.lease(), 1, lease.id);
  fields.Read("job", ParseJobName(proto.job()), lease.job);
  fields.ReadNumber<int64_t>("bundle", proto.bundle(), -1, lease.bundle);
  fields.ReadNumber("slice", proto.slice(), 0, lease.slice_number);
  fields.ReadNumber("attempt", proto.attempt(), 1, lease.attempt);
  lease.expected_seconds = proto.expected_seconds();
  if (proto.has_slice_work()) {
    fields.ReadMessage("slice_work", FromProto(proto.slice_work()), lease.slice);
  } else if (proto.has_prediction_work()) {
    fields.ReadMessage("prediction_work", FromProto(proto.prediction_work()), lease.prediction);
  } else {
    fields.Fail("work", "a lease has a slice or a prediction, and this one has what this version does not know");
  }
  return fields.Done(lease);
}

v1::LeaseReport ToProto(const LeaseReport& report) {
  v1::LeaseReport proto;
  proto.set_lease(report.lease);
  for (const TrialResult& result : report.trials) *proto.add_trials() = ToProto(result);
  if (report.outputs) proto.mutable_outputs()->Assign(report.outputs->begin(), report.outputs->end());
  proto.set_failure(Utf8Text(report.failure));
  return proto;
}

absl::StatusOr<LeaseReport> FromProto(const v1::LeaseReport& proto, const std::string& worker) {
  Fields fields;
  LeaseReport report;
  fields.ReadNumber<int64_t>("lease", proto.lease(), 1, report.lease);
  report.worker = worker;
  fields.ReadList("trials", proto.trials(), kMaxSliceTrials, report.trials,
                  [](const v1::TrialResult& result) { return FromProto(result); });
  if (!proto.outputs().empty()) report.outputs.emplace(proto.outputs().begin(), proto.outputs().end());
  fields.ReadText("failure", proto.failure(), report.failure);
  const int kinds = !proto.trials().empty() + !proto.outputs().empty() + !proto.failure().empty();
  fields.Require(kinds == 1, "lease",
                 fmt::format("the report of lease {} has {} of trials, outputs and failure; it has exactly one",
                             proto.lease(), kinds));
  return fields.Done(report);
}

v1::ReportWorkRequest ToProto(const WorkerId& worker, const std::vector<LeaseReport>& reports) {
  v1::ReportWorkRequest proto;
  *proto.mutable_worker() = ToProto(worker);
  for (const LeaseReport& report : reports) *proto.add_reports() = ToProto(report);
  return proto;
}

v1::ReportWorkResponse ToProto(const ReportResponse& response) {
  v1::ReportWorkResponse proto;
  for (const absl::Status& status : response.statuses) {
    v1::ReportStatus* entry = proto.add_statuses();
    entry->set_code(status.raw_code());
    entry->set_message(Utf8Text(std::string(status.message())));
  }
  proto.mutable_not_needed()->Assign(response.not_needed.begin(), response.not_needed.end());
  for (const Lease& lease : response.leases) *proto.add_leases() = ToProto(lease);
  return proto;
}

absl::StatusOr<ReportResponse> FromProto(const v1::ReportWorkResponse& proto) {
  ReportResponse response;
  for (const v1::ReportStatus& status : proto.statuses()) {
    response.statuses.emplace_back(static_cast<absl::StatusCode>(status.code()), status.message());
  }
  response.not_needed.assign(proto.not_needed().begin(), proto.not_needed().end());
  for (const v1::Lease& lease : proto.leases()) {
    absl::StatusOr<Lease> converted = FromProto(lease);
    if (!converted.ok()) return converted.status();
    response.leases.push_back(*std::move(converted));
  }
  return response;
}

}  // namespace minnow::rpc
