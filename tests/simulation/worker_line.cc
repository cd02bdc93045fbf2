#include "tests/simulation/worker_line.h"

namespace minnow::simulation {
namespace {

// As in worker/remote_coordinator.cc.
constexpr absl::Duration kShortCall = absl::Seconds(5);
constexpr absl::Duration kReportCall = absl::Seconds(60);

}  // namespace

// The answer may come after the deadline, or after the death of the caller: nobody waits for it then.
template <class Response>
absl::StatusOr<Response> WorkerLine::Call(absl::Duration deadline, Serve<Response> serve) {
  if (machine_->dead()) throw MachineDied();
  if (cancelled_) return absl::CancelledError("the call was cancelled");
  const auto answer = std::make_shared<std::optional<absl::StatusOr<Response>>>();
  const ledger::Done<Response> take = [this, answer](absl::StatusOr<Response> response) {
    if (*answer) return;
    answer->emplace(std::move(response));
    machine_->Wake(this, /*all=*/true);
  };
  const ledger::Done<Response> reply = [world = world_, line = FromServer(), take](absl::StatusOr<Response> response) {
    world->network.Send(line, [take, response = std::move(response)] { take(response); });
  };
  world_->network.Send(
      ToServer(), [world = world_, serve = std::move(serve), reply] { world->server->Arrive<Response>(serve, reply); });
  const absl::Time until = machine_->steady_clock() + deadline;
  while (!*answer && !cancelled_ && machine_->steady_clock() < until) {
    Machine::WaitOn(this, until - machine_->steady_clock());
  }
  if (*answer) return **answer;
  answer->emplace(absl::DeadlineExceededError("no answer in time"));  // what comes later is not taken
  if (cancelled_) return absl::CancelledError("the call was cancelled");
  return absl::DeadlineExceededError("no answer in time");
}

absl::StatusOr<WorkerTerms> WorkerLine::Register(const WorkerInfo& worker) {
  return Call<WorkerTerms>(kShortCall, [worker](ledger::Ledger& ledger, ledger::Done<WorkerTerms> done) {
    ledger.Register(worker, std::move(done));
  });
}

absl::StatusOr<std::vector<Lease>> WorkerLine::LeaseWork(const WorkRequest& request, absl::Duration patience) {
  auto leases = Call<std::vector<Lease>>(patience + kShortCall, [world = world_, request, patience](
                                                                    ledger::Ledger& ledger,
                                                                    ledger::Done<std::vector<Lease>> done) {
    const absl::Time deadline = world->server->clock_now() + patience;
    ledger.LeaseWork(request, std::nullopt, deadline, [world, request, done](absl::StatusOr<std::vector<Lease>> given) {
      if (given.ok()) world->checker.LeasesAnswered(request.worker, *given);
      done(std::move(given));
    });
  });
  if (!leases.ok() && !absl::IsUnavailable(leases.status())) {
    world_->network.Send(ToServer(), [world = world_, worker = request.worker] {
      world->server->Notify([&](ledger::Ledger& ledger) { ledger.StopWaiting(worker); });
    });
  }
  return leases;
}

void WorkerLine::ServeReport(World* world, const WorkerId& worker, const std::vector<LeaseReport>& reports,
                             ledger::Ledger& ledger, ledger::Done<ReportResponse> done) {
  world->checker.ReportsArrive(worker, reports);
  ledger.Report(worker, reports, [world, worker, reports, done](absl::StatusOr<ReportResponse> response) {
    if (response.ok()) world->checker.ReportsAnswered(worker, reports, *response);
    done(std::move(response));
  });
}

absl::StatusOr<ReportResponse> WorkerLine::Report(const WorkerId& worker, const std::vector<LeaseReport>& reports) {
  return Call<ReportResponse>(
      kReportCall, [world = world_, worker, reports](ledger::Ledger& ledger, ledger::Done<ReportResponse> done) {
        ServeReport(world, worker, reports, ledger, std::move(done));
      });
}

absl::StatusOr<ReportResponse> WorkerLine::ReportAndLease(const std::vector<LeaseReport>& reports,
                                                          const WorkRequest& next) {
  return Call<ReportResponse>(
      kReportCall, [world = world_, reports, next](ledger::Ledger& ledger, ledger::Done<ReportResponse> done) {
        world->checker.ReportsArrive(next.worker, reports);
        ledger.ReportAndLease(reports, next, std::nullopt,
                              [world, reports, worker = next.worker, done](absl::StatusOr<ReportResponse> response) {
                                if (response.ok()) {
                                  world->checker.ReportsAnswered(worker, reports, *response);
                                  world->checker.LeasesAnswered(worker, response->leases);
                                }
                                done(std::move(response));
                              });
      });
}

void WorkerLine::SendReport(const WorkerId& worker, std::vector<LeaseReport> reports) {
  world_->network.Send(ToServer(), [world = world_, worker, reports = std::move(reports)] {
    world->server->Arrive<ReportResponse>(
        [&](ledger::Ledger& ledger, ledger::Done<ReportResponse> done) {
          ServeReport(world, worker, reports, ledger, std::move(done));
        },
        [](absl::StatusOr<ReportResponse>) {});
  });
}

absl::StatusOr<HeartbeatResponse> WorkerLine::Heartbeat(const WorkerId& worker, const std::vector<int64_t>& leases) {
  return Call<HeartbeatResponse>(
      kShortCall, [world = world_, worker, leases](ledger::Ledger& ledger, ledger::Done<HeartbeatResponse> done) {
        world->checker.HeartbeatArrives(worker, leases);
        ledger.Heartbeat(worker, leases, std::move(done));
      });
}

absl::Status WorkerLine::Release(const WorkerId& worker) {
  return Call<bool>(kShortCall, [worker](ledger::Ledger& ledger,
                                         ledger::Done<bool> done) { ledger.ReleaseWorker(worker, std::move(done)); })
      .status();
}

// The bytes travel with the answer.
absl::Status WorkerLine::Dataset(const WorkerId&, const std::string& sha256, const DatasetSink& sink) {
  const absl::StatusOr<std::string> bytes =
      Call<std::string>(kReportCall, [sha256](ledger::Ledger& ledger, ledger::Done<std::string> done) {
        const auto collected = std::make_shared<std::string>();
        const DatasetSink collect = [collected](int64_t, std::string_view part) {
          collected->append(part);
          return absl::OkStatus();
        };
        ledger.Dataset(sha256, collect, [collected, done](const absl::StatusOr<bool>& handed_over) {
          if (handed_over.ok()) {
            done(*collected);
          } else {
            done(handed_over.status());
          }
        });
      });
  if (!bytes.ok()) return bytes.status();
  return sink(/*offset=*/0, *bytes);
}

void WorkerLine::CancelCalls() {
  cancelled_ = true;
  machine_->Wake(this, /*all=*/true);
}

}  // namespace minnow::simulation
