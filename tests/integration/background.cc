#include "tests/integration/background.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <regex>

namespace minnow {
namespace {

constexpr std::chrono::seconds kPatience(30);

}  // namespace

Background::Background(const std::string& folder, const std::string& command) {
  int ends[2] = {};
  if (pipe(ends) != 0) return;
  const std::string line = "cd '" + folder + "'; export PATH=" MINNOW_BIN ":$PATH; exec " + command;
  pid_ = fork();
  if (pid_ == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl("/bin/bash", "bash", "-c", line.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  reader_ = std::thread([this, descriptor = ends[0]] { ReadStderr(descriptor); });
}

Background::~Background() {
  if (!waited_) {
    Signal(SIGKILL);
    Signal(SIGCONT);
    Wait();
  }
  reader_.join();
}

void Background::ReadStderr(int descriptor) {
  char buffer[4096];
  for (ssize_t got = 0; (got = read(descriptor, buffer, sizeof(buffer))) > 0;) {
    std::lock_guard lock(mutex_);
    err_.append(buffer, static_cast<size_t>(got));
    news_.notify_all();
  }
  close(descriptor);
  std::lock_guard lock(mutex_);
  closed_ = true;
  news_.notify_all();
}

std::string Background::WaitFor(const std::string& pattern) {
  const std::regex wanted(pattern);
  std::smatch match;
  std::unique_lock lock(mutex_);
  const auto found = [&] { return std::regex_search(err_, match, wanted); };
  news_.wait_for(lock, kPatience, [&] { return found() || closed_; });
  if (!found()) {
    ADD_FAILURE() << "nothing matches " << pattern << " in:\n" << err_;
    return "";
  }
  return match.size() > 1 ? match[1].str() : "";
}

void Background::Signal(int signal) const { kill(pid_, signal); }

int Background::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  waited_ = true;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Background::HasEnded() const {
  siginfo_t ended = {};
  waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
  return ended.si_pid != 0;
}

int64_t Background::ResidentBytes() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/statm");
  int64_t pages = 0;
  status >> pages >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

std::string Background::err() const {
  std::lock_guard lock(mutex_);
  return err_;
}

}  // namespace minnow
