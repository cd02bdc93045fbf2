// The names of columns.
#ifndef MINNOW_COMMON_DATA_HEADER_H_
#define MINNOW_COMMON_DATA_HEADER_H_

#include <cstddef>
#include <string>
#include <vector>

namespace minnow::data {

// Names that are all different and none empty: the third column without a name is called "column_3", and the second of
// the name "a" is called "a_2" (or with a higher number, where that is taken). Adds what was done to `notes`.
std::vector<std::string> RepairedNames(std::vector<std::string> names, std::vector<std::string>& notes);

// "column_1", "column_2", ...
std::vector<std::string> NumberedNames(size_t count);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_HEADER_H_
