#include "server/log/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

#include "common/text.h"

namespace minnow::log {
namespace {

using testing::ElementsAre;

// A pipe, and a log that writes to it.
class LogTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe2(ends_, O_CLOEXEC), 0); }
  ~LogTest() override { close(ends_[0]); }

  std::unique_ptr<Log> NewLog(Level least) {
    return std::make_unique<Log>(ends_[1], least, [] { return absl::UnixEpoch(); });
  }

  // Everything up to the end, which must have been closed.
  std::vector<std::string> ReadLines() {
    std::string text;
    char buffer[4096];
    for (ssize_t size; (size = read(ends_[0], buffer, sizeof(buffer))) > 0;) text.append(buffer, size);
    std::vector<std::string> lines;
    for (const std::string_view line : Split(text, '\n')) lines.emplace_back(line);
    EXPECT_EQ(lines.back(), "");  // the last line is whole
    lines.pop_back();
    return lines;
  }

  int ends_[2];
};

TEST_F(LogTest, WritesLinesInTheOrderOfTheCalls) {
  auto log = NewLog(Level::kDebug);
  log->Write(Level::kInfo, "first", {{"job", "jobs/1"}});
  log->Write(Level::kError, "second", {});
  log.reset();
  close(ends_[1]);
  EXPECT_THAT(ReadLines(),
              ElementsAre("1970-01-01T00:00:00.000Z info first job=jobs/1", "1970-01-01T00:00:00.000Z error second"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  auto log = NewLog(Level::kWarning);
  EXPECT_FALSE(log->Wants(Level::kInfo));
  EXPECT_TRUE(log->Wants(Level::kWarning));
  log->Write(Level::kInfo, "quiet", {});
  log->Write(Level::kWarning, "loud", {});
  log.reset();
  close(ends_[1]);
  EXPECT_THAT(ReadLines(), ElementsAre("1970-01-01T00:00:00.000Z warning loud"));
}

TEST_F(LogTest, KeepsLinesOfSeveralThreadsWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 100;  // all of them fit into the pipe
  auto log = NewLog(Level::kInfo);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&log] {
      for (int line = 0; line < kLines; ++line) log->Write(Level::kInfo, "said", {{"text", std::string(50, 'x')}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  log.reset();
  close(ends_[1]);
  const std::vector<std::string> lines = ReadLines();
  EXPECT_EQ(lines.size(), size_t{kThreads * kLines});
  EXPECT_THAT(lines, testing::Each("1970-01-01T00:00:00.000Z info said text=" + std::string(50, 'x')));
}

// Nobody reads while four times as many lines are written as may wait; every line is either there or counted as lost.
TEST_F(LogTest, DoesNotWaitForAReaderAndCountsWhatIsLost) {
  constexpr int64_t kLines = 4 * kMaxWaitingLines;
  auto log = NewLog(Level::kInfo);
  for (int64_t i = 0; i < kLines; ++i) log->Write(Level::kInfo, "said", {{"number", i}});
  std::thread closer([&] {
    log.reset();
    close(ends_[1]);
  });
  const std::vector<std::string> lines = ReadLines();
  closer.join();
  const std::string lost_line = "1970-01-01T00:00:00.000Z warning lines_lost count=";
  int64_t counted = 0;
  int64_t lost = 0;
  for (const std::string& line : lines) {
    if (line.starts_with(lost_line)) {
      lost += *ParseInteger(line.substr(lost_line.size()));
    } else {
      ++counted;
    }
  }
  EXPECT_GT(lost, 0);
  EXPECT_EQ(counted + lost, kLines);
}

TEST_F(LogTest, EndsThoughNobodyReads) {
  auto log = NewLog(Level::kInfo);
  for (size_t i = 0; i < kMaxWaitingLines; ++i) log->Write(Level::kInfo, "said", {{"text", std::string(50, 'x')}});
  log.reset();
  close(ends_[1]);
}

}  // namespace
}  // namespace minnow::log
