// Workers over the network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "common/rpc/convert.h"
#include "server/rpc/services.h"
#include "tests/server/http_get.h"
#include "tests/server/serving.h"

namespace minnow::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using People = v1::SearchService::Stub;
using Workers = v1::WorkerService::Stub;

// The value of a line of /metrics.
std::string Metric(Serving& serving, const std::string& name) {
  const std::string text = HttpGet(serving.http_address(), "/metrics");
  const size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? ""
                                 : text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
}

// Waits for something that the server does on its own.
void AwaitMetric(Serving& serving, const std::string& name, const std::string& value) {
  const absl::Time end = absl::Now() + rpc::kMaxPatience / 2;
  while (Metric(serving, name) != value) ASSERT_LT(absl::Now(), end) << name << " does not become " << value;
}

TEST(Work, ThatComesUpWhileAWorkerWaitsIsHandedOut) {
  Serving serving;
  const v1::WorkerId worker = serving.RegisterWorker("w");
  auto leases = std::async(std::launch::async, [&] { return serving.LeaseWork(worker, 1, absl::Seconds(30)); });
  AwaitMetric(serving, "minnow_ledger_waiting_workers", "1");
  serving.SubmitToy(1);
  EXPECT_THAT(leases.get().value(), Not(IsEmpty()));
}

TEST(Work, IsNotGivenToACallThatWasCutOff) {
  Serving serving;
  const v1::WorkerId gone = serving.RegisterWorker("gone");
  grpc::ClientContext context;
  auto answer = std::async(std::launch::async, [&] {
    v1::LeaseWorkRequest request = rpc::ToProto(WorkRequest{.worker = {"gone", "s"}, .seconds = 1}, absl::Seconds(30));
    v1::LeaseWorkResponse response;
    return serving.workers().LeaseWork(&context, request, &response).error_code();
  });
  AwaitMetric(serving, "minnow_ledger_waiting_workers", "1");
  context.TryCancel();
  EXPECT_EQ(answer.get(), grpc::StatusCode::CANCELLED);
  AwaitMetric(serving, "minnow_ledger_waiting_workers", "0");
  serving.SubmitToy(1);
  EXPECT_EQ(Metric(serving, "minnow_leases"), "0");
  const int64_t waiting = std::stoll(Metric(serving, "minnow_slices_waiting"));
  const std::vector<Lease> leases = serving.LeaseWork(serving.RegisterWorker("here"), 1, absl::Seconds(5)).value();
  ASSERT_THAT(leases, Not(IsEmpty()));
  EXPECT_EQ(leases[0].attempt, 1);
  EXPECT_EQ(Metric(serving, "minnow_leases"), std::to_string(leases.size()));
  EXPECT_EQ(Metric(serving, "minnow_slices_waiting"), std::to_string(waiting - std::ssize(leases)));
}

TEST(Work, GoesOnWhenAWorkerIsForgiven) {
  Serving serving;
  serving.SubmitToy(1);
  const v1::WorkerId worker = serving.RegisterWorker("w");
  const Lease lease = serving.LeaseWork(worker, 1, absl::Seconds(5)).value().at(0);
  v1::ReportWorkRequest report;
  *report.mutable_worker() = worker;
  *report.add_reports() = rpc::ToProto(LeaseReport{.lease = lease.id, .failure = "no room"});
  ASSERT_TRUE(serving.Call(serving.workers(), &Workers::ReportWork, report).ok());
  const auto standing = [&] {
    return serving.Call(serving.people(), &People::ListWorkers, v1::ListWorkersRequest()).value().workers(0).standing();
  };
  EXPECT_EQ(standing(), "pausing");
  v1::ForgiveWorkerRequest request;
  request.set_name("workers/nobody");
  EXPECT_TRUE(absl::IsNotFound(serving.Call(serving.people(), &People::ForgiveWorker, request).status()));
  request.set_name("nobody");
  EXPECT_TRUE(absl::IsInvalidArgument(serving.Call(serving.people(), &People::ForgiveWorker, request).status()));
  request.set_name("workers/w");
  EXPECT_TRUE(serving.Call(serving.people(), &People::ForgiveWorker, request).ok());
  EXPECT_EQ(standing(), "good");
}

TEST(Work, IsReportedOneByOne) {
  Serving serving;
  serving.SubmitToy(1);
  const v1::WorkerId worker = serving.RegisterWorker("w");
  const Lease lease = serving.LeaseWork(worker, 1, absl::Seconds(5)).value().at(0);
  v1::ReportWorkRequest request;
  *request.mutable_worker() = worker;
  request.add_reports()->set_lease(lease.id);  // of nothing
  *request.add_reports() = rpc::ToProto(ToyReport(lease));
  *request.add_reports() = rpc::ToProto(LeaseReport{.lease = lease.id + 1'000'000, .failure = "no room"});
  const auto response = serving.Call(serving.workers(), &Workers::ReportWork, request).value();
  ASSERT_EQ(response.statuses_size(), 3);
  EXPECT_EQ(response.statuses(0).code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(response.statuses(0).message(), HasSubstr("reports[0]: "));
  EXPECT_EQ(response.statuses(1).code(), grpc::StatusCode::OK) << response.statuses(1).message();
  EXPECT_EQ(response.statuses(2).code(), grpc::StatusCode::NOT_FOUND);
}

TEST(Work, ComesWithTheAnswerToAReportThatAsksForIt) {
  Serving serving;
  serving.SubmitToy(1);
  const v1::WorkerId worker = serving.RegisterWorker("w");
  const Lease lease = serving.LeaseWork(worker, 1, absl::Seconds(5)).value().at(0);
  v1::ReportWorkRequest request;
  *request.mutable_worker() = worker;
  *request.add_reports() = rpc::ToProto(ToyReport(lease));
  request.mutable_next()->set_idle_threads(-1);
  const absl::Status refused = serving.Call(serving.workers(), &Workers::ReportWork, request).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(refused.message(), HasSubstr("next.idle_threads"));
  request.mutable_next()->set_idle_threads(1);
  const auto response = serving.Call(serving.workers(), &Workers::ReportWork, request).value();
  EXPECT_EQ(response.statuses(0).code(), grpc::StatusCode::OK) << response.statuses(0).message();
  ASSERT_EQ(response.leases_size(), 1);
  EXPECT_NE(response.leases(0).lease(), lease.id);
}

TEST(Work, OfAWorkerThatWasTakenOverIsRefused) {
  Serving serving;
  const v1::WorkerId first = serving.RegisterWorker("w");
  const WorkerInfo second = {.id = {"w", "another-session"}};
  ASSERT_TRUE(serving.Call(serving.workers(), &Workers::RegisterWorker, rpc::ToProto(second)).ok());
  v1::HeartbeatRequest heartbeat;
  *heartbeat.mutable_worker() = first;
  EXPECT_EQ(serving.Call(serving.workers(), &Workers::Heartbeat, heartbeat).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(serving.LeaseWork(first, 1, absl::ZeroDuration()).status().code(), absl::StatusCode::kAborted);
}

TEST(Work, OfAnUnknownWorkerIsRefusedSoThatItRegisters) {
  Serving serving;
  const v1::WorkerId stranger = rpc::ToProto(WorkerId{"stranger", "s"});
  EXPECT_EQ(serving.LeaseWork(stranger, 1, absl::Seconds(5)).status().code(), absl::StatusCode::kNotFound);
}

TEST(Work, OfAWholeJobLeadsToItsAnswer) {
  Serving serving;
  const std::string job = serving.SubmitToy(1);
  const v1::WorkerId worker = serving.RegisterWorker("w");
  while (serving.StateOf(job) == v1::Job::RUNNING) {
    const std::vector<Lease> leases = serving.LeaseWork(worker, 100, absl::Seconds(1)).value();
    std::vector<LeaseReport> reports;
    for (const Lease& lease : leases) reports.push_back(ToyReport(lease));
    ASSERT_TRUE(serving.Report(worker, reports).ok());
  }
  EXPECT_EQ(serving.StateOf(job), v1::Job::EXHAUSTED);
  v1::GetAnswerRequest request;
  request.set_name(job);
  const auto report = serving.Call(serving.people(), &People::GetAnswer, request).value();
  EXPECT_EQ(report.certificate_size(), 4);
  EXPECT_GT(report.job().trials(), 0);
  v1::GetPreparationRequest preparation;
  preparation.set_name(job);
  EXPECT_EQ(serving.Call(serving.people(), &People::GetPreparation, preparation).value().json(),
            serving.ToySubmit(1).preparation());
  v1::GetTrialRequest trial;
  trial.set_name(job + "/trials/1");
  EXPECT_EQ(serving.Call(serving.people(), &People::GetTrial, trial).value().worker(), "workers/w");
}

}  // namespace
}  // namespace minnow::server
