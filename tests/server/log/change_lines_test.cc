#include "server/log/change_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include "common/text.h"

namespace minnow::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The lines of `changes`, without their times.
std::vector<std::string> LinesOf(const core::Changes& changes, Level least) {
  FILE* const file = tmpfile();
  {
    Log log(fileno(file), least);
    LogChanges(log, changes);
  }
  std::string text(static_cast<size_t>(lseek(fileno(file), 0, SEEK_END)), '\0');
  EXPECT_EQ(pread(fileno(file), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  fclose(file);
  std::vector<std::string> lines;
  for (const std::string_view line : Split(Trim(text), '\n')) {
    if (!line.empty()) lines.emplace_back(line.substr(line.find(' ') + 1));
  }
  return lines;
}

TrialRecord Trial(int64_t bundle, const std::string& worker, TrialState state) {
  TrialRecord trial{.job = 3, .entry = bundle, .worker = worker};
  trial.result.state = state;
  trial.result.epochs = 40;
  return trial;
}

TEST(ChangeLines, TellTheStoryOfJobs) {
  core::Changes changes;
  changes.events = {{1, absl::UnixEpoch(), "submitted", "157 shapes, 9 recipes"},
                    {std::nullopt, absl::UnixEpoch(), "deleted", "jobs/1 was deleted"}};
  EXPECT_THAT(LinesOf(changes, Level::kInfo), ElementsAre("info submitted job=jobs/1 text=\"157 shapes, 9 recipes\"",
                                                          "info deleted text=\"jobs/1 was deleted\""));
}

TEST(ChangeLines, WarnOfFailuresAndMismatches) {
  core::Changes changes;
  changes.events = {{1, absl::UnixEpoch(), "failure", "no data"}, {1, absl::UnixEpoch(), "mismatch", "ant differs"}};
  EXPECT_THAT(LinesOf(changes, Level::kWarning), ElementsAre("warning failure job=jobs/1 text=\"no data\"",
                                                             "warning mismatch job=jobs/1 text=\"ant differs\""));
}

TEST(ChangeLines, NameWorkersThatCome) {
  core::Changes changes;
  changes.workers = {{{"my ant", "s1"}, 4, "avx2", absl::UnixEpoch()}};
  EXPECT_THAT(LinesOf(changes, Level::kInfo),
              ElementsAre("info registered worker=\"my ant\" threads=4 processor=avx2"));
}

TEST(ChangeLines, FollowEveryLease) {
  core::Changes changes;
  changes.leases = {{7, 3, 5, 2, 1, "ant", absl::UnixEpoch()}, {8, 3, -1, 0, 2, "bee", absl::UnixEpoch(), true}};
  changes.deleted_leases = {6};
  EXPECT_THAT(LinesOf(changes, Level::kDebug),
              ElementsAre("debug leased lease=7 job=jobs/3 bundle=5 slice=2 attempt=1 worker=ant",
                          "debug lease_ended lease=8 job=jobs/3 work=prediction attempt=2 worker=bee",
                          "debug lease_closed lease=6"));
  EXPECT_THAT(LinesOf(changes, Level::kInfo), IsEmpty());
}

TEST(ChangeLines, AddUpWhatEachWorkerReportsOfABundle) {
  core::Changes changes;
  changes.trials = {Trial(5, "ant", TrialState::kMissed), Trial(5, "ant", TrialState::kPassed),
                    Trial(5, "bee", TrialState::kMissed), Trial(6, "ant", TrialState::kMissed)};
  EXPECT_THAT(LinesOf(changes, Level::kDebug),
              ElementsAre("debug reported job=jobs/3 bundle=5 worker=ant trials=2 passed=1 epochs=80",
                          "debug reported job=jobs/3 bundle=5 worker=bee trials=1 passed=0 epochs=40",
                          "debug reported job=jobs/3 bundle=6 worker=ant trials=1 passed=0 epochs=40"));
}

}  // namespace
}  // namespace minnow::log
