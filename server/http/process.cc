#include "server/http/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace minnow::http {
namespace {

// When the machine was started.
int64_t BootSeconds() {
  std::ifstream file("/proc/stat");
  int64_t seconds = 0;
  for (std::string word; file >> word;) {
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

}  // namespace

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t all_pages = 0;
  int64_t resident_pages = 0;
  file >> all_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

double StartSeconds() {
  constexpr int kFieldsBefore = 19;  // proc(5): between the name, which ends in ")", and field 22, the start time
  std::ifstream file("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < kFieldsBefore; ++i) fields >> skipped;
  double ticks = 0;
  const int64_t boot = BootSeconds();
  if (!(fields >> ticks) || boot == 0) return 0;
  return static_cast<double>(boot) + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void LowerPriorityOfThisThread() {
  constexpr int kNice = 10;
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

}  // namespace minnow::http
