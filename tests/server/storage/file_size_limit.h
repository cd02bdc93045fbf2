// A disk without room, played by a limit on the size of a file.
#ifndef MINNOW_TESTS_SERVER_STORAGE_FILE_SIZE_LIMIT_H_
#define MINNOW_TESTS_SERVER_STORAGE_FILE_SIZE_LIMIT_H_

#include <signal.h>
#include <sys/resource.h>

namespace minnow::storage {

// No file of this process grows beyond `bytes` as long as this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_;
  void (*old_handler_)(int);
};

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_FILE_SIZE_LIMIT_H_
