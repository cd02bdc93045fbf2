// The small parts that messages about data are made of.
#ifndef MINNOW_COMMON_DATA_WORDING_H_
#define MINNOW_COMMON_DATA_WORDING_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minnow::data {

// "1 row", "2 rows".
std::string Counted(int64_t count, std::string_view noun);

// The value in double quotes, on one line, and cut short when it is long.
std::string Quoted(std::string_view value);

// "a, b, c": at most 8 of the names, then "and 5 more".
std::string Listed(const std::vector<std::string>& names);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_WORDING_H_
