// Splits text into records of fields (RFC 4180).
#ifndef MINNOW_COMMON_DATA_RECORDS_H_
#define MINNOW_COMMON_DATA_RECORDS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/data/text_source.h"

namespace minnow::data {

// Of one record, or of one field: an unclosed quote must not take in the rest of a large file.
inline constexpr size_t kMaxRecordBytes = size_t{64} << 20;

// Fields may be quoted and hold separators, doubled quotes and line ends; lines end in LF, CRLF or CR; empty lines are
// skipped; blanks around a field count only within quotes. Memory: twice the longest record, at least 256 KiB.
class RecordReader {
 public:
  // `text` must outlive the reader; `file` is for messages.
  RecordReader(TextSource& text, char separator, std::string file);

  // Goes to the next record that has fields. False at the end, and at an error, which status() then tells:
  // InvalidArgument with file, line and fix for a quote that is misplaced or never closed, and for bytes that are no
  // text.
  bool Next();
  const absl::Status& status() const { return status_; }

  // Of the record; valid until the next.
  std::span<const std::string_view> fields() const { return std::span(fields_).subspan(first_field_); }
  bool any_quoted() const { return any_quoted_; }
  // Where it begins.
  int64_t line() const { return record_line_; }

  // Some whole records, and the text that their fields point into: whoever has the batch needs the reader no more.
  struct Batch {
    std::vector<int64_t> lines;            // where each record begins
    std::vector<std::string_view> fields;  // record by record
    std::vector<char> text;
  };
  // Goes over as many records as one piece of the text has, at least one, while they have so many fields. `batch` is an
  // old one, whose memory is used again. False at the end, at an error, and at a record with another number of fields,
  // ragged_fields(). After it, Next() must not be called.
  bool NextBatch(size_t columns, Batch& batch);
  std::optional<size_t> ragged_fields() const { return ragged_fields_; }

 private:
  enum class Found { kRecord, kEmptyLine, kCut, kError };
  Found Split();
  Found SplitQuoted(char*& at);
  Found EndLine(char* at);
  bool Continue(Found found);
  void TakeBuffer(Batch& batch);
  void GiveBuffer(Batch& batch);
  bool Refill();
  absl::Status FaultStatus() const;
  absl::Status UnclosedQuote() const;
  Found MisplacedQuote();
  bool IsBlank(char c) const { return c == ' ' || (c == '\t' && separator_ != '\t'); }
  int64_t LinesIn(const char* begin, const char* end) const;

  TextSource& text_;
  const char separator_;
  const std::string file_;
  absl::Status status_;
  bool special_[256] = {};  // bytes that end the plain part of a field

  // [record_, end_) is the text not yet given out; a NUL, which no text holds, stands at end_.
  std::vector<char> buffer_;
  char* record_ = nullptr;
  char* end_ = nullptr;
  std::vector<char> rest_;  // of the text, while a batch has the buffer
  bool ended_ = false;      // nothing comes after end_

  std::vector<std::string_view> fields_;
  size_t first_field_ = 0;               // of the record; those before it are of the same batch
  std::vector<size_t> doubled_;          // fields with doubled quotes, which are made single when the record is whole
  std::optional<size_t> ragged_fields_;  // of the record at which batches end
  bool any_quoted_ = false;
  int64_t record_line_ = 1;
  int64_t quoted_lines_ = 0;  // line ends within quotes of the record
  int64_t next_line_ = 1;
  std::optional<int64_t> open_quote_line_;  // of the quoted field at which the text was cut
  size_t open_quote_field_ = 0;             // its number, from 1
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_RECORDS_H_
