#include "common/data/dialect.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "common/data/number_format.h"
#include "common/data/records.h"
#include "common/data/wording.h"
#include "common/text.h"

namespace minnow::data {
namespace {

constexpr std::array kSeparators = {',', ';', '\t', '|'};
constexpr size_t kSampledRecords = 1000;

using Record = std::vector<std::string>;

// The first records of a file, as one separator cuts them.
struct Sample {
  char separator = ',';
  std::vector<Record> records;
  bool first_quoted = false;  // in the first record
  bool broken = false;        // a record could not be read

  size_t columns() const { return records.empty() ? 0 : records[0].size(); }
  double ShareLikeTheFirst() const;
  double ShareOfNumbers() const;
  bool consistent() const { return columns() > 1 && !broken && ShareLikeTheFirst() == 1; }
};

Sample SampleOf(std::string_view head, bool whole, char separator) {
  const std::unique_ptr<ByteSource> bytes = NewMemorySource(head);
  TextSource text(*bytes, Encoding::kUtf8, static_cast<int64_t>(head.size()));
  RecordReader reader(text, separator, "");
  Sample sample{.separator = separator};
  while (sample.records.size() < kSampledRecords && reader.Next()) {
    if (sample.records.empty()) sample.first_quoted = reader.any_quoted();
    sample.records.emplace_back(reader.fields().begin(), reader.fields().end());
  }
  // The last line of a part may be cut.
  const bool all = sample.records.size() == kSampledRecords;
  if (!whole && !all && sample.records.size() > 1) sample.records.pop_back();
  sample.broken = !reader.status().ok() && (whole || all);
  return sample;
}

// Read as a number in whatever format.
bool IsNumber(std::string_view field, char separator) {
  const auto& formats = FormatsInOrder(separator == ',');
  return std::any_of(formats.begin(), formats.end(),
                     [&](NumberFormat format) { return ReadNumber(format, field).has_value(); });
}

double Sample::ShareLikeTheFirst() const {
  const auto like =
      std::count_if(records.begin(), records.end(), [&](const Record& record) { return record.size() == columns(); });
  return static_cast<double>(like) / static_cast<double>(records.size());
}

double Sample::ShareOfNumbers() const {
  size_t fields = 0;
  size_t numbers = 0;
  for (const Record& record : records) {
    fields += record.size();
    numbers += static_cast<size_t>(
        std::count_if(record.begin(), record.end(), [&](const std::string& f) { return IsNumber(f, separator); }));
  }
  return fields == 0 ? 0 : static_cast<double>(numbers) / static_cast<double>(fields);
}

// Consistent separators first, then those that cut most lines as the first one; of equal ones, the first.
Sample BestSample(std::string_view head, bool whole, std::vector<std::string>& notes) {
  std::vector<Sample> consistent;
  std::optional<Sample> best;
  for (const char separator : kSeparators) {
    Sample sample = SampleOf(head, whole, separator);
    if (sample.consistent()) consistent.push_back(sample);
    const bool cuts = sample.columns() > 1;
    if (!best || (cuts && (best->columns() <= 1 || sample.ShareLikeTheFirst() > best->ShareLikeTheFirst())))
      best = std::move(sample);
  }
  if (consistent.empty()) return *std::move(best);
  const auto chosen = std::max_element(consistent.begin(), consistent.end(), [](const Sample& a, const Sample& b) {
    return a.ShareOfNumbers() < b.ShareOfNumbers();
  });
  for (const Sample& other : consistent) {
    if (other.separator == chosen->separator) continue;
    notes.push_back("a " + std::string(SeparatorName(other.separator)) +
                    " would cut all lines into equally many fields as "
                    "well; if the columns are wrong, put fields that hold a " +
                    std::string(SeparatorName(chosen->separator)) + " in quotes");
  }
  return *std::move(chosen);
}

// What the rows below the first line hold in one column.
struct ColumnBelow {
  bool numbers = false;  // all numbers and gaps, and at least one number
  bool repeats = false;  // the field of the first line comes again, in a line that is not the first line again
  bool first_number = false;
  bool first_fraction = false;  // a number, but not a whole one
};

bool IsGap(std::string_view field) { return field.empty() || IsGapWord(field); }

ColumnBelow Below(const Sample& sample, size_t column) {
  const Record& first = sample.records[0];
  ColumnBelow below;
  bool all = true;
  for (size_t r = 1; r < sample.records.size(); ++r) {
    const Record& record = sample.records[r];
    if (record.size() != first.size() || record == first) continue;
    const std::string& field = record[column];
    if (field == first[column]) below.repeats = true;
    if (IsNumber(field, sample.separator))
      below.numbers = true;
    else if (!IsGap(field))
      all = false;
  }
  below.numbers = below.numbers && all;
  below.first_number = IsNumber(first[column], sample.separator);
  const std::optional<double> plain = ReadNumber(NumberFormat::kPlain, first[column]);
  below.first_fraction = plain && *plain != std::trunc(*plain);
  return below;
}

// 2019, 2020, 2021 and 0, 1, 2 are names that count.
bool CountsUp(std::span<const std::string> fields) {
  constexpr double kFirstYear = 1800;
  constexpr double kLastYear = 2200;
  std::vector<double> numbers;
  for (const std::string& field : fields) {
    const std::optional<double> number = ReadNumber(NumberFormat::kPlain, field);
    if (number) numbers.push_back(*number);
  }
  if (numbers.size() < 2) return false;
  for (size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] != numbers[i - 1] + 1) return false;
  }
  const bool years = numbers.front() >= kFirstYear && numbers.back() <= kLastYear;
  return years || numbers.front() == 0 || (numbers.front() == 1 && numbers.size() > 2);
}

enum class FirstLine { kNames, kNamesThatCount, kValues };

FirstLine JudgeFirstLine(const Sample& sample) {
  const Record& first = sample.records[0];
  if (sample.first_quoted || sample.records.size() < 2) return FirstLine::kNames;
  size_t numbers = 0;   // numbers above numbers
  size_t repeated = 0;  // texts that come again
  size_t texts = 0;
  bool fraction = false;
  for (size_t c = 0; c < first.size(); ++c) {
    const ColumnBelow below = Below(sample, c);
    if (below.numbers && !below.first_number) return FirstLine::kNames;
    if (below.numbers) {
      ++numbers;
      fraction = fraction || below.first_fraction;
    } else if (!first[c].empty()) {
      ++texts;
      repeated += below.repeats ? 1 : 0;
    }
  }
  constexpr size_t kFewRecords = 4;
  if (numbers == 0) {
    const bool values = texts > 1 && repeated == texts && sample.records.size() > kFewRecords;
    return values ? FirstLine::kValues : FirstLine::kNames;
  }
  if (CountsUp(first)) return FirstLine::kNamesThatCount;
  return texts == 0 || repeated > 0 || fraction ? FirstLine::kValues : FirstLine::kNames;
}

// "5.1 3.5  1.4": one column, with equally many words on all lines, and numbers among them.
bool HasBlanksBetween(const Sample& sample) {
  if (sample.columns() != 1 || sample.records.size() < 2) return false;
  std::optional<size_t> words;
  size_t numbers = 0;
  for (const Record& record : sample.records) {
    size_t count = 0;
    for (const std::string_view word : Split(record[0], ' ')) {
      if (Trim(word).empty()) continue;
      ++count;
      if (&record != &sample.records[0] && ReadNumber(NumberFormat::kPlain, Trim(word))) ++numbers;
    }
    if (words.value_or(count) != count) return false;
    words = count;
  }
  return *words > 1 && numbers + 1 >= sample.records.size();
}

// Takes the line "sep=;" off.
std::optional<char> TakeNamedSeparator(std::string_view& head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  if (head.size() < 6 || !head.starts_with("sep=") || (head[5] != '\n' && head[5] != '\r')) return std::nullopt;
  const char separator = head[4];
  if (std::find(kSeparators.begin(), kSeparators.end(), separator) == kSeparators.end()) return std::nullopt;
  head.remove_prefix(head.substr(5, 2) == "\r\n" ? 7 : 6);
  return separator;
}

void AddFirstLineNote(FirstLine line, const Sample& sample, std::vector<std::string>& notes) {
  if (line == FirstLine::kNames) return;
  const std::string first = Quoted(Join(sample.records[0], std::string(1, sample.separator)));
  if (line == FirstLine::kValues) {
    notes.push_back("the first line, " + first +
                    ", holds values and not names, so the columns are called column_1 to column_" +
                    std::to_string(sample.columns()) + "; if it has names, put them in quotes");
  } else {
    notes.push_back(
        "the first line, " + first +
        ", counts up and is taken for the names of the columns; if it holds values, put a line of names above it");
  }
}

}  // namespace

absl::StatusOr<Dialect> DialectOf(const std::string& file, std::string_view head, bool whole) {
  Dialect dialect;
  const std::optional<char> named = TakeNamedSeparator(head);
  const Sample sample = named ? SampleOf(head, whole, *named) : BestSample(head, whole, dialect.notes);
  dialect.separator = sample.separator;
  dialect.names_separator = named.has_value();
  if (sample.records.empty()) return dialect;
  if (HasBlanksBetween(sample)) {
    return absl::InvalidArgumentError(
        file + ":1: the columns, such as in " + Quoted(sample.records[0][0]) +
        ", seem to have blanks between them: separate them by commas, semicolons or tabs");
  }
  if (sample.separator != ',' && sample.columns() > 1)
    dialect.notes.insert(dialect.notes.begin(),
                         "the columns are separated by " + std::string(SeparatorName(sample.separator)) + "s");
  const FirstLine line = JudgeFirstLine(sample);
  dialect.header = line != FirstLine::kValues;
  AddFirstLineNote(line, sample, dialect.notes);
  return dialect;
}

absl::Status CheckIsText(const std::string& file, std::string_view head) {
  struct Kind {
    std::string_view begins;
    std::string_view what;
  };
  constexpr std::array<Kind, 9> kKinds = {{
      {"PK\x03\x04", "this is a spreadsheet or another zip archive, not text: export the table as CSV in UTF-8"},
      {"\xD0\xCF\x11\xE0", "this is an old spreadsheet, not text: export the table as CSV in UTF-8"},
      {"%PDF", "this is a PDF, not a table of text: export the table as CSV in UTF-8"},
      {"PAR1", "this is a Parquet file, not text: export the table as CSV in UTF-8"},
      {"SQLite format 3", "this is an SQLite database, not text: export the table as CSV in UTF-8"},
      {"BZh", "this is compressed by bzip2: decompress it, or compress it by gzip"},
      {"\xFD"
       "7zXZ",
       "this is compressed by xz: decompress it, or compress it by gzip"},
      {"\x28\xB5\x2F\xFD", "this is compressed by zstd: decompress it, or compress it by gzip"},
      {"\x89PNG", "this is a picture, not a table of text"},
  }};
  for (const Kind& kind : kKinds) {
    if (head.starts_with(kind.begins)) return absl::InvalidArgumentError(file + ": " + std::string(kind.what));
  }
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
    return absl::InvalidArgumentError(file + ":1: the text is UTF-16: save the file as CSV in UTF-8");
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::string_view text = Trim(head.substr(0, 100));
  if (text.starts_with("<")) {
    return absl::InvalidArgumentError(file + ": " + "this looks like HTML or XML, not CSV: download the table itself");
  }
  if (text.starts_with("{\"") || text.starts_with("[{") || text.starts_with("{\n") || text.starts_with("[\n"))
    return absl::InvalidArgumentError(file + ": " + "this looks like JSON, not CSV: write a line for each record");
  return absl::OkStatus();
}

std::string_view SeparatorName(char separator) {
  switch (separator) {
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
    case '|':
      return "vertical bar";
    default:
      return "comma";
  }
}

}  // namespace minnow::data
