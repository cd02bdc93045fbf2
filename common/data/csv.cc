#include "common/data/csv.h"

#include <csv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/data/utf8.h"
#include "common/data/wording.h"

namespace minnow::data {
namespace {

// Steps in which the buffer of a long field grows; libcsv's own 128 bytes make megabytes within one quote slow.
constexpr size_t kFieldGrowthBytes = size_t{1} << 16;

std::string PlaceOf(std::string_view file, int64_t line) { return std::string(file) + ":" + std::to_string(line); }

// libcsv does the quoting; lines, the header and the shape of the table are our own. The bytes are fed one line at a
// time: only so is the line of every row known, and an error ends the work at its line.
class TableBuilder {
 public:
  explicit TableBuilder(std::string file) { table_.file = std::move(file); }

  absl::StatusOr<CsvTable> Build(std::string_view bytes);

 private:
  static void OnField(void* field, size_t size, void* self) {
    static_cast<TableBuilder*>(self)->AddField({static_cast<const char*>(field), size});
  }
  static void OnLineEnd(int, void* self) { static_cast<TableBuilder*>(self)->EndLine(); }

  absl::Status FeedLine(csv_parser& parser, std::string_view line);
  void AddField(std::string_view field);
  void EndLine();
  void EndHeader();
  void EndRow();
  absl::Status MisplacedQuote() const;
  absl::Status UnclosedQuote() const;

  void Fail(int64_t line, const std::string& what) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(PlaceOf(table_.file, line) + ": " + what);
  }

  CsvTable table_;
  absl::Status status_;
  std::vector<std::string> fields_;  // of the row being read; never more than one beyond what may be there
  size_t field_count_ = 0;           // of the row being read
  int64_t line_ = 0;                 // being fed, from 1
  int64_t row_line_ = 0;             // on which the row being read began
  int64_t header_line_ = 0;
  bool line_ended_ = false;  // an unquoted line end came in the line being fed
  // While a quote is open at the end of a line: where it opened, and how many fields of its row were complete before
  // it.
  std::optional<int64_t> quote_line_;
  size_t quote_fields_ = 0;
};

absl::StatusOr<CsvTable> TableBuilder::Build(std::string_view bytes) {
  csv_parser parser;
  // REPALL_NL reports the end of empty lines too, so that a line without a report ended within quotes.
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) {
    return absl::InternalError("libcsv cannot start");
  }
  csv_set_blk_size(&parser, kFieldGrowthBytes);
  while (!bytes.empty() && status_.ok()) {
    size_t end = bytes.find_first_of("\r\n");
    if (end != std::string_view::npos && bytes.substr(end, 2) == "\r\n") ++end;
    const std::string_view line = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(line.size());
    absl::Status fed = FeedLine(parser, line);
    if (status_.ok()) status_ = std::move(fed);
  }
  if (status_.ok() && csv_fini(&parser, OnField, OnLineEnd, this) != 0) status_ = UnclosedQuote();
  csv_free(&parser);
  if (!status_.ok()) return status_;
  if (table_.header.empty()) {
    return absl::InvalidArgumentError(table_.file + ": the file is empty: it needs a header of column names and rows");
  }
  if (table_.lines.empty()) {
    return absl::InvalidArgumentError(PlaceOf(table_.file, header_line_) +
                                      ": a header without rows: add at least one row of values below it");
  }
  return std::move(table_);
}

absl::Status TableBuilder::FeedLine(csv_parser& parser, std::string_view line) {
  ++line_;
  if (!quote_line_) row_line_ = line_;
  line_ended_ = false;
  const size_t fed = csv_parse(&parser, line.data(), line.size(), OnField, OnLineEnd, this);
  if (fed != line.size()) {
    return csv_error(&parser) == CSV_EPARSE ? MisplacedQuote()
                                            : absl::ResourceExhaustedError("out of memory for " + table_.file);
  }
  const bool same_quote = quote_line_ && field_count_ == quote_fields_;
  if (line_ended_) {
    quote_line_.reset();
  } else if (!same_quote) {
    quote_line_ = line_;
    quote_fields_ = field_count_;
  }
  return absl::OkStatus();
}

void TableBuilder::AddField(std::string_view field) {
  const size_t expected = table_.header.empty() ? static_cast<size_t>(kMaxCsvColumns) : table_.header.size();
  if (field_count_++ < expected) fields_.emplace_back(field);
}

void TableBuilder::EndLine() {
  line_ended_ = true;
  if (field_count_ > 0 && status_.ok()) table_.header.empty() ? EndHeader() : EndRow();
  fields_.clear();
  field_count_ = 0;
}

void TableBuilder::EndHeader() {
  header_line_ = row_line_;
  if (field_count_ > static_cast<size_t>(kMaxCsvColumns)) {
    return Fail(row_line_, Counted(static_cast<int64_t>(field_count_), "column") + ", but at most " +
                               std::to_string(kMaxCsvColumns) + " can be read: remove some");
  }
  if (field_count_ == 1 && fields_[0].find_first_of(";\t") != std::string::npos) {
    return Fail(row_line_, "the header is one column named " + Quoted(fields_[0]) +
                               ": separate the columns by commas, not by semicolons or tabs");
  }
  std::map<std::string_view, size_t> seen;
  for (size_t c = 0; c < fields_.size(); ++c) {
    if (fields_[c].empty()) {
      return Fail(row_line_, "column " + std::to_string(c + 1) +
                                 " has no name: give it one, or remove the column if it only numbers the rows");
    }
    const auto [first, added] = seen.emplace(fields_[c], c);
    if (!added) {
      return Fail(row_line_, "columns " + std::to_string(first->second + 1) + " and " + std::to_string(c + 1) +
                                 " are both named " + Quoted(fields_[c]) + ": rename one of them");
    }
  }
  table_.header = fields_;
  table_.columns.resize(fields_.size());
}

void TableBuilder::EndRow() {
  const size_t expected = table_.header.size();
  if (field_count_ != expected) {
    const std::string counts = Counted(static_cast<int64_t>(field_count_), "field") + ", but the header has " +
                               std::to_string(expected) + ": ";
    return Fail(row_line_, counts + (field_count_ < expected
                                         ? "add the missing field (empty when the value is not known)"
                                         : "put a value that holds a comma in quotes, or remove the extra field"));
  }
  if ((table_.rows() + 1) * static_cast<int64_t>(expected) > kMaxCsvCells) {
    return Fail(row_line_,
                "the table has more than " + std::to_string(kMaxCsvCells) + " fields: use fewer rows or columns");
  }
  for (size_t c = 0; c < expected; ++c) table_.columns[c].Append(fields_[c], *table_.text);
  table_.lines.push_back(row_line_);
}

absl::Status TableBuilder::MisplacedQuote() const {
  const bool opened_before = quote_line_ && field_count_ == quote_fields_;
  return absl::InvalidArgumentError(
      PlaceOf(table_.file, line_) + ": field " + std::to_string(field_count_ + 1) +
      (opened_before ? ", whose quote opened on line " + std::to_string(*quote_line_) + "," : "") +
      " has a quote in the wrong place: put the whole field in quotes and double every quote within it (\"\")");
}

absl::Status TableBuilder::UnclosedQuote() const {
  const size_t field = (quote_line_ ? quote_fields_ : field_count_) + 1;
  return absl::InvalidArgumentError(PlaceOf(table_.file, quote_line_.value_or(line_)) +
                                    ": the quote that opens in field " + std::to_string(field) +
                                    " is never closed: add the closing quote (\")");
}

// Refuses what cannot be a table of text, before a parser sees it.
absl::Status CheckIsText(const std::string& file, std::string_view bytes) {
  const auto line_at = [&](size_t offset) { return 1 + std::count(bytes.begin(), bytes.begin() + offset, '\n'); };
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return absl::InvalidArgumentError(file + ":1: the text is UTF-16: save the file as CSV in UTF-8");
  }
  if (const size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    return absl::InvalidArgumentError(PlaceOf(file, line_at(nul)) + ": not a text file (byte " +
                                      std::to_string(nul + 1) + " is NUL): export the table as CSV in UTF-8");
  }
  if (const size_t bad = FirstInvalidUtf8(bytes); bad != std::string_view::npos) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(bytes[bad]);
    return absl::InvalidArgumentError(PlaceOf(file, line_at(bad)) + ": the byte 0x" + kDigits[byte >> 4] +
                                      kDigits[byte & 15] + " is not UTF-8: save the file as CSV in UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CsvTable> ParseCsv(std::string file, std::string_view bytes) {
  if (absl::Status text = CheckIsText(file, bytes); !text.ok()) return text;
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  return TableBuilder(std::move(file)).Build(bytes);
}

absl::StatusOr<CsvTable> ReadCsv(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(path + ": a folder, not a file: give the CSV file itself");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    const std::string reason = std::strerror(errno);
    if (errno == ENOENT) return absl::NotFoundError(path + ": there is no such file: check the name and the folder");
    return absl::PermissionDeniedError(path + ": the file cannot be opened: " + reason);
  }
  std::string bytes;
  std::vector<char> block(1 << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0) {
    bytes.append(block.data(), static_cast<size_t>(in.gcount()));
    if (static_cast<int64_t>(bytes.size()) > kMaxCsvBytes) {
      return absl::InvalidArgumentError(path + ": larger than " + std::to_string(kMaxCsvBytes >> 30) +
                                        " GiB, the most that can be read: use fewer rows");
    }
  }
  if (in.bad()) return absl::UnavailableError(path + ": reading failed: " + std::strerror(errno));
  return ParseCsv(path, bytes);
}

int ColumnNumber(const CsvTable& table, std::string_view name) {
  const auto found = std::find(table.header.begin(), table.header.end(), name);
  return found == table.header.end() ? -1 : static_cast<int>(found - table.header.begin());
}

std::string Place(const CsvTable& table, int64_t row) { return PlaceOf(table.file, table.lines[row]); }

}  // namespace minnow::data
