#include "client/remote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "common/sha256.h"
#include "tests/client/fake_service.h"
#include "tests/common/report/reports.h"

namespace minnow::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

core::DatasetRecord Dataset(std::string bytes) {
  core::DatasetRecord dataset;
  dataset.sha256 = Sha256Hex(bytes);
  dataset.bytes = std::move(bytes);
  return dataset;
}

class RemoteTest : public ::testing::Test {
 protected:
  RemoteTest() {
    server_.info.set_version("0.1.0");
    server_.info.set_numerics_version(kNumericsVersion);
    server_.Start();
    request_.request_id = "abc";
    request_.training = Dataset(std::string(rpc::kDataChunkBytes + 5, 'a'));
    request_.test = Dataset("test rows");
  }

  std::unique_ptr<Remote> Connect() { return Remote::Connect(server_.address(), limits_).value(); }
  std::unique_ptr<Results> OpenResults() { return Connect()->OpenResults(); }
  void Store(const core::DatasetRecord& dataset) {
    server_.datasets[rpc::DatasetName(dataset.sha256)] = dataset.bytes.view();
  }

  RemoteLimits limits_ = {.pause = absl::Milliseconds(1)};
  FakeService server_;
  core::SubmitRequest request_;
};

// --- Connecting ---

TEST_F(RemoteTest, ASilentServerIsToldSoon) {
  server_.hang = true;
  const absl::Status status = Remote::Connect(server_.address(), {.first_call = absl::Milliseconds(50)}).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kFailed);
  EXPECT_THAT(std::string(status.message()), HasSubstr(server_.address()));
}

TEST_F(RemoteTest, NoServerIsToldAtOnce) {
  server_.Stop();
  const absl::Status status = Remote::Connect(server_.address()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no Minnow server answers at " + server_.address()));
}

// --- Submitting ---

TEST_F(RemoteTest, UploadsWhatTheServerLacksInChunks) {
  const absl::StatusOr<core::SubmitResponse> submitted = Connect()->Submit(request_);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(submitted->job, 7);
  EXPECT_EQ(server_.uploads, 2);
  EXPECT_EQ(server_.largest_chunk, static_cast<size_t>(rpc::kDataChunkBytes));
  EXPECT_EQ(server_.datasets.at(server_.submitted.training_dataset()), request_.training.bytes.view());
  EXPECT_EQ(server_.datasets.at(server_.submitted.test_dataset()), "test rows");
}

TEST_F(RemoteTest, UploadsNothingThatIsStored) {
  Store(request_.training);
  Store(request_.test);
  EXPECT_TRUE(Connect()->Submit(request_).ok());
  EXPECT_EQ(server_.uploads, 0);
}

TEST_F(RemoteTest, UploadsOnceMoreWhatWasDeletedMeanwhile) {
  server_.forget_datasets = true;
  EXPECT_TRUE(Connect()->Submit(request_).ok());
  EXPECT_EQ(server_.uploads, 4);
  EXPECT_THAT(server_.request_ids, ElementsAre("abc", "abc"));
}

TEST_F(RemoteTest, SubmitsAgainUnderTheSameRequestId) {
  server_.refusals = {grpc::Status(grpc::StatusCode::UNAVAILABLE, "being restarted"),
                      grpc::Status(grpc::StatusCode::UNAVAILABLE, "being restarted")};
  EXPECT_TRUE(Connect()->Submit(request_).ok());
  EXPECT_THAT(server_.request_ids, ElementsAre("abc", "abc", "abc"));
}

TEST_F(RemoteTest, GivesUpAfterAFewAttempts) {
  limits_.attempts = 3;
  server_.refusals.assign(10, grpc::Status(grpc::StatusCode::UNAVAILABLE, "the disk is full"));
  EXPECT_EQ(Connect()->Submit(request_).status(), absl::UnavailableError("the disk is full"));
  EXPECT_EQ(server_.request_ids.size(), 3u);
}

TEST_F(RemoteTest, ARefusalIsFinal) {
  server_.refusals = {grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "units: 0 is too few")};
  const absl::Status status = Connect()->Submit(request_).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kBadInput);
  EXPECT_EQ(status.message(), "units: 0 is too few");
  EXPECT_EQ(server_.request_ids.size(), 1u);
}

TEST_F(RemoteTest, SubmitsNothingToAServerWithOtherBits) {
  server_.info.set_numerics_version(kNumericsVersion + 1);
  const absl::Status status = Connect()->Submit(request_).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kFailed);
  EXPECT_THAT(std::string(status.message()), HasSubstr("numerics version"));
  EXPECT_EQ(server_.uploads, 0);
  EXPECT_TRUE(server_.request_ids.empty());
}

TEST(NewRequestId, IsNeverDrawnTwice) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewRequestId());
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_EQ(ids.begin()->size(), 32u);
}

// --- Changing ---

TEST_F(RemoteTest, ChangesAJobUnderOneRequestId) {
  server_.refusals = {grpc::Status(grpc::StatusCode::UNAVAILABLE, "being restarted")};
  EXPECT_TRUE(Connect()->Apply({"x", core::JobAction::kPause, 7}).ok());
  EXPECT_TRUE(Connect()->Apply({"y", core::JobAction::kDelete, 8}).ok());
  EXPECT_THAT(server_.changed, ElementsAre("pause jobs/7", "pause jobs/7", "delete jobs/8"));
  EXPECT_THAT(server_.request_ids, ElementsAre("x", "x", "y"));
}

TEST_F(RemoteTest, PassesOnWhyAJobCannotBeChanged) {
  server_.refusals = {grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "jobs/7 has ended")};
  EXPECT_EQ(Connect()->Apply({"x", core::JobAction::kPause, 7}), absl::FailedPreconditionError("jobs/7 has ended"));
}

// --- Reading ---

TEST_F(RemoteTest, WalksAllPages) {
  server_.job_pages.resize(3);
  for (int i = 0; i < 3; ++i) {
    JobSummary job = DigitsAnswer().job;
    job.record.id = i + 1;
    job.record.data_sha256 = job.record.test_sha256 = std::string(64, 'a');
    *server_.job_pages[i].add_jobs() = rpc::ToProto(job);
    if (i < 2) server_.job_pages[i].set_next_page_token(std::to_string(i + 1));
  }
  const absl::StatusOr<std::vector<JobSummary>> jobs = OpenResults()->Jobs(std::nullopt, "");
  ASSERT_TRUE(jobs.ok()) << jobs.status();
  ASSERT_EQ(jobs->size(), 3u);
  EXPECT_EQ(jobs->back().record.id, 3);
}

TEST_F(RemoteTest, APageThatComesAgainIsAnError) {
  server_.job_pages.resize(2);
  for (v1::ListJobsResponse& page : server_.job_pages) page.set_next_page_token("1");
  EXPECT_EQ(OpenResults()->Jobs(std::nullopt, "").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RemoteTest, ReadsTrialsUpToTheLimit) {
  server_.trials = 2500;
  std::vector<int64_t> numbers;
  const auto take = [&](const TrialRow& row) { numbers.push_back(row.trial.number); };
  EXPECT_TRUE(OpenResults()->Trials(7, {.limit = 1500, .all = true}, take).ok());
  EXPECT_EQ(numbers.size(), 1500u);
  EXPECT_EQ(numbers.back(), 1500);
  EXPECT_TRUE(server_.asked_trials.all());
  EXPECT_EQ(server_.asked_trials.parent(), "jobs/7");
  numbers.clear();
  EXPECT_TRUE(OpenResults()->Trials(7, {.state = TrialState::kMissed, .after = 2000}, take).ok());
  EXPECT_EQ(numbers.size(), 500u);
  EXPECT_EQ(numbers.front(), 2001);
  EXPECT_EQ(server_.asked_trials.state(), v1::Trial::MISSED);
}

TEST_F(RemoteTest, AnUnknownJobIsBadInputAndItsSentenceCannotMoveTheCursor) {
  const absl::Status status = OpenResults()->Job(9).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kBadInput);
  EXPECT_EQ(status.message(), "there is no jobs/9\\x1b[2J");
}

TEST_F(RemoteTest, AsksOnlyOfUnfinishedJobsWhyNothingMoves) {
  EXPECT_EQ(OpenResults()->WhyStill({.id = 7, .state = JobState::kRunning}).value(), "no worker is connected");
  EXPECT_EQ(OpenResults()->WhyStill({.id = 7, .state = JobState::kAnswered}).value(), "");
}

TEST_F(RemoteTest, ChecksTheHashOfADataSet) {
  Store(request_.test);
  EXPECT_EQ(OpenResults()->Dataset(request_.test.sha256).value(), "test rows");
  server_.damage = true;
  EXPECT_EQ(OpenResults()->Dataset(request_.test.sha256).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RemoteTest, NamesTheColumnsOfAQueryOnce) {
  server_.query_parts.resize(3);
  server_.query_parts[0].add_columns("n");
  for (int64_t value : {1, 2}) {
    server_.query_parts[static_cast<size_t>(value)].add_rows()->add_values()->set_integer(value);
  }
  std::vector<std::vector<std::string>> headers;
  std::vector<SqlValue> values;
  const absl::Status status = OpenResults()->Query(
      "SELECT n", QueryLimits(), [&](const std::vector<std::string>& names) { headers.push_back(names); },
      [&](const std::vector<SqlValue>& row) { values.push_back(row.at(0)); });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(headers, ElementsAre(ElementsAre("n")));
  EXPECT_THAT(values, ElementsAre(SqlValue(int64_t{1}), SqlValue(int64_t{2})));
}

TEST_F(RemoteTest, ListsWorkers) {
  const absl::StatusOr<std::vector<WorkerSummary>> workers = Connect()->Workers();
  ASSERT_TRUE(workers.ok()) << workers.status();
  ASSERT_EQ(workers->size(), 1u);
  EXPECT_EQ(workers->at(0).name, "farm-1");
  EXPECT_EQ(workers->at(0).threads, 8);
}

TEST_F(RemoteTest, ForgivesAWorkerThatTheServerKnows) {
  EXPECT_TRUE(Connect()->Forgive("farm-1").ok());
  EXPECT_TRUE(absl::IsNotFound(Connect()->Forgive("farm-2")));
}

TEST_F(RemoteTest, ABackupMustBeWhole) {
  server_.backup.resize(2);
  server_.backup[0].set_size(6);
  server_.backup[0].set_data("abc");
  server_.backup[1].set_data("def");
  std::string bytes;
  const auto write = [&](std::string_view part) {
    bytes += part;
    return absl::OkStatus();
  };
  EXPECT_TRUE(Connect()->Backup(write).ok());
  EXPECT_EQ(bytes, "abcdef");
  server_.backup.pop_back();
  EXPECT_EQ(Connect()->Backup(write).code(), absl::StatusCode::kDataLoss);
  const auto fail = [](std::string_view) { return absl::ResourceExhaustedError("the disk is full"); };
  EXPECT_EQ(Connect()->Backup(fail).message(), "the disk is full");
}

// --- Watching ---

class WatchTest : public RemoteTest {
 protected:
  // The next news or error; the test's own time limit bounds the waiting.
  absl::StatusOr<JobProgress> NextNews(ProgressSource& source) {
    while (true) {
      const absl::StatusOr<std::optional<JobProgress>> news = source.Next(absl::Seconds(1));
      if (!news.ok()) return news.status();
      if (*news) return **news;
    }
  }
  void Tell(int64_t trials) {
    server_.news.clear();
    server_.news.push_back(rpc::ToProto(JobProgress{.state = JobState::kRunning, .trials = trials}));
  }
};

TEST_F(WatchTest, TellsWhereTheJobStandsAndThenWaits) {
  Tell(3);
  const std::unique_ptr<ProgressSource> source = Connect()->Watch(7);
  EXPECT_EQ(NextNews(*source)->trials, 3);
  EXPECT_EQ(source->Next(absl::Milliseconds(1)).value(), std::nullopt);
}

TEST_F(WatchTest, SurvivesARestartOfTheServer) {
  Tell(3);
  const std::unique_ptr<ProgressSource> source = Connect()->Watch(7);
  EXPECT_EQ(NextNews(*source)->trials, 3);
  server_.Stop();
  EXPECT_EQ(NextNews(*source).status().code(), absl::StatusCode::kUnavailable);
  Tell(4);
  server_.Start(server_.port());
  EXPECT_EQ(NextNews(*source)->trials, 4);
}

}  // namespace
}  // namespace minnow::client
