#include "server/storage/disk_space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

namespace minnow::storage {

std::optional<DiskSpace> DiskSpaceOf(const std::string& path) {
  struct statvfs status;
  if (statvfs(path.c_str(), &status) != 0 || status.f_blocks == 0) return std::nullopt;
  const int64_t used_blocks = static_cast<int64_t>(status.f_blocks) - static_cast<int64_t>(status.f_bfree);
  const int64_t free_blocks = static_cast<int64_t>(status.f_bavail);
  const int64_t block = static_cast<int64_t>(status.f_frsize);
  return DiskSpace{free_blocks * block, (used_blocks + free_blocks) * block};
}

bool DiskNearlyFull(const std::string& path) {
  const std::optional<DiskSpace> space = DiskSpaceOf(path);
  return space && space->NearlyFull();
}

// Asks for the sizes without opening the files, which would cost SQLite its locks; see database_file.h.
int64_t DatabaseBytes(const std::string& path) {
  int64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    struct stat status;
    if (stat((path + suffix).c_str(), &status) == 0) bytes += status.st_size;
  }
  return bytes;
}

}  // namespace minnow::storage
