#include "client/follow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <deque>
#include <sstream>

namespace minnow::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using News = absl::StatusOr<std::optional<JobProgress>>;

JobProgress In(JobState state, int64_t trials = 0) {
  JobProgress progress;
  progress.state = state;
  progress.over = IsFinal(state);
  progress.trials = progress.trials_reported = trials;
  progress.shapes = progress.shapes_open = 157;
  return progress;
}

// Tells what was written down for it, then nothing more. Each call takes a minute.
class ScriptedSource : public ProgressSource {
 public:
  explicit ScriptedSource(std::deque<News> news) : news_(std::move(news)) {}

  News Next(absl::Duration) override {
    now_ += absl::Minutes(1);
    if (news_.empty()) {
      raise(SIGINT);
      return std::nullopt;
    }
    News news = std::move(news_.front());
    news_.pop_front();
    return news;
  }

  std::deque<News> news_;
  absl::Time now_ = absl::UnixEpoch();
};

class FollowTest : public ::testing::Test {
 protected:
  News FollowTo(std::deque<News> news, absl::Duration longest_outage = absl::ZeroDuration()) {
    ScriptedSource source(std::move(news));
    const InterruptGuard guard;
    return Follow(source, {.display = {}, .longest_outage = longest_outage, .clock = [&] { return source.now_; }},
                  guard, console_);
  }

  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{.out = out_, .err = err_};
};

TEST_F(FollowTest, EndsWithTheJob) {
  const News ended = FollowTo({In(JobState::kRunning, 3), std::nullopt, In(JobState::kAnswered, 9)});
  ASSERT_TRUE(ended.ok() && ended->has_value());
  EXPECT_EQ((*ended)->state, JobState::kAnswered);
  EXPECT_EQ(err_.str(),
            "searching, 157 of 157 shapes open, 3 trials, 1 min 0 s\n"
            "searching, 157 of 157 shapes open, 3 trials, 2 min 0 s\n"
            "ANSWERED, 9 trials, 3 min 0 s\n");
}

TEST_F(FollowTest, WaitsForWhatIsAddedToAnAnswer) {
  JobProgress adding = In(JobState::kAnswered, 9);
  adding.over = false;
  adding.adding = Phase::kPassRate;
  const News ended = FollowTo({adding, In(JobState::kAnswered, 9)});
  ASSERT_TRUE(ended.ok() && ended->has_value());
  EXPECT_EQ(err_.str(),
            "ANSWERED, now how often its recipe passes, 9 trials, 1 min 0 s\n"
            "ANSWERED, 9 trials, 2 min 0 s\n");
}

TEST_F(FollowTest, AnInterruptEndsItWithoutAResult) {
  EXPECT_EQ(FollowTo({In(JobState::kRunning)}).value(), std::nullopt);
}

TEST_F(FollowTest, AnErrorEndsItAtOnce) {
  EXPECT_EQ(FollowTo({In(JobState::kRunning), absl::UnavailableError("the disk is full")}).status().message(),
            "the disk is full");
  EXPECT_EQ(FollowTo({absl::NotFoundError("no such job")}, absl::Hours(1)).status().message(), "no such job");
}

TEST_F(FollowTest, SaysThatTheJobWasDeletedMeanwhile) {
  const absl::Status deleted =
      FollowTo({In(JobState::kRunning), absl::NotFoundError("there is no jobs/11")}, absl::Hours(1)).status();
  EXPECT_THAT(std::string(deleted.message()), HasSubstr("was deleted meanwhile: there is no jobs/11"));
  EXPECT_EQ(ExitCodeOf(deleted), ExitCode::kFailed) << "the person asked for a job that was there";
}

TEST_F(FollowTest, WaitsForASourceThatComesBackAndSaysSoOnce) {
  const News ended = FollowTo({In(JobState::kRunning), absl::UnavailableError("no server answers"),
                               absl::UnavailableError("no server answers"), std::nullopt, In(JobState::kAnswered)},
                              absl::Hours(1));
  ASSERT_TRUE(ended.ok() && ended->has_value());
  EXPECT_THAT(err_.str(), HasSubstr("\nno server answers (trying again until it answers)\n"));
  EXPECT_THAT(err_.str(), HasSubstr("the server answers again\nANSWERED"));
  EXPECT_EQ(err_.str().find("no server"), err_.str().rfind("no server"));
}

TEST_F(FollowTest, GivesUpOnASourceThatStaysAway) {
  std::deque<News> news(10, std::nullopt);
  news.push_front(absl::UnavailableError("no server answers"));
  EXPECT_EQ(FollowTo(std::move(news), absl::Minutes(5)).status().message(), "no server answers");
}

}  // namespace
}  // namespace minnow::client
