// A server whose machine, disk or file fails it: nothing that was acknowledged is lost, and what is wrong is said.
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/integration/service.h"

namespace minnow {
namespace {

using testing::HasSubstr;

class HardshipTest : public ServiceTest {
 protected:
  // A server that has answered a small question, and has stopped.
  void AnswerAndStop() {
    StartServer();
    StartWorker("w1");
    ASSERT_THAT(Minnow("submit data/iris.csv --target species --units 1,2,3 --follow --json").code,
                testing::AnyOf(0, 3));
    workers_.clear();
    server_->Signal(SIGTERM);
    ASSERT_EQ(server_->Wait(), 0);
  }

  // What a server says to the file; it must not have changed it.
  std::string Refusal(const std::string& bytes) {
    Write("minnow.db", bytes);
    const Finished run = Run("timeout 10 minnow-server --db minnow.db --listen 127.0.0.1:0 --http 127.0.0.1:0");
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_TRUE(Read("minnow.db") == bytes) << "it is left as it is: " << run.err;
    EXPECT_THAT(Run("minnow run data/iris.csv --target species --units 1,2,3").code, 2);
    EXPECT_TRUE(Read("minnow.db") == bytes);
    return run.err;
  }
};

TEST_F(HardshipTest, AFewRoundsOfChaosLoseNothing) {
  const Finished run = Run("python3 " MINNOW_SOURCE_DIR "/bench/chaos/run.py --rounds 3 --json");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\"lost\": 0"));
  EXPECT_THAT(run.out, HasSubstr("kill"));
}

TEST_F(HardshipTest, AServerThatWasStoppedForAWhileGoesOn) {
  StartServer("--lease-seconds 1");
  StartWorker("w1");
  StartWorker("w2");
  EXPECT_EQ(Minnow("submit " + std::string(kQuestion)).out, "jobs/1\n");
  WaitForResults();
  server_->Signal(SIGSTOP);
  const Truth truth = RunAlone(kQuestion);  // which takes longer than a lease
  server_->Signal(SIGCONT);
  EXPECT_EQ(Minnow("watch jobs/1").code, 0);
  ExpectTheSame(truth, Minnow("answer jobs/1 --json"));
}

TEST_F(HardshipTest, AFloodOfConnectionsShutsNobodyOutForGood) {
  server_ = std::make_unique<Background>(
      Path(""), "bash -c 'ulimit -n 80; exec minnow-server --db minnow.db --listen 127.0.0.1:0 --http 127.0.0.1:0'");
  port_ = server_->WaitFor("address=127\\.0\\.0\\.1:(\\d+)");
  {
    const Background flood(
        Path(""), "python3 -c 'import socket, signal; calls = [socket.create_connection((\"127.0.0.1\", " + port_ +
                      ")) for _ in range(150)]; signal.pause()'");
    server_->WaitFor("(connection_refused)");
  }
  const Finished jobs = Minnow("jobs");
  EXPECT_EQ(jobs.code, 0) << jobs.err;
}

// Holds the write lock of the database until the file `release` is there.
constexpr char kHolder[] = R"py(
import os, sqlite3, sys, time
database = sqlite3.connect("minnow.db", isolation_level=None, timeout=30)
database.execute("BEGIN IMMEDIATE")
print("held", file=sys.stderr, flush=True)
while not os.path.exists("release"):
    time.sleep(0.02)
database.execute("ROLLBACK")
)py";

TEST_F(HardshipTest, ALockedDatabaseIsSaidAndLosesNothing) {
  const Truth truth = RunAlone(kQuestion);
  StartServer("--lease-seconds 30");
  StartWorker("w1");
  EXPECT_EQ(Minnow("submit " + std::string(kQuestion)).out, "jobs/1\n");
  WaitForResults();
  Write("hold.py", kHolder);
  Background holder(Path(""), "python3 hold.py");
  holder.WaitFor("(held)");
  server_->WaitFor("commit_failed text=\"(.*)\"");
  EXPECT_THAT(server_->err(), HasSubstr("another program keeps it locked"));
  EXPECT_EQ(Run("curl -s -o /dev/null -w %{http_code} " + http() + "/healthz").out, "503");
  Write("release", "");
  EXPECT_EQ(holder.Wait(), 0);
  EXPECT_EQ(Minnow("watch jobs/1").code, 0);
  ExpectTheSame(truth, Minnow("answer jobs/1 --json"));
}

TEST_F(HardshipTest, ASmallFileSystemThatIsFullIsSaidAndLosesNothing) {
  ASSERT_EQ(mkdir(Path("small").c_str(), 0700), 0);
  if (mount("none", Path("small").c_str(), "tmpfs", 0, "size=12m") != 0) {
    GTEST_SKIP() << "mounting takes root; full_disk_test and crash_test fill a disk otherwise";
  }
  const Truth truth = RunAlone(kQuestion);
  Run("bash -c 'ln -s small/minnow.db minnow.db; head -c 11000000 /dev/zero > small/ballast'");
  const Finished no_room = Run("timeout 10 minnow-server --db small/minnow.db --listen 127.0.0.1:0 --http 127.0.0.1:0");
  EXPECT_THAT(no_room.code, testing::AnyOf(2, 124)) << no_room.err;
  Run("rm -f small/ballast");
  StartServer();
  EXPECT_EQ(Minnow("submit " + std::string(kQuestion)).out, "jobs/1\n");
  Run("bash -c 'cat /dev/zero > small/ballast'");
  StartWorker("w1");
  server_->WaitFor("(commit_failed|full|free)");
  Run("rm -f small/ballast");
  EXPECT_EQ(Minnow("watch jobs/1").code, 0);
  ExpectTheSame(truth, Minnow("answer jobs/1 --json"));
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->Wait(), 0);
  EXPECT_EQ(Run("sqlite3 small/minnow.db 'PRAGMA integrity_check'").out, "ok\n");
  umount2(Path("small").c_str(), MNT_DETACH);
}

TEST_F(HardshipTest, ADamagedFileIsRefusedAndLeftAsItIs) {
  AnswerAndStop();
  const std::string whole = Read("minnow.db");
  ASSERT_GT(whole.size(), size_t{50} * 4096);
  const auto with = [&](size_t begin, size_t end) {
    std::string bytes = whole;
    for (size_t i = begin; i < end; ++i) bytes[i] = static_cast<char>(~bytes[i]);
    return bytes;
  };
  EXPECT_THAT(Refusal(with(0, 16)), HasSubstr("minnow.db is not a Minnow database")) << "the header";
  EXPECT_THAT(Refusal(with(16, 18)), HasSubstr("minnow.db")) << "the size of a page";
  EXPECT_THAT(Refusal(with(100, 4096)), HasSubstr("minnow.db is damaged")) << "the schema";
  EXPECT_THAT(Refusal(whole.substr(0, whole.size() / 2)), HasSubstr("minnow.db is damaged")) << "cut off";
  EXPECT_THAT(Refusal(whole.substr(0, 5000)), HasSubstr("minnow.db is damaged"));
  Write("minnow.db", whole);
  StartServer();
  EXPECT_THAT(Minnow("answer jobs/1 --json").code, testing::AnyOf(0, 3)) << "the file itself is well";
}

}  // namespace
}  // namespace minnow
