#include "worker/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/worker/fake_coordinator.h"

namespace minnow::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConnectionTest : public testing::Test {
 protected:
  Connection::Options Patient() {
    return {.worker = {.id = {"w1", "s1"}},
            .keep_trying = true,
            .first_pause = absl::Milliseconds(1),
            .longest_pause = absl::Milliseconds(2),
            .welcome = "connected",
            .say = [this](const std::string& line) { said_.push_back(line); }};
  }

  FakeCoordinator coordinator_;
  std::vector<std::string> said_;  // by one thread at a time
};

TEST_F(ConnectionTest, RegistersBeforeTheFirstCallAndOnlyThen) {
  Connection connection(&coordinator_, Patient());
  EXPECT_TRUE(connection.Heartbeat({}).ok());
  EXPECT_TRUE(connection.Heartbeat({}).ok());
  EXPECT_EQ(coordinator_.seen().registrations, 1);
  EXPECT_EQ(connection.terms()->lease, absl::Seconds(2));
  EXPECT_THAT(said_, ElementsAre("connected"));
}

TEST_F(ConnectionTest, TriesUntilTheCoordinatorIsThereAndSaysSoOnce) {
  coordinator_.AnswerWith(absl::UnavailableError("no Minnow server answers at there:1"));
  Connection connection(&coordinator_, Patient());
  std::thread server([this] {
    coordinator_.WaitUntil("five tries", [](const Seen& seen) { return seen.errors >= 5; });
    coordinator_.AnswerWith(absl::OkStatus());
  });
  EXPECT_TRUE(connection.Heartbeat({}).ok());
  server.join();
  EXPECT_THAT(said_, ElementsAre("no Minnow server answers at there:1 (trying again)", "connected"));
}

TEST_F(ConnectionTest, SaysOnceThatTheServerIsAwayAndOnceThatItIsBack) {
  Connection connection(&coordinator_, Patient());
  ASSERT_TRUE(connection.Heartbeat({}).ok());
  coordinator_.AnswerWith(absl::DeadlineExceededError("the server is silent"));
  std::thread server([this] {
    coordinator_.WaitUntil("three tries", [](const Seen& seen) { return seen.errors >= 3; });
    coordinator_.AnswerWith(absl::OkStatus());
  });
  EXPECT_TRUE(connection.Heartbeat({}).ok());
  server.join();
  EXPECT_THAT(said_, ElementsAre("connected", "the server is silent (trying again)", "the server answers again"));
}

// Answers everything but reports while its disk is full.
class FullDisk : public CoordinatorClient {
 public:
  explicit FullDisk(CoordinatorClient* client) : client_(client) {}

  absl::StatusOr<WorkerTerms> Register(const WorkerInfo& worker) override { return client_->Register(worker); }
  absl::StatusOr<std::vector<Lease>> LeaseWork(const WorkRequest& request, absl::Duration patience) override {
    return client_->LeaseWork(request, patience);
  }
  absl::StatusOr<ReportResponse> Report(const WorkerId&, const std::vector<LeaseReport>&) override {
    if (!full) return ReportResponse();
    ++refused;
    return absl::ResourceExhaustedError("the disk is full");
  }
  absl::StatusOr<ReportResponse> ReportAndLease(const std::vector<LeaseReport>& reports,
                                                const WorkRequest& next) override {
    return Report(next.worker, reports);
  }
  absl::StatusOr<HeartbeatResponse> Heartbeat(const WorkerId& worker, const std::vector<int64_t>& leases) override {
    return client_->Heartbeat(worker, leases);
  }
  absl::Status Release(const WorkerId& worker) override { return client_->Release(worker); }
  absl::Status Dataset(const WorkerId& worker, const std::string& sha256, const DatasetSink& sink) override {
    return client_->Dataset(worker, sha256, sink);
  }

  std::atomic<bool> full = true;
  std::atomic<int> refused = 0;

 private:
  CoordinatorClient* client_;
};

TEST_F(ConnectionTest, SaysOnceThatReportsAreRefusedWhileOtherCallsAreAnswered) {
  FullDisk disk(&coordinator_);
  Connection connection(&disk, Patient());
  ASSERT_TRUE(connection.Heartbeat({}).ok());
  std::thread reporter([&] { EXPECT_TRUE(connection.Report({}, std::nullopt).ok()); });
  while (disk.refused < 5) EXPECT_TRUE(connection.Heartbeat({}).ok());
  disk.full = false;
  reporter.join();
  EXPECT_THAT(said_, ElementsAre("connected", "the disk is full (trying again)", "the server answers again"));
}

// Hands "abcdef" over, two bytes a call, and then breaks off.
class BreaksOff : public FakeCoordinator {
 public:
  absl::Status RestOfDataset(const WorkerId&, const std::string&, int64_t offset, const DatasetSink& sink) override {
    offsets.push_back(offset);
    const std::string rest = std::string("abcdef").substr(static_cast<size_t>(offset), 2);
    if (rest.empty()) return absl::OkStatus();
    if (absl::Status taken = sink(offset, rest); !taken.ok()) return taken;
    return absl::UnavailableError("the link is cut");
  }

  std::vector<int64_t> offsets;
};

TEST_F(ConnectionTest, ADataSetThatBreaksOffGoesOnWhereItBrokeOff) {
  BreaksOff coordinator;
  Connection connection(&coordinator, Patient());
  std::string bytes;
  const DatasetSink sink = [&](int64_t offset, std::string_view part) {
    EXPECT_EQ(offset, static_cast<int64_t>(bytes.size()));
    bytes += part;
    return absl::OkStatus();
  };
  EXPECT_TRUE(connection.Dataset("ab", sink).ok());
  EXPECT_EQ(bytes, "abcdef");
  EXPECT_THAT(coordinator.offsets, ElementsAre(0, 2, 4, 6));
}

TEST_F(ConnectionTest, RegistersAgainUnderTheSameSessionWhenItIsNotKnown) {
  Connection connection(&coordinator_, Patient());
  ASSERT_TRUE(connection.Heartbeat({}).ok());
  coordinator_.Forget();
  EXPECT_TRUE(connection.Heartbeat({}).ok());
  EXPECT_EQ(coordinator_.seen().registrations, 2);
  EXPECT_THAT(coordinator_.seen().sessions, ElementsAre("s1"));
}

TEST_F(ConnectionTest, GivesUpOnACoordinatorThatForgetsItAgainAndAgain) {
  Connection connection(&coordinator_, Patient());
  coordinator_.AnswerAfterFetchWith(absl::NotFoundError("who are you?"));
  ASSERT_FALSE(connection.Dataset("ab", /*sink=*/nullptr).ok());
  EXPECT_EQ(connection.Heartbeat({}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ConnectionTest, EndsAtOnceWhenRefused) {
  coordinator_.AnswerWith(absl::FailedPreconditionError("this server trains with numerics version 2"));
  Connection connection(&coordinator_, Patient());
  const absl::Status refused = connection.Heartbeat({}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("numerics version 2"));
  EXPECT_EQ(coordinator_.seen().errors, 1);
}

TEST_F(ConnectionTest, WithoutKeepTryingTheFirstErrorIsFinal) {
  coordinator_.AnswerWith(absl::UnavailableError("the disk is full"));
  Connection::Options options = Patient();
  options.keep_trying = false;
  Connection connection(&coordinator_, options);
  EXPECT_EQ(connection.Heartbeat({}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(coordinator_.seen().errors, 1);
}

TEST_F(ConnectionTest, StopEndsTheTrying) {
  coordinator_.AnswerWith(absl::UnavailableError("away"));
  Connection::Options options = Patient();
  options.first_pause = options.longest_pause = absl::Hours(1);
  Connection connection(&coordinator_, options);
  std::thread stopper([&] {
    coordinator_.WaitUntil("a try", [](const Seen& seen) { return seen.errors == 1; });
    connection.Stop();
  });
  EXPECT_EQ(connection.Heartbeat({}).status().code(), absl::StatusCode::kCancelled);
  stopper.join();
}

}  // namespace
}  // namespace minnow::worker
