#include "common/data/text_source.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "common/data/utf8.h"

namespace minnow::data {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kLongestLetter = 4;  // bytes of UTF-8

bool IsBlankControl(unsigned char byte) { return byte >= '\t' && byte <= '\r'; }

}  // namespace

absl::StatusOr<size_t> TextSource::Read(char* to, size_t size) {
  if (fault_) return size_t{0};
  const auto count = encoding_ == Encoding::kUtf8 ? ReadUtf8(to, size) : ReadLatin1(to, size);
  if (count.ok() && bytes_ > most_bytes_ && !fault_) Fail(TextFault::Kind::kTooLong, 0, 0);
  return count;
}

absl::StatusOr<size_t> TextSource::ReadUtf8(char* to, size_t size) {
  size_t count = rest_.size();
  std::memcpy(to, rest_.data(), count);
  rest_.clear();
  size_t good = 0;
  bool ended = false;
  // Until there is a whole letter, and at the beginning as much as a mark can have.
  while (!ended && !fault_ && good == 0 && count < (began_ ? kLongestLetter : kByteOrderMark.size())) {
    const absl::StatusOr<size_t> more = source_.Read(to + count, size - count);
    if (!more.ok()) return more;
    ended = *more == 0;
    count += *more;
    if (!began_ && (ended || count >= kByteOrderMark.size())) count = Begin(to, count);
    if (began_) good = Check(to, count);
  }
  if (good < count && !fault_) {
    if (!ended && count - good < kLongestLetter) {
      rest_.assign(to + good, count - good);  // perhaps a letter cut in two
    } else {
      Fail(TextFault::Kind::kNotUtf8, good, to[good]);
    }
  }
  bytes_ += static_cast<int64_t>(good);
  return good;
}

// Removes the mark.
size_t TextSource::Begin(char* text, size_t size) {
  began_ = true;
  if (!std::string_view(text, size).starts_with(kByteOrderMark)) return size;
  size -= kByteOrderMark.size();
  std::memmove(text, text + kByteOrderMark.size(), size);
  bytes_ += static_cast<int64_t>(kByteOrderMark.size());
  return size;
}

// The bytes of whole letters at the beginning of `text`, before a NUL.
size_t TextSource::Check(const char* text, size_t size) {
  std::string_view bytes(text, size);
  const void* const nul = std::memchr(text, 0, size);
  if (nul != nullptr) bytes = bytes.substr(0, static_cast<size_t>(static_cast<const char*>(nul) - text));
  const size_t bad = FirstInvalidUtf8(bytes);
  const std::string_view good = bytes.substr(0, bad);
  utf8_letters_ += std::count_if(good.begin(), good.end(), [](char c) { return static_cast<uint8_t>(c) >= 0xC2; });
  if (nul != nullptr && bad == std::string_view::npos) Fail(TextFault::Kind::kNul, bytes.size(), 0);
  return good.size();
}

absl::StatusOr<size_t> TextSource::ReadLatin1(char* to, size_t size) {
  rest_.resize(size / kLatin1Bytes);
  const absl::StatusOr<size_t> count = source_.Read(rest_.data(), rest_.size());
  if (!count.ok()) return count;
  const std::string_view bytes(rest_.data(), *count);
  size_t written = 0;
  size_t letter_end = 0;  // of a sequence that would be UTF-8
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte < ' ' && !IsBlankControl(byte)) {
      Fail(byte == 0 ? TextFault::Kind::kNul : TextFault::Kind::kControl, i, bytes[i]);
      break;
    }
    if (byte >= 0x80 && i >= letter_end) {
      const size_t letter = Utf8SequenceSize(bytes.substr(i));
      letter_end = i + letter;
      ++(letter > 0 ? utf8_letters_ : other_letters_);
    }
    written += PutLatin1(byte, to + written);
  }
  bytes_ += static_cast<int64_t>(bytes.size());
  return written;
}

void TextSource::Fail(TextFault::Kind kind, size_t offset, char byte) {
  fault_ = {
      .kind = kind, .byte_number = bytes_ + static_cast<int64_t>(offset) + 1, .byte = static_cast<unsigned char>(byte)};
}

}  // namespace minnow::data
