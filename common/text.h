// Numbers and lists as text, exactly: what is written can be read back to the last bit, in every locale.
#ifndef MINNOW_COMMON_TEXT_H_
#define MINNOW_COMMON_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minnow {

// The shortest decimal that reads back as `value`, without an exponent from 0.00001 to 1e15: "0.05", "1e-06", "nan".
std::string NumberText(double value);

// The whole of `text` as a number (finite or not), or nothing. No leading blanks or plus sign; nothing too for numbers
// beyond the range of the type, such as 1e400 and 1e-400.
std::optional<double> ParseNumber(std::string_view text);
std::optional<int64_t> ParseInteger(std::string_view text);

// The parts between separators, one more than there are separators: "a,,b" has three, "" has one, which is empty.
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
// Without blanks, tabs and line ends on either side.
std::string_view Trim(std::string_view text);

}  // namespace minnow

#endif  // MINNOW_COMMON_TEXT_H_
