// Reading CSV (RFC 4180): the only code in Minnow that sees it.
#ifndef MINNOW_COMMON_DATA_CSV_H_
#define MINNOW_COMMON_DATA_CSV_H_

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/data/text_column.h"

namespace minnow::data {

inline constexpr int64_t kMaxCsvColumns = 100'000;
inline constexpr int64_t kMaxCsvCells = 2'000'000'000;
inline constexpr int64_t kMaxCsvBytes = int64_t{8} << 30;  // of one file

// A table of text as it stands in a file: a header and rows of fields, unquoted. Column by column, because everything
// that reads it asks about columns. An empty field is a gap. Copies share the text of the columns.
struct CsvTable {
  std::string file;                 // for messages
  std::vector<std::string> header;  // column names, all different and none empty
  std::vector<TextColumn> columns;  // columns[c].Fields()[r]
  std::vector<int64_t> lines;       // line in the file on which row r begins, from 1
  std::shared_ptr<std::pmr::memory_resource> text = std::make_shared<std::pmr::monotonic_buffer_resource>();

  int64_t rows() const { return static_cast<int64_t>(lines.size()); }
};

// Parses the bytes of one file. Fields may be quoted and hold commas, doubled quotes and newlines; lines end in LF or
// CRLF; a UTF-8 byte order mark is skipped; empty lines are skipped; blanks around a field count only within quotes.
// InvalidArgument names file, line, column, the value at fault and the fix: an empty file, a header without rows, a row
// with too few or too many fields, an unclosed or misplaced quote, a name that is empty or there twice, bytes that are
// not UTF-8 text.
absl::StatusOr<CsvTable> ParseCsv(std::string file, std::string_view bytes);

// Reads a file and parses it. NotFound when there is no such file, PermissionDenied when it may not be read,
// InvalidArgument when it is a directory or larger than kMaxCsvBytes.
absl::StatusOr<CsvTable> ReadCsv(const std::string& path);

// The number of the column of that name, or -1.
int ColumnNumber(const CsvTable& table, std::string_view name);

// "data.csv:17", the beginning of a message about row `row`.
std::string Place(const CsvTable& table, int64_t row);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_CSV_H_
