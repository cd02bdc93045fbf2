// Whether bytes are text.
#ifndef MINNOW_COMMON_DATA_UTF8_H_
#define MINNOW_COMMON_DATA_UTF8_H_

#include <cstddef>
#include <string_view>

namespace minnow::data {

// The offset of the first byte that does not belong to well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates,
// nothing above U+10FFFF), or npos when all is well.
size_t FirstInvalidUtf8(std::string_view bytes);

// Bytes of the well-formed sequence at the beginning of `bytes`; 0 when there is none.
size_t Utf8SequenceSize(std::string_view bytes);

// The byte of Windows-1252, of which Latin-1 is a part, as UTF-8: one to three bytes from `to` on. Returns how many.
size_t PutLatin1(unsigned char byte, char* to);
inline constexpr size_t kLatin1Bytes = 3;

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_UTF8_H_
