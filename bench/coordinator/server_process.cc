#include "bench/coordinator/server_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <thread>

namespace minnow::bench {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks(1);

pid_t Launch(const std::string& program, const std::string& database, const std::string& log,
             const std::string& listen) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(file, STDERR_FILENO);
  execl(program.c_str(), program.c_str(), "--db", database.c_str(), "--listen", listen.c_str(), "--http", "127.0.0.1:0",
        nullptr);
  _exit(127);
}

std::string TextOf(const std::string& path, int64_t begin) {
  std::ifstream file(path);
  file.seekg(begin);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(const std::string& program,
                                                                    const std::string& database, const std::string& log,
                                                                    const std::string& listen) {
  const auto begin = static_cast<int64_t>(TextOf(log, 0).size());
  const pid_t pid = Launch(program, database, log, listen);
  if (pid < 0) return absl::UnavailableError("no process could be started for " + program);
  static const std::regex kServing("serving address=(\\S+)");
  for (std::smatch match;;) {
    const std::string text = TextOf(log, begin);
    if (std::regex_search(text, match, kServing)) {
      return std::unique_ptr<ServerProcess>(new ServerProcess(pid, match[1].str()));
    }
    if (waitpid(pid, nullptr, WNOHANG) != 0) return absl::UnavailableError(program + " ended: " + text);
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

ServerProcess::~ServerProcess() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

double ServerProcess::cpu_seconds() const {
  const std::string stat = TextOf("/proc/" + std::to_string(pid_) + "/stat", 0);
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  constexpr int kFieldsBefore = 11;  // between the name of the program and the two times
  std::string skipped;
  for (int i = 0; i < kFieldsBefore; ++i) fields >> skipped;
  int64_t user = 0;
  int64_t kernel = 0;
  fields >> user >> kernel;
  return static_cast<double>(user + kernel) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

int64_t ServerProcess::resident_bytes() const {
  std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
  int64_t all = 0;
  int64_t resident = 0;
  statm >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace minnow::bench
