// Workers come and go while jobs run.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/integration/service.h"

namespace minnow {
namespace {

// Slices that nobody lives to see the end of.
constexpr char kEndless[] =
    "data/digits.csv --target digit --good-enough 'accuracy >= 0.99' --search grid --early-stop off --layers 1 "
    "--units 64 --epochs 100000";

class ElasticTest : public ServiceTest {
 protected:
  // Leases last longer than the test, so they end only when they are handed back.
  void TrainForever() {
    StartServer("--lease-seconds 600");
    StartWorker("w1").WaitFor("(connected)");
    EXPECT_EQ(Minnow("submit " + std::string(kEndless)).out, "jobs/1\n");
    Run("bash -c 'until [ \"$(sqlite3 -readonly minnow.db \"SELECT count(*) > 0 FROM leases\" 2>/dev/null)\" = 1 ]; do "
        "sleep 0.02; done'");
  }

  // In the hands of workers. What was handed back has ended, and its result would still be welcome.
  std::string Leases() const {
    return Run("sqlite3 -readonly minnow.db 'SELECT count(*) FROM leases WHERE ended = 0'").out;
  }
};

TEST_F(ElasticTest, AWorkerThatIsToldToStopHandsALongSliceBack) {
  TrainForever();
  EXPECT_NE(Leases(), "0\n");
  workers_[0]->Signal(SIGTERM);
  EXPECT_EQ(workers_[0]->Wait(), 0);
  EXPECT_EQ(Leases(), "0\n");
}

TEST_F(ElasticTest, AWorkerStopsThoughItsServerDoesNotAnswer) {
  TrainForever();
  server_->Signal(SIGSTOP);
  workers_[0]->Signal(SIGTERM);
  EXPECT_EQ(workers_[0]->Wait(), 0);
  server_->Signal(SIGCONT);
}

TEST_F(ElasticTest, WorkersThatJoinAndLeaveChangeNothing) {
  const Truth truth = RunAlone(kQuestion);
  StartServer("--lease-seconds 600");
  StartWorker("w1");
  EXPECT_EQ(Minnow("submit " + std::string(kQuestion)).out, "jobs/1\n");
  WaitForResults();
  for (int i = 2; i <= 5; ++i) {
    StartWorker("w" + std::to_string(i)).WaitFor("(connected)");
    workers_[i - 2]->Signal(SIGTERM);
    EXPECT_EQ(workers_[i - 2]->Wait(), 0);
  }
  EXPECT_EQ(Minnow("watch jobs/1").code, 0);
  ExpectTheSame(truth, Minnow("answer jobs/1 --json"));
}

}  // namespace
}  // namespace minnow
