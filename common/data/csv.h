// Reading CSV: the only code in Minnow that sees it.
#ifndef MINNOW_COMMON_DATA_CSV_H_
#define MINNOW_COMMON_DATA_CSV_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/data/byte_source.h"
#include "common/data/column.h"
#include "common/data/row_lines.h"

namespace minnow::data {

inline constexpr int64_t kMaxCsvColumns = 100'000;
inline constexpr int64_t kMaxCsvCells = 2'000'000'000;
inline constexpr int64_t kMaxCsvBytes = int64_t{8} << 30;  // of one file, decompressed

// A table as it stands in a file: a header and rows of fields, unquoted. Column by column, because everything that
// reads it asks about columns. An empty field is a gap.
struct CsvTable {
  std::string file;                 // for messages
  std::vector<std::string> header;  // column names, all different and none empty
  std::vector<Column> columns;
  RowLines lines;                  // line in the file on which row r begins, from 1
  char separator = ',';            // between the columns of the file
  std::vector<std::string> notes;  // what was decided to read the file, and repaired in it; one sentence each

  int64_t rows() const { return lines.size(); }
};

struct ReadOptions {
  // How the numbers of a column are written, by its name, where that is known: in rows for a network that is trained.
  std::map<std::string, NumberFormat> formats;
};

// Parses the bytes of one file. Separator and header are found as dialect.h has it; fields may be quoted and hold
// separators, doubled quotes and newlines; lines end in LF, CRLF or CR; empty lines are skipped; blanks around a field
// count only within quotes. Text is UTF-8, or else Windows-1252; names that are empty or there twice are replaced; both
// is noted. InvalidArgument names file, line, column, the value at fault and the fix: an empty file, a header without
// rows, a row with too few or too many fields, an unclosed or misplaced quote, bytes that are not text.
//
// Memory does not grow with the text of the file: a column takes 1 to 4 bytes a row and each different field once, or 4
// bytes a row (8 for numbers of many digits) when it has more than kFewSpellings different numbers; beside these,
// kMaxSpellings different texts at most in a column, and a few pieces of the text of 256 KiB, or as long as the longest
// record. Files above 1 MiB are split by a thread of their own. What is found out late (a text behind a million
// numbers) costs another reading of the bytes, not memory.
absl::StatusOr<CsvTable> ParseCsv(std::string file, std::string_view bytes, const ReadOptions& options = {});

// Reads a source and parses it; `file` is for messages.
absl::StatusOr<CsvTable> ReadCsv(ByteSource& source, const std::string& file, const ReadOptions& options = {});

// Reads a file, as OpenSource does: it may be compressed by gzip, and "-" is standard input.
absl::StatusOr<CsvTable> ReadCsv(const std::string& path, const ReadOptions& options = {});

// How the columns of a table that are kept as numbers are written: for the reading of others like it.
std::map<std::string, NumberFormat> FormatsOf(const CsvTable& table);

// The number of the column of that name, or -1.
int ColumnNumber(const CsvTable& table, std::string_view name);

// "data.csv:17", the beginning of a message about row `row`.
std::string Place(const CsvTable& table, int64_t row);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_CSV_H_
