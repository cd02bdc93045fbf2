// The bytes of a source as UTF-8 text.
#ifndef MINNOW_COMMON_DATA_TEXT_SOURCE_H_
#define MINNOW_COMMON_DATA_TEXT_SOURCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/data/byte_source.h"

namespace minnow::data {

// kLatin1: Windows-1252, of which Latin-1 is a part.
enum class Encoding { kUtf8, kLatin1 };

// Where the text ends because what follows is none.
struct TextFault {
  enum class Kind { kNul, kControl, kNotUtf8, kTooLong };
  Kind kind = Kind::kNul;
  int64_t byte_number = 0;  // in the source, from 1
  unsigned char byte = 0;
};

// Reads a source from its beginning, to which it must have been rewound. A byte order mark of UTF-8 is skipped.
class TextSource {
 public:
  TextSource(ByteSource& source, Encoding encoding, int64_t most_bytes)
      : source_(source), encoding_(encoding), most_bytes_(most_bytes) {}

  // Up to `size` bytes of text, at least kLeastRead; 0 at the end, which is that of the source or before a fault.
  absl::StatusOr<size_t> Read(char* to, size_t size);
  static constexpr size_t kLeastRead = 64;

  const std::optional<TextFault>& fault() const { return fault_; }

  int64_t most_bytes() const { return most_bytes_; }

  // Of what was read: bytes or sequences above ASCII that are well-formed UTF-8, and bytes that are not.
  int64_t utf8_letters() const { return utf8_letters_; }
  int64_t other_letters() const { return other_letters_; }

 private:
  absl::StatusOr<size_t> ReadUtf8(char* to, size_t size);
  absl::StatusOr<size_t> ReadLatin1(char* to, size_t size);
  size_t Begin(char* text, size_t size);
  size_t Check(const char* text, size_t size);
  void Fail(TextFault::Kind kind, size_t offset, char byte);

  ByteSource& source_;
  Encoding encoding_;
  int64_t most_bytes_;
  int64_t bytes_ = 0;  // given so far, as they are in the source
  bool began_ = false;
  std::string rest_;  // kUtf8: the beginning of a letter whose end was not there yet; kLatin1: the bytes just read
  std::optional<TextFault> fault_;
  int64_t utf8_letters_ = 0;
  int64_t other_letters_ = 0;
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_TEXT_SOURCE_H_
