// Preloaded into a real process (LD_PRELOAD), to kill it or to fill its disk at an exact point.
//
//   MINNOW_KILL_AT_SYNC=N    the process dies by SIGKILL at its N-th sync of a file: before it when N is odd, after it
//   when even MINNOW_DISK_FULL_AT=N    the N-th write to a database file and all later ones fail with ENOSPC
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

namespace {

long FromEnvironment(const char* name) {
  const char* text = getenv(name);
  return text == nullptr ? 0 : atol(text);
}

template <class Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

std::atomic<long> syncs = 0;
std::atomic<long> writes = 0;

int Sync(const char* name, int descriptor) {
  static const long kill_at = FromEnvironment("MINNOW_KILL_AT_SYNC");
  const long sync = ++syncs;
  if (sync == kill_at && kill_at % 2 == 1) kill(getpid(), SIGKILL);
  const int result = Next<int (*)(int)>(name)(descriptor);
  if (sync == kill_at) kill(getpid(), SIGKILL);
  return result;
}

// SQLite writes its files with pwrite, and nothing else in the process does.
ssize_t Write(const char* name, int descriptor, const void* bytes, size_t count, off_t offset) {
  static const long full_at = FromEnvironment("MINNOW_DISK_FULL_AT");
  if (++writes >= full_at && full_at > 0) {
    errno = ENOSPC;
    return -1;
  }
  return Next<ssize_t (*)(int, const void*, size_t, off_t)>(name)(descriptor, bytes, count, offset);
}

}  // namespace

extern "C" {

int fsync(int descriptor) { return Sync("fsync", descriptor); }
int fdatasync(int descriptor) { return Sync("fdatasync", descriptor); }
ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  return Write("pwrite", descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset) {
  return Write("pwrite64", descriptor, bytes, count, offset);
}

}  // extern "C"
