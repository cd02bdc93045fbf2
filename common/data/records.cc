#include "common/data/records.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace minnow::data {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 18;  // read at once; a batch of it stays in the cache

std::string PlaceOf(std::string_view file, int64_t line) { return std::string(file) + ":" + std::to_string(line); }

// Makes the doubled quotes of a field single, in place.
std::string_view Undoubled(std::string_view field) {
  char* const begin = const_cast<char*>(field.data());  // within the reader's buffer
  char* to = begin;
  for (size_t i = 0; i < field.size(); ++i) {
    *to++ = field[i];
    if (field[i] == '"') ++i;
  }
  return {begin, static_cast<size_t>(to - begin)};
}

}  // namespace

RecordReader::RecordReader(TextSource& text, char separator, std::string file)
    : text_(text), separator_(separator), file_(std::move(file)), buffer_(kPieceBytes) {
  for (const char c : {separator, '"', '\r', '\n', '\0'}) special_[static_cast<unsigned char>(c)] = true;
  record_ = end_ = buffer_.data();
  *end_ = '\0';
}

bool RecordReader::Next() {
  for (;;) {
    fields_.clear();
    const Found found = Split();
    if (found == Found::kRecord) return true;
    if (!Continue(found)) return false;
  }
}

bool RecordReader::NextBatch(size_t columns, Batch& batch) {
  batch.lines.clear();
  if (ragged_fields_ || !status_.ok()) return false;
  if (buffer_.empty()) TakeBuffer(batch);
  fields_.clear();
  for (;;) {
    const size_t whole = fields_.size();
    const Found found = Split();
    if (found == Found::kRecord && fields_.size() - whole == columns) {
      batch.lines.push_back(record_line_);
      continue;
    }
    if (found == Found::kRecord) ragged_fields_ = fields_.size() - whole;
    fields_.resize(whole);
    // What follows a cut moves the text of the records at hand.
    const bool full = found == Found::kCut && whole > 0;
    if (full || ragged_fields_ || !Continue(found)) break;
  }
  GiveBuffer(batch);
  return !batch.lines.empty();
}

void RecordReader::TakeBuffer(Batch& batch) {
  buffer_ = std::move(batch.text);
  buffer_.resize(std::max({buffer_.size(), kPieceBytes, 2 * rest_.size()}));
  record_ = buffer_.data();
  end_ = std::copy(rest_.begin(), rest_.end(), record_);
  *end_ = '\0';
}

void RecordReader::GiveBuffer(Batch& batch) {
  rest_.assign(record_, end_);
  batch.fields.swap(fields_);
  batch.text = std::exchange(buffer_, {});
}

// After what is no record: whether another may follow.
bool RecordReader::Continue(Found found) {
  switch (found) {
    case Found::kError:
      return false;
    case Found::kCut:
      if (!ended_) return Refill();
      if (record_ != end_) status_ = UnclosedQuote();
      return false;
    default:
      return true;
  }
}

// One line, or several where line ends are within quotes, from record_ on. kCut: its end is not in the buffer.
RecordReader::Found RecordReader::Split() {
  if (!status_.ok()) return Found::kError;
  first_field_ = fields_.size();
  doubled_.clear();
  any_quoted_ = false;
  record_line_ = next_line_;
  quoted_lines_ = 0;
  char* at = record_;
  if (at == end_) return Found::kCut;
  for (;;) {
    while (IsBlank(*at)) ++at;
    if (*at == '"') {
      if (const Found found = SplitQuoted(at); found != Found::kRecord) return found;
    } else {
      char* const begin = at;
      while (!special_[static_cast<unsigned char>(*at)]) ++at;
      if (*at == '"') return MisplacedQuote();
      char* last = at;
      while (last != begin && IsBlank(last[-1])) --last;
      fields_.emplace_back(begin, static_cast<size_t>(last - begin));
    }
    if (*at != separator_) break;
    ++at;
  }
  return EndLine(at);
}

// A field whose quote stands at `at`, up to what follows it. kRecord: it is whole.
RecordReader::Found RecordReader::SplitQuoted(char*& at) {
  char* const begin = at + 1;
  bool doubled = false;
  open_quote_line_ = record_line_ + quoted_lines_;
  open_quote_field_ = fields().size() + 1;
  for (++at;; at += 2, doubled = true) {
    at = static_cast<char*>(std::memchr(at, '"', static_cast<size_t>(end_ - at)));
    if (at == nullptr) return Found::kCut;
    if (at + 1 == end_ && !ended_) return Found::kCut;
    if (at[1] != '"') break;
  }
  quoted_lines_ += LinesIn(begin, at);
  if (doubled) doubled_.push_back(fields_.size());
  fields_.emplace_back(begin, static_cast<size_t>(at - begin));
  any_quoted_ = true;
  ++at;
  while (IsBlank(*at)) ++at;
  const bool closed = *at == separator_ || *at == '\n' || *at == '\r' || at == end_;
  if (!closed) {
    fields_.pop_back();
    return MisplacedQuote();
  }
  open_quote_line_.reset();
  return Found::kRecord;
}

// `at` is a line end or the end of what is there.
RecordReader::Found RecordReader::EndLine(char* at) {
  if (at == end_ && !ended_) return Found::kCut;
  if (*at == '\r') {
    if (at + 1 == end_ && !ended_) return Found::kCut;
    if (at[1] == '\n') ++at;
  }
  next_line_ = record_line_ + quoted_lines_ + 1;
  record_ = at == end_ ? end_ : at + 1;
  if (fields_.size() == first_field_ + 1 && fields_.back().empty() && !any_quoted_) return Found::kEmptyLine;
  for (const size_t field : doubled_) fields_[field] = Undoubled(fields_[field]);
  return Found::kRecord;
}

// Brings more text behind what is left of it: half of the buffer at least.
bool RecordReader::Refill() {
  const auto left = static_cast<size_t>(end_ - record_);
  if (left > kMaxRecordBytes) {
    status_ = open_quote_line_ ? UnclosedQuote()
                               : absl::InvalidArgumentError(PlaceOf(file_, next_line_) + ": the line has more than " +
                                                            std::to_string(kMaxRecordBytes >> 20) +
                                                            " MiB: is this a table with a row on each line?");
    return false;
  }
  if (2 * left > buffer_.size()) {
    std::vector<char> larger(2 * buffer_.size());
    std::memcpy(larger.data(), record_, left);
    buffer_ = std::move(larger);
  } else {
    std::memmove(buffer_.data(), record_, left);
  }
  record_ = buffer_.data();
  end_ = record_ + left;
  const auto more = text_.Read(end_, buffer_.size() - left - 1);
  if (!more.ok()) {
    status_ = more.status();
    return false;
  }
  end_ += *more;
  *end_ = '\0';
  ended_ = *more == 0;
  if (ended_ && text_.fault()) status_ = FaultStatus();
  return status_.ok();
}

RecordReader::Found RecordReader::MisplacedQuote() {
  const int64_t line = record_line_ + quoted_lines_;
  const bool opened_before = open_quote_line_ && *open_quote_line_ != line;
  status_ = absl::InvalidArgumentError(
      PlaceOf(file_, line) + ": field " + std::to_string(fields().size() + 1) +
      (opened_before ? ", whose quote opened on line " + std::to_string(*open_quote_line_) + "," : "") +
      " has a quote in the wrong place: put the whole field in quotes and double every quote within it (\"\")");
  return Found::kError;
}

absl::Status RecordReader::UnclosedQuote() const {
  return absl::InvalidArgumentError(PlaceOf(file_, open_quote_line_.value_or(record_line_)) +
                                    ": the quote that opens in field " + std::to_string(open_quote_field_) +
                                    " is never closed: add the closing quote (\")");
}

absl::Status RecordReader::FaultStatus() const {
  const TextFault& fault = *text_.fault();
  if (fault.kind == TextFault::Kind::kTooLong) {
    return absl::InvalidArgumentError(file_ + ": larger than " + std::to_string(text_.most_bytes() >> 30) +
                                      " GiB, the most that can be read: use fewer rows");
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::string hex = std::string("0x") + kDigits[fault.byte >> 4] + kDigits[fault.byte & 15];
  const std::string place = PlaceOf(file_, next_line_ + LinesIn(record_, end_));
  if (fault.kind == TextFault::Kind::kNotUtf8) {
    return absl::InvalidArgumentError(place + ": the byte " + hex +
                                      " is not UTF-8, although other letters of the file are: save the file as CSV in "
                                      "UTF-8");
  }
  return absl::InvalidArgumentError(place + ": not a text file (byte " + std::to_string(fault.byte_number) + " is " +
                                    (fault.kind == TextFault::Kind::kNul ? "NUL" : hex) +
                                    "): export the table as CSV in UTF-8");
}

// CRLF is one line end.
int64_t RecordReader::LinesIn(const char* begin, const char* end) const {
  int64_t lines = std::count(begin, end, '\n');
  for (const char* at = begin; (at = static_cast<const char*>(std::memchr(at, '\r', static_cast<size_t>(end - at))));
       ++at) {
    if (at + 1 == end || at[1] != '\n') ++lines;
    if (at + 1 == end) break;
  }
  return lines;
}

}  // namespace minnow::data
