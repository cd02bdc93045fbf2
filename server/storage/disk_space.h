// How much room a database takes, and how much its disk has.
#ifndef MINNOW_SERVER_STORAGE_DISK_SPACE_H_
#define MINNOW_SERVER_STORAGE_DISK_SPACE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace minnow::storage {

// Below both, a disk is nearly full. A share alone would stop the work on a large disk with plenty of room left, 5 % of
// 4 TB are 200 GB; an amount alone would never let it start on a small one.
inline constexpr double kLowDiskShare = 0.05;
inline constexpr int64_t kLowDiskBytes = int64_t{1} << 30;

// For users without privileges, as df shows it.
struct DiskSpace {
  int64_t free = 0;  // bytes
  int64_t all = 0;   // bytes, used and free

  double FreeShare() const { return all > 0 ? static_cast<double>(free) / static_cast<double>(all) : 0; }
  bool NearlyFull() const { return FreeShare() < kLowDiskShare && free < kLowDiskBytes; }
};

// Of the file system that holds the file or folder `path`. Nothing when the system does not say.
std::optional<DiskSpace> DiskSpaceOf(const std::string& path);

// False also when the system does not say: a question without an answer must not stop the work, and a commit that
// finds no room says so itself.
bool DiskNearlyFull(const std::string& path);

// The size of the database at `path` with its log. 0 when there is none.
int64_t DatabaseBytes(const std::string& path);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_DISK_SPACE_H_
