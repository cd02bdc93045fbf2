// What bad input gets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/convert.h"
#include "server/rpc/submit.h"
#include "tests/server/serving.h"

namespace minnow::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using People = v1::SearchService::Stub;
using Workers = v1::WorkerService::Stub;

const std::string kNoSuchHash(64, 'a');

class RequestsTest : public ::testing::Test {
 protected:
  // The error of a call.
  template <class Service, class Request, class Response>
  void ExpectError(Service& service, grpc::Status (Service::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, absl::StatusCode code, const std::string& sentence) {
    const absl::Status status = serving_.Call(service, method, request).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), StartsWith(sentence)) << request.ShortDebugString();
  }
  template <class Request, class Response>
  void ExpectBadName(grpc::Status (People::*method)(grpc::ClientContext*, const Request&, Response*)) {
    Request request;
    request.set_name("job/7");
    ExpectError(serving_.people(), method, request, absl::StatusCode::kInvalidArgument,
                "name: \"job/7\" is not the name of a job; write it as jobs/7 or 7");
    request.set_name("jobs/7");
    ExpectError(serving_.people(), method, request, absl::StatusCode::kNotFound, "there is no jobs/7: ");
  }
  template <class Request, class Response>
  void ExpectBadParent(grpc::Status (People::*method)(grpc::ClientContext*, const Request&, Response*)) {
    Request request;
    request.set_parent("x");
    ExpectError(serving_.people(), method, request, absl::StatusCode::kInvalidArgument,
                "parent: \"x\" is not the name");
    request.set_parent("jobs/7");
    ExpectError(serving_.people(), method, request, absl::StatusCode::kNotFound,
                "there is no jobs/7: \"minnow jobs\" lists those there are");
    request.set_page_size(-1);
    ExpectError(serving_.people(), method, request, absl::StatusCode::kInvalidArgument, "page_size: -1 is too small");
    request.set_page_size(0);
    request.set_page_token("garbage");
    ExpectError(serving_.people(), method, request, absl::StatusCode::kInvalidArgument,
                "page_token: \"garbage\" is not one of this list: leave it empty to begin again");
  }
  void ExpectBadSubmit(const v1::SubmitJobRequest& request, absl::StatusCode code, const std::string& sentence) {
    ExpectError(serving_.people(), &People::SubmitJob, request, code, sentence);
  }

  Serving serving_;
};

TEST_F(RequestsTest, WithABadOrUnknownJobNameItAndSayWhatToDo) {
  ExpectBadName(&People::GetJob);
  ExpectBadName(&People::GetProgress);
  ExpectBadName(&People::GetAnswer);
  ExpectBadName(&People::GetPreparation);
  ExpectBadName(&People::PauseJob);
  ExpectBadName(&People::ResumeJob);
  ExpectBadName(&People::CancelJob);
  ExpectBadName(&People::DeleteJob);
}

TEST_F(RequestsTest, ForListsNameTheParentAndTheToken) {
  ExpectBadParent(&People::ListTrials);
  ExpectBadParent(&People::ListShapes);
  ExpectBadParent(&People::ListEvents);
}

TEST_F(RequestsTest, ToWatchWhatIsNotThereEndWithTheError) {
  for (const auto& [name, code] :
       {std::pair("job/7", absl::StatusCode::kInvalidArgument), std::pair("jobs/7", absl::StatusCode::kNotFound)}) {
    grpc::ClientContext context;
    v1::WatchJobRequest request;
    request.set_name(name);
    const auto reader = serving_.people().WatchJob(&context, request);
    v1::JobProgress event;
    EXPECT_FALSE(reader->Read(&event));
    EXPECT_EQ(rpc::FromGrpc(reader->Finish(), serving_.address()).code(), code);
  }
}

TEST_F(RequestsTest, ForTrialsAndDataSetsNameThem) {
  v1::GetTrialRequest trial;
  trial.set_name("jobs/7");
  ExpectError(serving_.people(), &People::GetTrial, trial, absl::StatusCode::kInvalidArgument,
              "name: \"jobs/7\" is not the name of a trial; write it as jobs/1/trials/17");
  trial.set_name("jobs/7/trials/3");
  ExpectError(serving_.people(), &People::GetTrial, trial, absl::StatusCode::kNotFound,
              "there is no jobs/7/trials/3: \"minnow trials jobs/7\" lists those there are");
  v1::GetDatasetRequest dataset;
  dataset.set_name("digits.csv");
  ExpectError(serving_.people(), &People::GetDataset, dataset, absl::StatusCode::kInvalidArgument,
              "name: \"digits.csv\" is not the name of a data set");
  dataset.set_name(rpc::DatasetName(kNoSuchHash));
  ExpectError(serving_.people(), &People::GetDataset, dataset, absl::StatusCode::kNotFound,
              "datasets/" + kNoSuchHash + " is not stored here: upload it first");
}

TEST_F(RequestsTest, ToSubmitWithoutTheDataSayWhichIsMissing) {
  const v1::SubmitJobRequest request = serving_.ToySubmit(1);
  ExpectBadSubmit(request, absl::StatusCode::kFailedPrecondition,
                  "training_dataset: " + request.training_dataset() + " is not stored here: upload it first");
}

TEST_F(RequestsTest, ToSubmitUnderAnotherNumericsVersionNameBoth) {
  v1::SubmitJobRequest request = serving_.ToySubmit(1);
  request.set_numerics_version(kNumericsVersion + 7);
  ExpectBadSubmit(request, absl::StatusCode::kFailedPrecondition,
                  "this server trains under numerics version 2, and the client under 9: use a client of the server's");
}

TEST_F(RequestsTest, ToSubmitWhatDoesNotFitNameTheField) {
  serving_.UploadToyData();
  const v1::SubmitJobRequest good = serving_.ToySubmit(1);
  constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
  v1::SubmitJobRequest request = good;
  request.set_request_id("a b");
  ExpectBadSubmit(request, kInvalid, "request_id: \"a b\" is not at most 64 letters, digits, '-' and '_'");
  request = good;
  request.mutable_spec()->clear_units();
  request.mutable_spec()->add_units(0);
  ExpectBadSubmit(request, kInvalid, "--units: ");
  request = good;
  request.mutable_spec()->mutable_units()->Resize(1001, 3);
  ExpectBadSubmit(request, kInvalid, "spec.units: 1001 entries are too many; at most 1000 are taken");
  request = good;
  request.mutable_spec()->set_metric(v1::RMSE);
  ExpectBadSubmit(request, kInvalid, "rmse does not judge classification");
  request = good;
  request.set_preparation("{");
  ExpectBadSubmit(request, kInvalid, "preparation: ");
  request = good;
  request.set_target(std::string(5000, 't'));
  ExpectBadSubmit(request, kInvalid, "target: 5000 bytes are too long a text");
  request = good;
  request.set_test_dataset(good.training_dataset());
  ExpectBadSubmit(request, kInvalid, "test_dataset: ");
}

TEST_F(RequestsTest, ToSubmitASpaceOfNetworksThatCannotTravelAreRefused) {
  serving_.UploadToyData();
  v1::SubmitJobRequest request = serving_.ToySubmit(1);
  request.mutable_spec()->set_max_layers(3);
  request.mutable_spec()->set_units(0, 1024);
  ExpectBadSubmit(
      request, absl::StatusCode::kInvalidArgument,
      "--units: the largest network of the space has 2105347 parameters, and a server takes at most 1000000");
}

TEST_F(RequestsTest, ThatAreLargerThanAMessageSaySo) {
  v1::SubmitJobRequest request = serving_.ToySubmit(1);
  request.set_preparation(std::string(rpc::kMaxMessageBytes + 1, ' '));
  ExpectBadSubmit(request, absl::StatusCode::kResourceExhausted, "a message is larger than the 64 MiB that may travel");
}

TEST_F(RequestsTest, OfWorkersNameTheField) {
  constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
  v1::RegisterWorkerRequest reg = rpc::ToProto(WorkerInfo{.id = {"w", "s"}});
  reg.set_threads(0);
  ExpectError(serving_.workers(), &Workers::RegisterWorker, reg, kInvalid, "threads: 0 is out of range");
  reg.set_threads(1);
  reg.mutable_worker()->set_name("w");
  ExpectError(serving_.workers(), &Workers::RegisterWorker, reg, kInvalid,
              "worker.name: \"w\" is not the name of a worker; write it as workers/NAME");
  v1::HeartbeatRequest heartbeat;
  ExpectError(serving_.workers(), &Workers::Heartbeat, heartbeat, kInvalid, "worker.name: ");
  *heartbeat.mutable_worker() = rpc::ToProto(WorkerId{"w", "s"});
  heartbeat.mutable_leases()->Resize(10'001, 1);
  ExpectError(serving_.workers(), &Workers::Heartbeat, heartbeat, kInvalid, "leases: 10001 entries are too many");
  v1::ReportWorkRequest report;
  *report.mutable_worker() = heartbeat.worker();
  for (int i = 0; i < 1001; ++i) report.add_reports();
  ExpectError(serving_.workers(), &Workers::ReportWork, report, kInvalid, "reports: 1001 entries are too many");
  EXPECT_EQ(serving_.LeaseWork(v1::WorkerId(), 1, absl::ZeroDuration()).status().code(), kInvalid);
}

TEST_F(RequestsTest, OfAWorkerOfAnotherNumericsVersionNameBoth) {
  v1::RegisterWorkerRequest request = rpc::ToProto(WorkerInfo{.id = {"w", "s"}, .numerics_version = 9});
  const absl::Status status = serving_.Call(serving_.workers(), &Workers::RegisterWorker, request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("numerics version 9"));
}

}  // namespace
}  // namespace minnow::server
