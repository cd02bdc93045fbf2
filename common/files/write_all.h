#ifndef MINNOW_COMMON_FILES_WRITE_ALL_H_
#define MINNOW_COMMON_FILES_WRITE_ALL_H_

#include <cstdint>
#include <string_view>

namespace minnow {

// Writes to an open file from `offset` on. Errno says why when it is false; some of the bytes may then be there.
bool WriteAll(int file, int64_t offset, std::string_view bytes);

}  // namespace minnow

#endif  // MINNOW_COMMON_FILES_WRITE_ALL_H_
