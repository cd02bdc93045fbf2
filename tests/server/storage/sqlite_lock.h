// The locks of SQLite, as another process finds them.
#ifndef MINNOW_TESTS_SERVER_STORAGE_SQLITE_LOCK_H_
#define MINNOW_TESTS_SERVER_STORAGE_SQLITE_LOCK_H_

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace minnow::storage {

// Whether another process finds a lock of fcntl(2) on the bytes where SQLite puts the one that says "this file is in
// use" (section 2.3 of its file locking: the shared bytes).
inline bool SqliteLockSeenFromOutside(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_start = 0x40000000 + 2;
    lock.l_len = 510;
    fcntl(open(path.c_str(), O_RDWR), F_GETLK, &lock);
    _exit(lock.l_type == F_UNLCK ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status) == 1;
}

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_SQLITE_LOCK_H_
