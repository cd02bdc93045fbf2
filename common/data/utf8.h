// Whether bytes are text.
#ifndef MINNOW_COMMON_DATA_UTF8_H_
#define MINNOW_COMMON_DATA_UTF8_H_

#include <cstddef>
#include <string_view>

namespace minnow::data {

// The offset of the first byte that does not belong to well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates,
// nothing above U+10FFFF), or npos when all is well.
size_t FirstInvalidUtf8(std::string_view bytes);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_UTF8_H_
