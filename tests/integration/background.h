// Processes that run beside a test: servers and workers.
#ifndef MINNOW_TESTS_INTEGRATION_BACKGROUND_H_
#define MINNOW_TESTS_INTEGRATION_BACKGROUND_H_

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace minnow {

class Background {
 public:
  // Starts a shell command line in `folder`, with the programs of Minnow on the path.
  Background(const std::string& folder, const std::string& command);
  ~Background();  // kills it
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Waits until what the process wrote to stderr holds a match of the regular expression, and returns its first group.
  // Fails the test when the process ends without, or after half a minute.
  std::string WaitFor(const std::string& pattern);

  void Signal(int signal) const;
  // Waits until the process has ended. Returns its exit code, 128 + signal for one that was killed.
  int Wait();
  // Whether it has; Wait then returns at once.
  bool HasEnded() const;
  // Resident memory, bytes.
  int64_t ResidentBytes() const;

  std::string err() const;  // what it wrote to stderr so far

 private:
  void ReadStderr(int descriptor);

  pid_t pid_ = 0;
  bool waited_ = false;
  mutable std::mutex mutex_;
  std::condition_variable news_;
  std::string err_;      // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
  std::thread reader_;
};

}  // namespace minnow

#endif  // MINNOW_TESTS_INTEGRATION_BACKGROUND_H_
