// A server and workers as real processes.
#ifndef MINNOW_TESTS_INTEGRATION_SERVICE_H_
#define MINNOW_TESTS_INTEGRATION_SERVICE_H_

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/background.h"
#include "tests/integration/process.h"

namespace minnow {

// A job of a second or two, with some hundred slices.
inline constexpr char kQuestion[] =
    "data/digits.csv --target digit --good-enough 'accuracy >= 0.95' --layers 0..1 --units 1,2,3,4,5,6,7,8 "
    "--split-seed 4";

class ServiceTest : public ProcessTest {
 protected:
  // Starts a server on ports that are free; once it has ports, a later one takes the same.
  // `under` is a command that runs the server, such as "env NAME=VALUE ".
  void StartServer(const std::string& flags = "", const std::string& under = "") {
    server_ =
        std::make_unique<Background>(Path(""), under + "minnow-server --db minnow.db --listen 127.0.0.1:" + port_ +
                                                   " --http 127.0.0.1:" + http_port_ + " " + flags);
    port_ = server_->WaitFor("address=127\\.0\\.0\\.1:(\\d+)");
    http_port_ = server_->WaitFor("http=127\\.0\\.0\\.1:(\\d+)");
  }

  Background& StartWorker(const std::string& name, const std::string& flags = "--threads 1") {
    workers_.push_back(std::make_unique<Background>(
        Path(""), "minnow-worker --server " + address() + " --name " + name + " " + flags));
    return *workers_.back();
  }

  std::string address() const { return "127.0.0.1:" + port_; }
  std::string http() const { return "http://127.0.0.1:" + http_port_; }

  // `minnow COMMAND` on the server.
  Finished Minnow(const std::string& command) const {
    return Run("env MINNOW_SERVER=" + address() + " minnow " + command);
  }

  // What `minnow run` says to the same question, and what it counts.
  struct Truth {
    int code = 0;
    std::string answer;
    std::string trials;
  };
  Truth RunAlone(const std::string& question) const {
    const Finished run = Run("minnow run " + question + " --json --db alone.db");
    EXPECT_THAT(run.code, testing::AnyOf(0, 3)) << run.err;
    return {run.code, WithoutSeconds(run.out), WithoutTimes(Run("minnow trials jobs/1 --csv --db alone.db").out)};
  }

  void ExpectTheSame(const Truth& truth, const Finished& followed) const {
    EXPECT_EQ(followed.code, truth.code) << followed.err;
    EXPECT_EQ(WithoutSeconds(followed.out), truth.answer);
    EXPECT_EQ(WithoutSeconds(Minnow("answer jobs/1 --json").out), truth.answer);
    EXPECT_EQ(WithoutTimes(Minnow("trials jobs/1 --csv").out), truth.trials);
  }

  // A number of /metrics.
  double Metric(const std::string& name) const {
    const std::string line = Run("curl -s " + http() + "/metrics").out;
    const size_t at = line.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(line.substr(at + name.size() + 2));
  }

  // Waits until the job has stored some results.
  void WaitForResults() const {
    Run("bash -c 'until [ \"$(sqlite3 -readonly minnow.db \"SELECT count(*) > 100 FROM trials\" 2>/dev/null)\" = 1 ]; "
        "do "
        "sleep 0.02; done'");
  }

  std::unique_ptr<Background> server_;
  std::vector<std::unique_ptr<Background>> workers_;
  std::string port_ = "0";
  std::string http_port_ = "0";
};

}  // namespace minnow

#endif  // MINNOW_TESTS_INTEGRATION_SERVICE_H_
