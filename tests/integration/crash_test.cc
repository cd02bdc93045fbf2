// Runs that are killed, interrupted or out of disk lose nothing and give the same answer.
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <fcntl.h>

#include "tests/integration/process.h"

namespace minnow {
namespace {

using testing::HasSubstr;

// Takes some 60 commits: a reference phase, a dozen shapes, a look.
constexpr char kRun[] = "minnow run data/iris.csv --target species --units 1,2,3 --epochs 12 --seed 3 --json";

class CrashTest : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    const Finished whole = Run(std::string(kRun) + " --db whole.db");
    ASSERT_THAT(whole.code, testing::AnyOf(0, 3)) << whole.err;
    answer_ = WithoutSeconds(whole.out);
    code_ = whole.code;
    trials_ = WithoutTimes(Run("minnow trials jobs/1 --csv --db whole.db").out);
    ASSERT_THAT(trials_, HasSubstr("jobs/1/trials/"));
  }

  // Runs the job in minnow.db to its end and compares it with the run that nothing happened to.
  void ExpectTheSameAnswer(const std::string& what) {
    const Finished resumed = Run(kRun);
    EXPECT_EQ(resumed.code, code_) << what << resumed.err;
    EXPECT_EQ(WithoutSeconds(resumed.out), answer_) << what;
    EXPECT_EQ(WithoutTimes(Run("minnow trials jobs/1 --csv").out), trials_) << what;
    EXPECT_EQ(
        Run("sqlite3 minnow.db 'PRAGMA integrity_check; SELECT count(*) FROM leases; SELECT count(*) FROM jobs'").out,
        "ok\n0\n5\n")
        << what << ": no lease is left, and of each split there is one job";
    EXPECT_FALSE(Exists("minnow.db-wal")) << "one file after a clean stop";
  }

  int code_ = 0;
  std::string answer_;
  std::string trials_;
};

TEST_F(CrashTest, KilledAtAnyCommitItGoesOnAndLosesNothing) {
  int killed = 0;
  for (int sync = 1; sync <= 48; sync += sync < 24 ? 1 : 3) {
    const std::string fault = "MINNOW_KILL_AT_SYNC=" + std::to_string(sync);
    const Finished run = RunWithFault(fault, kRun);
    killed += run.code == 137;
    const std::string stored = Exists("minnow.db") ? Run("sqlite3 minnow.db 'SELECT count(*) FROM trials'").out : "";
    ExpectTheSameAnswer(fault);
    if (!stored.empty()) {
      EXPECT_GE(std::stoi(Run("sqlite3 minnow.db 'SELECT count(*) FROM trials'").out), std::stoi(stored)) << fault;
    }
    Run("rm -f minnow.db minnow.db-wal minnow.db-shm");
  }
  EXPECT_GE(killed, 20) << "the run must have that many commits to be killed at";
}

TEST_F(CrashTest, KilledAgainAndAgainItGetsThere) {
  int kills = 0;
  while (RunWithFault("MINNOW_KILL_AT_SYNC=8", kRun).code == 137) ASSERT_LT(++kills, 200);
  EXPECT_GE(kills, 3);
  ExpectTheSameAnswer("after " + std::to_string(kills) + " kills");
}

TEST_F(CrashTest, AnyNumberOfThreadsGivesTheSameAnswer) {
  for (const char* threads : {"1", "2", "8"}) {
    const std::string db = std::string(" --db threads") + threads + ".db";
    const Finished run = Run(std::string(kRun) + " --threads " + threads + db);
    EXPECT_EQ(WithoutSeconds(run.out), answer_) << threads << run.err;
    EXPECT_EQ(WithoutTimes(Run("minnow trials jobs/1 --csv" + db).out), trials_) << threads;
  }
}

TEST_F(CrashTest, AFullDiskInMidJobKeepsWhatIsCommitted) {
  int mid_job = 0;
  for (int write : {60, 120, 200, 300}) {
    const std::string fault = "MINNOW_DISK_FULL_AT=" + std::to_string(write);
    const Finished run = RunWithFault(fault, kRun);
    if (run.code == 1) {
      ++mid_job;
      EXPECT_THAT(run.err, HasSubstr("full")) << fault;
      EXPECT_EQ(run.out, "") << fault;
    }
    ExpectTheSameAnswer(fault);
    Run("rm -f minnow.db minnow.db-wal minnow.db-shm");
  }
  EXPECT_GE(mid_job, 2);
}

TEST_F(CrashTest, AFullDiskAtTheStartIsRefused) {
  const Finished run = RunWithFault("MINNOW_DISK_FULL_AT=1", kRun);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("full"));
}

// Starts a job that has far more to do, and sends it a signal when its first results are stored.
constexpr char kInterrupted[] = R"sh(
minnow run data/digits.csv --target digit --good-enough 'accuracy >= 0.99' --search grid --seeds 100 &
until [ "$(sqlite3 -readonly minnow.db 'SELECT count(*) > 0 FROM trials' 2>/dev/null)" = 1 ];
do sleep 0.02; done
kill -$1 $!
wait $!
)sh";

TEST_F(CrashTest, AnInterruptStopsAtOnceAndTheSameCommandGoesOn) {
  Write("interrupted.sh", kInterrupted);
  for (const char* signal : {"INT", "TERM"}) {
    const Finished run = Run(std::string("bash interrupted.sh ") + signal);
    EXPECT_EQ(run.code, 130) << signal;
    EXPECT_THAT(run.err, HasSubstr("stopped: the same command goes on from here")) << signal;
    EXPECT_FALSE(Exists("minnow.db-wal")) << signal;
    EXPECT_EQ(Run("minnow jobs --json | grep -c RUNNING").out, "1\n");
    Run("rm minnow.db");
  }
}

TEST_F(CrashTest, ADatabaseThatAnotherProcessHoldsIsRefused) {
  Run(kRun);
  const int held = open(Path("minnow.db").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(flock(held, LOCK_EX | LOCK_NB), 0);
  const Finished refused = Run(kRun);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("minnow.db"));
  EXPECT_THAT(refused.err, HasSubstr("another process"));
  EXPECT_EQ(Run("minnow answer jobs/1 --json").code, code_) << "reading goes on";
  close(held);
  EXPECT_EQ(Run(kRun).code, code_);
}

}  // namespace
}  // namespace minnow
