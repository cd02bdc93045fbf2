// The service with real processes: the answer is that of `minnow run`, whatever happens to servers and workers.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/integration/service.h"

namespace minnow {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

TEST_F(ServiceTest, AnyNumberOfWorkersGivesTheAnswerOfRun) {
  const Truth truth = RunAlone(kQuestion);
  for (int workers : {1, 3}) {
    Run("rm -f minnow.db");
    StartServer();
    for (int w = 1; w <= workers; ++w) StartWorker("w" + std::to_string(w));
    ExpectTheSame(truth, Minnow("submit " + std::string(kQuestion) + " --follow --json"));
    workers_.clear();
    server_->Signal(SIGTERM);
    EXPECT_EQ(server_->Wait(), 0) << server_->err();
    EXPECT_FALSE(Exists("minnow.db-wal")) << "one file after a clean stop";
  }
}

TEST_F(ServiceTest, KilledWorkersAndServersCostOnlyTime) {
  const Truth truth = RunAlone(kQuestion);
  StartServer("--lease-seconds 2");
  StartWorker("w1");
  StartWorker("w2");
  EXPECT_EQ(Minnow("submit " + std::string(kQuestion)).out, "jobs/1\n");
  WaitForResults();
  workers_[0]->Signal(SIGKILL);
  workers_[0]->Wait();
  server_->Signal(SIGKILL);
  server_->Wait();
  StartServer("--lease-seconds 2");
  StartWorker("w3");
  const Finished watched = Minnow("watch jobs/1");
  EXPECT_EQ(watched.code, 0) << watched.err;
  Finished answer = Minnow("answer jobs/1 --json");
  ExpectTheSame(truth, answer);
  EXPECT_THAT(workers_[1]->err(), HasSubstr("again")) << "the worker that lived said that the server was away";
}

TEST_F(ServiceTest, AStoppedWorkerDoesNotHoldUpTheJob) {
  const Truth truth = RunAlone(kQuestion);
  StartServer("--lease-seconds 60");
  StartWorker("stopped");
  EXPECT_EQ(Minnow("submit " + std::string(kQuestion)).out, "jobs/1\n");
  WaitForResults();
  workers_[0]->Signal(SIGSTOP);
  StartWorker("other");
  EXPECT_EQ(Minnow("watch jobs/1").code, 0);
  ExpectTheSame(truth, Minnow("answer jobs/1 --json"));
  EXPECT_GE(Metric("minnow_hedges_total"), 1);
  EXPECT_EQ(Metric("minnow_leases_expired_total"), 0) << "hedged before the lease ended";
  workers_[0]->Signal(SIGCONT);
  workers_[0]->Signal(SIGTERM);
  EXPECT_EQ(workers_[0]->Wait(), 0) << workers_[0]->err();
}

TEST_F(ServiceTest, AWorkerUnderTheSameNameTakesItOver) {
  StartServer();
  Background& first = StartWorker("rack3");
  first.WaitFor("connected");
  Background& second = StartWorker("rack3");
  second.WaitFor("connected");
  EXPECT_EQ(first.Wait(), 1);
  EXPECT_THAT(first.err(), HasSubstr("rack3"));
  EXPECT_THAT(Minnow("workers").out, HasSubstr("rack3"));
  second.Signal(SIGTERM);
  EXPECT_EQ(second.Wait(), 0);
}

TEST_F(ServiceTest, AWorkerWaitsForItsServer) {
  StartServer();
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->Wait(), 0);
  Background& worker = StartWorker("early");
  worker.WaitFor("trying again");
  StartServer();
  worker.WaitFor("connected");
}

TEST_F(ServiceTest, SaysWhyNothingMoves) {
  StartServer();
  ASSERT_EQ(Minnow("submit data/iris.csv --target species --name patient").out, "jobs/1\n");
  EXPECT_THAT(Minnow("show jobs/1").out, HasSubstr("no worker is connected"));
  EXPECT_EQ(Minnow("pause jobs/1").code, 0);
  EXPECT_THAT(Minnow("show jobs/1").out, HasSubstr("minnow resume jobs/1"));
  EXPECT_THAT(Minnow("answer jobs/1").err, HasSubstr("PAUSED"));
  EXPECT_EQ(Minnow("resume jobs/1").code, 0);
  EXPECT_EQ(Minnow("cancel jobs/1").code, 0);
  EXPECT_THAT(Minnow("jobs --state CANCELLED").out, HasSubstr("patient"));
  EXPECT_EQ(Minnow("delete jobs/1").code, 2) << "there is nobody to ask";
  EXPECT_EQ(Minnow("delete jobs/1 --yes").code, 0);
  EXPECT_EQ(Minnow("show jobs/1").code, 2);
  EXPECT_EQ(Run("sqlite3 -readonly minnow.db 'SELECT count(*) FROM datasets'").out, "0\n");
}

TEST_F(ServiceTest, CommandsReadFromTheServerWhatTheyReadFromTheFile) {
  StartServer();
  StartWorker("w1");
  ASSERT_THAT(Minnow("submit data/iris.csv --target species --units 1,2,3 --follow --json").code, AnyOf(0, 3));
  ASSERT_EQ(Minnow("backup copy.db").code, 0);
  EXPECT_EQ(Minnow("backup copy.db").code, 2) << "it never overwrites";
  for (const char* command : {"jobs --json", "trials jobs/1 --csv --all", "answer jobs/1 --json", "show jobs/1 --json",
                              "query 'SELECT * FROM size_ladder' --csv", "query 'SELECT * FROM trials' --json"}) {
    EXPECT_EQ(Minnow(command).out, Run(std::string("minnow ") + command + " --db copy.db").out) << command;
  }
  const std::string trial = Run("sqlite3 copy.db \"SELECT 'jobs/1/trials/' || answer_trial FROM jobs\"").out;
  const Finished replayed = Minnow("replay " + trial.substr(0, trial.size() - 1));
  EXPECT_EQ(replayed.code, 0) << replayed.out << replayed.err;
}

struct Refusal {
  const char* command;
  int code;
  const char* says;
};

TEST_F(ServiceTest, RefusesWithASentence) {
  StartServer();
  ASSERT_EQ(Minnow("submit data/iris.csv --target species").out, "jobs/1\n");
  const Refusal refusals[] = {
      {"minnow jobs --server 127.0.0.1:1", 1, "127.0.0.1:1"},
      {"minnow jobs --server nonsense", 2, "HOST:PORT"},
      {"minnow jobs --server 127.0.0.1:99999", 2, "99999"},
      {"minnow jobs --server 127.0.0.1:7 --db minnow.db", 2, "--db"},
      {"minnow show jobs/7", 2, "jobs/7"},
      {"minnow pause jobs/7", 2, "jobs/7"},
      {"minnow query 'DELETE FROM trials'", 2, ""},
      {"minnow query \"ATTACH 'x.db' AS x\"", 2, ""},
      {"minnow query 'PRAGMA journal_mode = DELETE'", 2, ""},
      {"minnow query \"SELECT load_extension('x')\"", 2, ""},
      {"minnow-server --db minnow.db --listen 127.0.0.1:0", 2, "minnow.db"},
      {"minnow-server --db other.db --listen 0.0.0.0:0", 2, "--insecure"},
      {"minnow-server --db other.db --listen 127.0.0.1:0 --http 0.0.0.0:0", 2, "--insecure"},
      {"minnow-server", 2, "--db"},
      {"minnow-worker --server nonsense", 2, "HOST:PORT"},
      {"minnow-worker --name 'a b'", 2, "a b"},
      {"env MINNOW_ISA=quantum minnow-worker", 2, "quantum"},
  };
  for (const Refusal& refusal : refusals) {
    const Finished run = Run("timeout 5 env MINNOW_SERVER=" + address() + " " + refusal.command);
    EXPECT_EQ(run.code, refusal.code) << refusal.command << "\n" << run.err;
    EXPECT_THAT(run.err, HasSubstr(refusal.says)) << refusal.command;
    EXPECT_EQ(run.out, "") << refusal.command;
  }
  EXPECT_EQ(Minnow("query 'SELECT count(*) FROM jobs' --csv").out, "count(*)\n5\n");
}

TEST_F(ServiceTest, TellsOperatorsHowItIs) {
  StartServer();
  EXPECT_EQ(Run("curl -s " + http() + "/healthz").out, "ok\n");
  EXPECT_EQ(Run("curl -s -o /dev/null -w %{http_code} " + http() + "/").out, "200");
  EXPECT_EQ(Run("curl -s -o /dev/null -w %{http_code} " + http() + "/nothing").out, "404");
  EXPECT_EQ(Metric("minnow_workers_connected"), 0);
  StartWorker("w1").WaitFor("connected");
  EXPECT_EQ(Metric("minnow_workers_connected"), 1);
  const std::string names = "curl -s " + http() + "/metrics | grep -oE '^[a-z_]+' | sort -u";
  EXPECT_EQ(Run("bash -c \"" + names + "\"").out,
            Run("bash -c \"grep -oE '^. .(minnow|process)_[a-z_]+' " MINNOW_SOURCE_DIR
                "/docs/operate.md | cut -c4- | sort -u\"")
                .out)
      << "docs/operate.md lists every metric";
  EXPECT_THAT(server_->err(), HasSubstr("worker=w1"));
  EXPECT_LT(server_->ResidentBytes(), 40 << 20);
}

}  // namespace
}  // namespace minnow
