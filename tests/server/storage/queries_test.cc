#include "server/storage/queries.h"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "server/storage/sqlite_store.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/snapshot_text.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReaderTest : public testing::Test {
 protected:
  // Job 1: [] missed, [2] passed twice; [1] was never tried.
  void SetUp() override {
    sketch_ = {.job = SmallJob(1), .shapes = {{}, {1}, {2}, {3}}, .trials = {}};
    sketch_.trials = {{.shape = 0, .state = TrialState::kMissed, .best_score = 0.5},
                      {.shape = 2, .state = TrialState::kPassed, .best_score = 0.92},
                      {.shape = 2, .state = TrialState::kPassed, .best_score = 0.95}};
    sketch_.trials[2].evidence = false;
  }

  void Write(const core::Changes& changes) {
    auto store = OpenSqliteStore(path_);
    const absl::Status status = (*store)->Commit(changes);
    ASSERT_TRUE(status.ok()) << status.message();
    store->reset();
    reader_ = *OpenResults(path_);
  }

  std::vector<int64_t> Numbers(const TrialFilter& filter) {
    std::vector<int64_t> numbers;
    EXPECT_TRUE(reader_->Trials(1, filter, [&](const TrialRow& row) { numbers.push_back(row.trial.number); }).ok());
    return numbers;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("minnow.db");
  JobSketch sketch_;
  std::unique_ptr<Results> reader_;
};

std::vector<std::string> HiddenOf(const std::vector<VerdictRow>& rows) {
  std::vector<std::string> hidden;
  for (const VerdictRow& row : rows) hidden.push_back(HiddenText(row.shape.hidden));
  return hidden;
}

TEST_F(ReaderTest, SaysWhatIsWrongWithAFile) {
  EXPECT_TRUE(absl::IsNotFound(OpenResults(path_).status()));
  WriteBytes(path_, "");
  EXPECT_THAT(std::string(OpenResults(path_).status().message()), HasSubstr("is empty: no job was started in it yet"));
  WriteBytes(path_, "a,b\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenResults(path_).status()));
  EXPECT_EQ(ReadBytes(path_), "a,b\n");
}

TEST_F(ReaderTest, RefusesANewerSchema) {
  Write(Drawn(sketch_));
  reader_.reset();
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("UPDATE meta SET schema_version = schema_version + 1");
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenResults(path_).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSqliteStore(path_).status()));
}

TEST_F(ReaderTest, LeavesNothingBeside) {
  Write(Drawn(sketch_));
  EXPECT_TRUE(reader_->Job(1).ok());
  EXPECT_THAT(folder_.Names(), ElementsAre("minnow.db"));
}

// Whether somebody who may write nothing there can read job 1.
bool IsReadableWhereNothingCanBeWritten(const TemporaryFolder& folder, const std::string& path) {
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) _exit(2);
    const auto reader = OpenResults(path);
    _exit(reader.ok() && (*reader)->Job(1).ok() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  return WEXITSTATUS(status) == 0;
}

TEST_F(ReaderTest, NeedsNoFolderThatCanBeWritten) {
  Write(Drawn(sketch_));
  reader_.reset();
  EXPECT_TRUE(IsReadableWhereNothingCanBeWritten(folder_, path_));
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA journal_mode = WAL");  // as a copy of a file in use is
  ASSERT_THAT(folder_.Names(), ElementsAre("minnow.db"));
  EXPECT_TRUE(IsReadableWhereNothingCanBeWritten(folder_, path_));
}

TEST_F(ReaderTest, CountsTheTrialsOfAJob) {
  Write(Drawn(sketch_));
  const absl::StatusOr<JobSummary> job = reader_->Job(1);
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(TextOf(job->record), TextOf(sketch_.job));
  EXPECT_EQ(job->trials, 2);
  EXPECT_EQ(job->epochs, 20);
  EXPECT_EQ(job->trained_beside, 1);
}

TEST_F(ReaderTest, NamesAJobThatIsNotThere) {
  Write(Drawn(sketch_));
  const absl::Status status = reader_->Job(7).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(std::string(status.message()),
            "no job 7 in " + path_ + ": `minnow jobs --db " + path_ + "` lists what is there");
  EXPECT_EQ(reader_->Answer(7).status(), status);
  EXPECT_EQ(reader_->Shapes(7).status(), status);
  EXPECT_EQ(reader_->Events(7).status(), status);
  EXPECT_EQ(reader_->Trials(7, {}, [](const TrialRow&) {}), status);
}

TEST_F(ReaderTest, FindsJobsByStateAndLabel) {
  core::Changes changes = Drawn(sketch_);
  changes.jobs.push_back(SmallJob(2));
  changes.jobs[1].state = JobState::kAnswered;
  changes.jobs[1].spec.label = "paper";
  Write(changes);
  EXPECT_EQ(reader_->Jobs(std::nullopt, "")->size(), 2u);
  EXPECT_EQ(reader_->Jobs(JobState::kAnswered, "")->at(0).record.id, 2);
  EXPECT_EQ(reader_->Jobs(std::nullopt, "paper")->at(0).record.id, 2);
  EXPECT_THAT(*reader_->Jobs(JobState::kRunning, "paper"), IsEmpty());
}

TEST_F(ReaderTest, TellsTheStoryOfAJob) {
  core::Changes changes = Drawn(sketch_);
  changes.events = {{1, absl::FromUnixSeconds(5), "submitted", "4 shapes"},
                    {std::nullopt, absl::FromUnixSeconds(6), "started", "not of a job"},
                    {1, absl::FromUnixSeconds(7), "finished", "done"}};
  Write(changes);
  const auto events = reader_->Events(1);
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ(events->at(0).text, "4 shapes");
  EXPECT_EQ(events->at(1).kind, "finished");
  EXPECT_EQ(events->at(1).time, absl::FromUnixSeconds(7));
}

TEST_F(ReaderTest, ListsTrialsThatCountUnlessAskedForAll) {
  Write(Drawn(sketch_));
  EXPECT_THAT(Numbers({}), ElementsAre(1, 2));
  EXPECT_THAT(Numbers({.all = true}), ElementsAre(1, 2, 3));
  EXPECT_THAT(Numbers({.state = TrialState::kPassed, .all = true}), ElementsAre(2, 3));
  EXPECT_THAT(Numbers({.limit = 1}), ElementsAre(1));
}

TEST_F(ReaderTest, GoesOnWithTrialsAfterANumber) {
  Write(Drawn(sketch_));
  EXPECT_THAT(Numbers({.limit = 1, .after = 1}), ElementsAre(2));
  EXPECT_THAT(Numbers({.all = true, .after = 1}), ElementsAre(2, 3));
  EXPECT_THAT(Numbers({.all = true, .after = 3}), IsEmpty());
}

TEST_F(ReaderTest, SaysWhyAJobDoesNotMove) {
  Write(Drawn(sketch_));
  JobRecord job = sketch_.job;
  EXPECT_THAT(*reader_->WhyStill(job), HasSubstr("no process works on it"));
  job.state = JobState::kPaused;
  EXPECT_EQ(*reader_->WhyStill(job), "It is paused: `minnow resume jobs/1` goes on.");
  job.state = JobState::kAnswered;
  EXPECT_EQ(*reader_->WhyStill(job), "");
  job.characterising = true;
  EXPECT_THAT(*reader_->WhyStill(job), HasSubstr("no process works on it"));
  job.state = JobState::kRunning;
  const auto store = OpenSqliteStore(path_);
  EXPECT_EQ(*reader_->WhyStill(job), "");
  job.state = JobState::kQueued;
  job.parent = 1;
  EXPECT_THAT(*reader_->WhyStill(job), HasSubstr("another split of the rows of jobs/1: these are searched one after"));
}

TEST_F(ReaderTest, GivesATrialBackWithScoresAndWeights) {
  core::Changes changes = Drawn(sketch_);
  changes.trials[1].result.weights = {1, 2, 3};
  changes.trials[1].result.pass_epoch = 9;
  changes.trials[1].result.would_stop_epoch = 3;
  changes.trials[1].result.standard_error = 0.125;
  changes.trials[1].audited = true;
  Write(changes);
  const absl::StatusOr<TrialRow> row = reader_->Trial(1, 2);
  ASSERT_TRUE(row.ok()) << row.status().message();
  EXPECT_TRUE(row->evidence);
  const TrialRecord& trial = row->trial;
  EXPECT_EQ(trial.shape, SmallShape({2}));
  EXPECT_EQ(trial.spec, changes.trials[1].spec);
  EXPECT_EQ(trial.result.scores, changes.trials[1].result.scores);
  EXPECT_EQ(trial.result.weights, changes.trials[1].result.weights);
  EXPECT_EQ(trial.result.pass_epoch, 9);
  EXPECT_EQ(trial.result.would_stop_epoch, 3);
  EXPECT_EQ(trial.result.standard_error, 0.125);
  EXPECT_TRUE(trial.audited);
  EXPECT_EQ(trial.result.weights_sha256, "weights 2");
  EXPECT_EQ(trial.worker, "ant");
  EXPECT_EQ(trial.finished, changes.trials[1].finished);
  EXPECT_TRUE(absl::IsNotFound(reader_->Trial(1, 9).status()));
}

TEST_F(ReaderTest, WithoutAnAnswerTheReportIsOverAllShapes) {
  core::Changes changes = Drawn(sketch_);
  changes.shapes[0].second.evidence.verdict = Verdict::kNotGoodEnough;
  changes.shapes[0].second.because = "convex";
  Write(changes);
  const absl::StatusOr<AnswerReport> report = reader_->Answer(1);
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->trial.has_value());
  EXPECT_EQ(report->shapes, 4);
  EXPECT_THAT(HiddenOf(report->certificate), ElementsAre("[]", "[2]"));
  EXPECT_THAT(HiddenOf(report->undecided), ElementsAre("[1]", "[3]"));
  EXPECT_EQ(report->certificate[0].because, "convex");
  EXPECT_EQ(report->certificate[0].best_score, 0.5);
  EXPECT_EQ(report->undecided[0].best_score, std::nullopt);
}

TEST_F(ReaderTest, WithAnAnswerTheCertificateIsOverTheSmallerShapes) {
  sketch_.job.state = JobState::kAnswered;
  sketch_.job.answer = minnow::Answer{SmallShape({2}), 2, false};
  core::Changes changes = Drawn(sketch_);
  for (int shape : {0, 1}) changes.shapes[shape].second.evidence.verdict = Verdict::kNotGoodEnough;
  for (int look : {1, 2}) {
    changes.looks.push_back({.job = 1,
                             .look = look,
                             .marker = {.shape = 2, .trial = look + 1, .score = 0.8, .level = 0.975},
                             .grade = "missed"});
  }
  Write(changes);
  const absl::StatusOr<AnswerReport> report = reader_->Answer(1);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->trial->number, 2);
  EXPECT_THAT(report->trial->result.weights, IsEmpty());
  EXPECT_EQ(report->looks.size(), 2u);
  EXPECT_EQ(report->look->look, 1);
  EXPECT_THAT(HiddenOf(report->certificate), ElementsAre("[]", "[1]"));
  EXPECT_THAT(report->undecided, IsEmpty());
}

TEST_F(ReaderTest, SmallerIsWhatTheQuestionOrdersBy) {
  // [2,2] has 19 parameters and 14 multiplications, [3] has 19 and 15.
  sketch_.shapes = {{2, 2}, {3}};
  sketch_.trials = {{.shape = 1, .state = TrialState::kPassed, .best_score = 0.92}};
  sketch_.job.answer = minnow::Answer{SmallShape({3}), 1, true};
  core::Changes changes = Drawn(sketch_);
  Write(changes);
  EXPECT_THAT(reader_->Answer(1)->undecided, IsEmpty());
  reader_.reset();
  changes.jobs[0].spec.order_by = SizeMeasure::kMultiplyAdds;
  changes.datasets = {};
  core::Changes job;
  job.jobs = changes.jobs;
  Write(job);
  EXPECT_THAT(HiddenOf(reader_->Answer(1)->undecided), ElementsAre("[2,2]"));
}

TEST_F(ReaderTest, SumsWhatTheAuditedTrialsShow) {
  core::Changes changes = Drawn(sketch_);
  for (const auto& [shape, counts] :
       {std::pair(0, std::array{9, 6, 3, 2, 1}), std::pair(2, std::array{8, 8, 4, 3, 0})}) {
    search::ShapeEvidence& evidence = changes.shapes[shape].second.evidence;
    evidence.tries = counts[0];
    evidence.finished = counts[1];
    evidence.audited = counts[2];
    evidence.would_have_stopped = counts[3];
    evidence.audit_passes = counts[4];
  }
  Write(changes);
  EXPECT_FALSE(reader_->Answer(1)->early_stop_audit.has_value());  // nothing was to be stopped
  EXPECT_EQ(reader_->Shapes(1)->at(0).finished, 6);
  EXPECT_EQ(reader_->Shapes(1)->at(2).audited, 4);
  reader_.reset();
  core::Changes job;
  job.jobs = changes.jobs;
  job.jobs[0].spec.early_stop = true;
  Write(job);
  const EarlyStopAudit audit = *reader_->Answer(1)->early_stop_audit;
  EXPECT_EQ(audit.audited, 7);
  EXPECT_EQ(audit.would_have_stopped, 5);
  EXPECT_EQ(audit.passed, 1);
  reader_.reset();
  job.jobs[0].spec.search = SearchKind::kGrid;
  Write(job);
  EXPECT_FALSE(reader_->Answer(1)->early_stop_audit.has_value());
}

TEST_F(ReaderTest, ListsWhatOtherSplitsAnswerBySeed) {
  core::Changes changes = Drawn(sketch_);
  const std::vector<uint64_t> seeds = {~uint64_t{0}, 3, 2};
  for (size_t i = 0; i < seeds.size(); ++i) {
    JobRecord& split = changes.jobs.emplace_back(SmallJob(static_cast<int64_t>(i) + 2));
    split.parent = 1;
    split.split_seed = seeds[i];
  }
  changes.jobs[2].state = JobState::kAnswered;
  changes.jobs[2].answer = minnow::Answer{SmallShape({2}), 1, std::nullopt};
  Write(changes);
  const std::vector<SplitAnswer> splits = reader_->Answer(1)->splits;
  ASSERT_EQ(splits.size(), 3u);
  EXPECT_EQ(splits[0].job, 4);
  EXPECT_EQ(splits[0].shape, std::nullopt);
  EXPECT_EQ(splits[1].split_seed, 3u);
  EXPECT_EQ(splits[1].state, JobState::kAnswered);
  EXPECT_EQ(splits[1].shape, SmallShape({2}));
  EXPECT_EQ(splits[2].split_seed, ~uint64_t{0});
  EXPECT_EQ(reader_->Jobs(std::nullopt, "")->at(1).record.parent, 1);
}

TEST_F(ReaderTest, FindsDataAndItsPreparation) {
  Write(Drawn(sketch_));
  EXPECT_EQ(*reader_->PreparationOf(1), "{}");
  EXPECT_TRUE(*reader_->Dataset(sketch_.job.test_sha256) == data::EncodePart(SmallTestPart()));
  EXPECT_TRUE(absl::IsNotFound(reader_->PreparationOf(2).status()));
}

TEST_F(ReaderTest, ReadsForAsLongAsItMay) {
  Write(Drawn(sketch_));
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec(
          "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
          " INSERT INTO events (job, event_time, kind, text) SELECT 1, '2026-01-01T00:00:00Z', 'x', 'y' FROM n");
  const absl::Status cut = (*OpenResults(path_, /*max_seconds=*/0))->Events(1).status();
  EXPECT_TRUE(absl::IsResourceExhausted(cut)) << cut;
  EXPECT_THAT(std::string(cut.message()), HasSubstr("longer than it may"));
  EXPECT_TRUE((*OpenResults(path_, /*max_seconds=*/3600))->Events(1).ok());
  EXPECT_TRUE(reader_->Events(1).ok());
}

}  // namespace
}  // namespace minnow::storage
