// Data sets of many pieces on their way to the server and to workers.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include "tests/integration/service.h"
#include "tests/integration/valve.h"

namespace minnow {
namespace {

using testing::HasSubstr;

constexpr char kQuestionOfTable[] =
    "table.csv --target y --good-enough 'accuracy >= 0.99' --search random --budget-trials 10 --layers 0 --epochs 2 "
    "--splits 1";
constexpr int kColumns = 1'000;

class LargeDataTest : public ServiceTest {
 protected:
  // A row is 4 kB of prepared data.
  void WriteTable(int rows) const {
    std::string table;
    for (int column = 0; column < kColumns; ++column) table += "x" + std::to_string(column) + ",";
    table += "y\n";
    uint32_t digit = 1;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < kColumns; ++column) {
        digit = digit * 1664525 + 1013904223;
        table += static_cast<char>('0' + (digit >> 24) % 10);
        table += ',';
      }
      table += row % 2 == 0 ? "yes\n" : "no\n";
    }
    Write("table.csv", table);
  }

  // How many of the data sets in the database are whole, and have the bytes of their name.
  std::string IntactDatasets() const {
    Write("intact.py",
          "import hashlib, sqlite3\n"
          "file = sqlite3.connect('minnow.db')\n"
          "chunks = 'SELECT bytes FROM dataset_chunks WHERE sha256 = ? ORDER BY chunk'\n"
          "for (name,) in file.execute('SELECT sha256 FROM datasets').fetchall():\n"
          "    bytes = b''.join(row[0] for row in file.execute(chunks, [name]))\n"
          "    print('intact' if hashlib.sha256(bytes).hexdigest() == name else 'damaged')\n");
    return Run("python3 intact.py").out;
  }

  // Files that are neither the database nor the test's.
  std::set<std::string> Litter() const {
    static const std::set<std::string> kOwn = {"command.sh", "data",    "err.txt",   "job.txt",       "intact.py",
                                               "minnow.db",  "out.txt", "table.csv", "minnow.db-shm", "minnow.db-wal"};
    std::set<std::string> litter;
    for (const auto& entry : std::filesystem::directory_iterator(Path(""))) {
      const std::string name = entry.path().filename();
      if (!kOwn.contains(name)) litter.insert(name);
    }
    return litter;
  }
};

TEST_F(LargeDataTest, IsNeverInTheMemoryOfTheServerAsAWhole) {
  constexpr int64_t kMostBytes = int64_t{64} << 20;
  WriteTable(30'000);  // 96 MB and 24 MB
  StartServer();
  const int64_t before = server_->ResidentBytes();
  StartWorker("w1", "--threads 1 --cache cache");
  Background submit(
      Path(""), "minnow submit " + std::string(kQuestionOfTable) + " --follow --server " + address() + " >answer.txt");
  int64_t peak = 0;
  while (!submit.HasEnded()) peak = std::max(peak, server_->ResidentBytes());
  EXPECT_THAT(submit.Wait(), testing::AnyOf(0, 3, 4)) << submit.err();
  EXPECT_LT(peak, before + kMostBytes);
  EXPECT_EQ(IntactDatasets(), "intact\nintact\n");
}

// The first syncs are those of the server's start.
TEST_F(LargeDataTest, AServerThatIsKilledDuringAnUploadLeavesNothingOfIt) {
  WriteTable(5'000);  // 16 MB and 4 MB
  StartServer();
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->Wait(), 0);
  int killed = 0;
  for (int sync = 8; sync < 24; ++sync) {
    const std::string fault = "env LD_PRELOAD=" MINNOW_FAULTS " MINNOW_KILL_AT_SYNC=" + std::to_string(sync) + " ";
    StartServer("", fault);
    {
      Background submit(Path(""),
                        "minnow submit " + std::string(kQuestionOfTable) + " --server " + address() + " >job.txt");
      while (!server_->HasEnded() && !submit.HasEnded()) continue;
      if (!server_->HasEnded()) break;
    }
    ++killed;
    EXPECT_EQ(server_->Wait(), 137);
    EXPECT_EQ(Litter(), std::set<std::string>());
    StartServer();
    server_->Signal(SIGTERM);
    EXPECT_EQ(server_->Wait(), 0);
    EXPECT_THAT(IntactDatasets(), testing::AnyOf("", "intact\nintact\n")) << "with a job, or dropped at the start";
    Run("rm -f minnow.db");
    StartServer();
    server_->Signal(SIGTERM);
    EXPECT_EQ(server_->Wait(), 0);
  }
  EXPECT_GE(killed, 5);
}

TEST_F(LargeDataTest, AFullDiskIsSaidAndTheServerGoesOn) {
  WriteTable(5'000);
  StartServer("", "prlimit --fsize=8388608 ");
  const Finished submit = Minnow("submit " + std::string(kQuestionOfTable));
  EXPECT_EQ(submit.code, 1);
  EXPECT_THAT(submit.err, HasSubstr("no room for"));
  EXPECT_THAT(submit.err, HasSubstr("minnow.db"));
  EXPECT_THAT(submit.err, HasSubstr("free some space"));
  EXPECT_EQ(Litter(), std::set<std::string>());
  StartWorker("w1");
  EXPECT_EQ(Minnow("submit data/iris.csv --target species --units 1,2,3 --follow").code, 0);
}

// What the server sends has stopped in the middle of the data; what it is told arrives.
TEST_F(LargeDataTest, AWorkerThatIsToldToStopDuringAFetchHandsBackAndEnds) {
  WriteTable(5'000);
  StartServer("--lease-seconds 600");
  ASSERT_EQ(Minnow("submit " + std::string(kQuestionOfTable)).code, 0);
  Valve valve(port_, /*bytes_from_server=*/8'000'000);
  Background worker(Path(""), "minnow-worker --threads 1 --cache cache --server " + valve.address());
  ASSERT_TRUE(valve.WaitUntilShut()) << worker.err();
  const std::string leases = "sqlite3 -readonly minnow.db 'SELECT count(*) > 0 FROM leases WHERE ended = 0'";
  EXPECT_EQ(Run(leases).out, "1\n");
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(), 0) << worker.err();
  EXPECT_EQ(Run(leases).out, "0\n");
  EXPECT_EQ(Run("ls cache").out, "");
}

}  // namespace
}  // namespace minnow
