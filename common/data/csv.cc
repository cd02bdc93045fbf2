#include "common/data/csv.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "common/data/dialect.h"
#include "common/data/header.h"
#include "common/data/record_pipe.h"
#include "common/data/records.h"
#include "common/data/utf8.h"
#include "common/data/wording.h"

namespace minnow::data {
namespace {

constexpr size_t kHeadBytes = size_t{1} << 20;  // by which a file is judged

std::string PlaceOf(std::string_view file, int64_t line) { return std::string(file) + ":" + std::to_string(line); }

// All that a reading of the file has to know before it begins.
struct ReadingPlan {
  Encoding encoding = Encoding::kUtf8;
  bool large = false;  // more than the head: worth a second thread
  Dialect dialect;
  std::vector<ColumnPlan> columns;  // empty: whatever fits
};

// One reading of the file, from the first byte to the last.
class Reading {
 public:
  Reading(ByteSource& source, const std::string& file, const ReadingPlan& plan, const ReadOptions& options)
      : plan_(plan),
        options_(options),
        text_(source, plan.encoding, kMaxCsvBytes),
        records_(text_, plan.dialect.separator, file) {
    table_.file = file;
    table_.separator = plan.dialect.separator;
    table_.notes = plan.dialect.notes;
  }

  // OK when the table is complete, though perhaps not as it should be: see columns().
  absl::Status Run();
  const std::vector<Column>& columns() const { return table_.columns; }
  CsvTable TakeTable() { return std::move(table_); }

  bool isnt_utf8() const {
    return text_.fault() && text_.fault()->kind == TextFault::Kind::kNotUtf8 && text_.utf8_letters() == 0;
  }

 private:
  void TakeNames();
  absl::Status TakeFirstRecord();
  absl::Status AddAllRows();
  absl::Status AddRowsOfTwoThreads();
  absl::Status AddRows(const RecordReader::Batch& batch);
  absl::Status RefuseFieldCount(size_t have) const;
  absl::Status CheckEncoding();
  void LookForALetter(std::span<const std::string_view> fields);
  absl::Status Refuse(const std::string& what) const {
    return absl::InvalidArgumentError(PlaceOf(table_.file, records_.line()) + ": " + what);
  }

  const ReadingPlan& plan_;
  const ReadOptions& options_;
  TextSource text_;
  RecordReader records_;
  CsvTable table_;
  int64_t first_line_ = 0;             // that is not empty
  std::optional<std::string> letter_;  // kLatin1: the first field with a letter that is not ASCII
};

absl::Status Reading::Run() {
  if (plan_.dialect.names_separator) records_.Next();
  const bool any = records_.Next();
  if (any) {
    if (absl::Status first = TakeFirstRecord(); !first.ok()) return first;
    if (absl::Status added = plan_.large ? AddRowsOfTwoThreads() : AddAllRows(); !added.ok()) return added;
  }
  if (!records_.status().ok()) return records_.status();
  if (!any) {
    return absl::InvalidArgumentError(table_.file + ": the file is empty: it needs a header of column names and rows");
  }
  if (records_.ragged_fields()) return RefuseFieldCount(*records_.ragged_fields());
  if (table_.rows() == 0) {
    return absl::InvalidArgumentError(PlaceOf(table_.file, first_line_) +
                                      ": a header without rows: add at least one row of values below it");
  }
  return CheckEncoding();
}

absl::Status Reading::TakeFirstRecord() {
  if (records_.fields().size() > static_cast<size_t>(kMaxCsvColumns)) {
    return Refuse(Counted(static_cast<int64_t>(records_.fields().size()), "column") + ", but at most " +
                  std::to_string(kMaxCsvColumns) + " can be read: remove some");
  }
  first_line_ = records_.line();
  TakeNames();
  if (plan_.dialect.header) {
    LookForALetter(records_.fields());
    return absl::OkStatus();
  }
  const std::span<const std::string_view> fields = records_.fields();
  return AddRows({.lines = {records_.line()}, .fields = {fields.begin(), fields.end()}});
}

absl::Status Reading::AddAllRows() {
  RecordReader::Batch batch;
  while (records_.NextBatch(table_.header.size(), batch)) {
    if (absl::Status added = AddRows(batch); !added.ok()) return added;
  }
  return absl::OkStatus();
}

absl::Status Reading::AddRowsOfTwoThreads() {
  RecordPipe pipe(records_, table_.header.size());
  RecordReader::Batch batch;
  while (pipe.Next(batch)) {
    if (absl::Status added = AddRows(batch); !added.ok()) return added;
  }
  return absl::OkStatus();
}

void Reading::TakeNames() {
  const std::span<const std::string_view> fields = records_.fields();
  table_.header =
      plan_.dialect.header ? RepairedNames({fields.begin(), fields.end()}, table_.notes) : NumberedNames(fields.size());
  for (size_t c = 0; c < fields.size(); ++c) {
    ColumnPlan plan = plan_.columns.empty() ? ColumnPlan() : plan_.columns[c];
    plan.commas_between_columns = table_.separator == ',';
    const auto expected = options_.formats.find(table_.header[c]);
    if (expected != options_.formats.end()) plan.expected = expected->second;
    table_.columns.emplace_back(std::move(plan));
  }
}

absl::Status Reading::AddRows(const RecordReader::Batch& batch) {
  const size_t columns = table_.header.size();
  const size_t rows = batch.lines.size();
  if ((table_.rows() + static_cast<int64_t>(rows)) * static_cast<int64_t>(columns) > kMaxCsvCells) {
    return absl::InvalidArgumentError(PlaceOf(table_.file, batch.lines[0]) + ": the table has more than " +
                                      std::to_string(kMaxCsvCells) + " fields: use fewer rows or columns");
  }
  for (size_t r = 0; r < rows; ++r) {
    const std::string_view* const row = batch.fields.data() + r * columns;
    if (columns > 1 && row[0] == table_.header[0] && std::equal(row, row + columns, table_.header.begin())) {
      return absl::InvalidArgumentError(
          PlaceOf(table_.file, batch.lines[r]) +
          ": the names of the columns stand here again: remove the line (were two files put together?)");
    }
    table_.lines.Append(batch.lines[r]);
  }
  for (size_t c = 0; c < columns; ++c) table_.columns[c].Append(batch.fields.data() + c, columns, rows);
  LookForALetter(batch.fields);
  return absl::OkStatus();
}

absl::Status Reading::RefuseFieldCount(size_t have) const {
  const size_t expected = table_.header.size();
  const bool named = plan_.dialect.header;
  std::string fix = "add the missing field (empty when the value is not known)";
  if (have > expected) {
    fix = "put a value that holds a " + std::string(SeparatorName(table_.separator)) +
          " in quotes, or remove the extra field";
    if (table_.rows() == 0 && expected == 1) fix += "; if the header stands on a later line, remove what is above it";
  }
  return Refuse(Counted(static_cast<int64_t>(have), "field") + ", but the " + (named ? "header" : "first line") +
                " has " + std::to_string(expected) + ": " + fix);
}

void Reading::LookForALetter(std::span<const std::string_view> fields) {
  if (plan_.encoding == Encoding::kUtf8 || letter_) return;
  for (const std::string_view field : fields) {
    if (std::all_of(field.begin(), field.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) continue;
    letter_ = std::string(field);
    return;
  }
}

// A file of which a part is UTF-8 is damaged: each of the two encodings would misread the other's letters.
absl::Status Reading::CheckEncoding() {
  if (plan_.encoding == Encoding::kUtf8) return absl::OkStatus();
  if (text_.utf8_letters() > text_.other_letters() / 10) {
    return absl::InvalidArgumentError(table_.file + ": some letters are UTF-8 and others are not (" +
                                      std::to_string(text_.utf8_letters()) + " and " +
                                      std::to_string(text_.other_letters()) + "): save the file as CSV in UTF-8");
  }
  table_.notes.push_back("the text is not UTF-8 and was read as Latin-1 (Windows-1252): check that " +
                         Quoted(letter_.value_or("")) + " is spelled right");
  return absl::OkStatus();
}

// Whether columns have to be read again, and how.
bool NeedsAnotherReading(const std::vector<Column>& columns, ReadingPlan& plan) {
  bool needs = false;
  plan.columns.resize(columns.size());
  for (size_t c = 0; c < columns.size(); ++c) {
    const std::optional<ColumnPlan> next = columns[c].NextPlan();
    if (next) plan.columns[c] = *next;
    needs = needs || next;
  }
  return needs;
}

// The first bytes of the source, and whether these are all.
absl::StatusOr<std::string> ReadHead(ByteSource& source, bool& whole) {
  std::string head(kHeadBytes, '\0');
  size_t size = 0;
  whole = false;
  while (size < head.size() && !whole) {
    const absl::StatusOr<size_t> more = source.Read(head.data() + size, head.size() - size);
    if (!more.ok()) return more.status();
    size += *more;
    whole = *more == 0;
  }
  head.resize(size);
  return head;
}

// The bytes as UTF-8, as far as they are text.
std::string TextOf(std::string_view bytes, Encoding encoding, bool& isnt_utf8) {
  const std::unique_ptr<ByteSource> source = NewMemorySource(bytes);
  TextSource text(*source, encoding, kMaxCsvBytes);
  std::string all(kLatin1Bytes * bytes.size() + TextSource::kLeastRead, '\0');
  size_t size = 0;
  for (;;) {
    const auto more = text.Read(all.data() + size, all.size() - size);
    if (!more.ok() || *more == 0) break;
    size += *more;
  }
  all.resize(size);
  isnt_utf8 = text.fault() && text.fault()->kind == TextFault::Kind::kNotUtf8 && text.utf8_letters() == 0;
  return all;
}

absl::StatusOr<ReadingPlan> FirstPlan(ByteSource& source, const std::string& file) {
  bool whole = false;
  const absl::StatusOr<std::string> bytes = ReadHead(source, whole);
  if (!bytes.ok()) return bytes.status();
  if (absl::Status kind = CheckIsText(file, *bytes); !kind.ok()) return kind;
  ReadingPlan plan{.large = !whole};
  bool isnt_utf8 = false;
  std::string head = TextOf(*bytes, Encoding::kUtf8, isnt_utf8);
  if (isnt_utf8) {
    plan.encoding = Encoding::kLatin1;
    head = TextOf(*bytes, Encoding::kLatin1, isnt_utf8);
  }
  absl::StatusOr<Dialect> dialect = DialectOf(file, head, whole);
  if (!dialect.ok()) return dialect.status();
  plan.dialect = *std::move(dialect);
  return plan;
}

}  // namespace

absl::StatusOr<CsvTable> ReadCsv(ByteSource& source, const std::string& file, const ReadOptions& options) {
  absl::StatusOr<ReadingPlan> plan = FirstPlan(source, file);
  if (!plan.ok()) return plan.status();
  // An encoding is found out once, and the plans of columns come to an end.
  for (;;) {
    if (absl::Status rewound = source.Rewind(); !rewound.ok()) return rewound;
    Reading reading(source, file, *plan, options);
    const absl::Status read = reading.Run();
    if (!read.ok() && plan->encoding == Encoding::kUtf8 && reading.isnt_utf8()) {
      plan->encoding = Encoding::kLatin1;
      continue;
    }
    if (!read.ok()) return read;
    if (!NeedsAnotherReading(reading.columns(), *plan)) return reading.TakeTable();
  }
}

absl::StatusOr<CsvTable> ParseCsv(std::string file, std::string_view bytes, const ReadOptions& options) {
  const std::unique_ptr<ByteSource> source = NewMemorySource(bytes);
  return ReadCsv(*source, file, options);
}

absl::StatusOr<CsvTable> ReadCsv(const std::string& path, const ReadOptions& options) {
  const absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(path);
  if (!source.ok()) return source.status();
  return ReadCsv(**source, SourceName(path), options);
}

std::map<std::string, NumberFormat> FormatsOf(const CsvTable& table) {
  std::map<std::string, NumberFormat> formats;
  for (size_t c = 0; c < table.header.size(); ++c) {
    if (table.columns[c].storage() == Column::Storage::kNumbers)
      formats.emplace(table.header[c], table.columns[c].format());
  }
  return formats;
}

int ColumnNumber(const CsvTable& table, std::string_view name) {
  const auto found = std::find(table.header.begin(), table.header.end(), name);
  return found == table.header.end() ? -1 : static_cast<int>(found - table.header.begin());
}

std::string Place(const CsvTable& table, int64_t row) { return PlaceOf(table.file, table.lines[row]); }

}  // namespace minnow::data
