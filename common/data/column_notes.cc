#include "common/data/column_notes.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "common/data/number_format.h"
#include "common/data/scan.h"
#include "common/data/wording.h"

namespace minnow::data {
namespace {

// In the order in which they are told.
enum class Topic {
  kLeftOut,
  kConstant,
  kMostlyNumbers,
  kFormat,
  kDoubt,
  kGapWords,
  kGaps,
  kOther,
  kNameLike,
};

// Collects sentences, and shares those that several columns have.
class NoteBook {
 public:
  void Add(Topic topic, std::string sentence) { single_.emplace(topic, std::move(sentence)); }
  // "1 column<one>: a" or "3 columns<many>: a, b, c".
  void AddColumn(Topic topic, const std::string& one, const std::string& many, const std::string& name) {
    shared_[topic][{one, many}].push_back(name);
  }

  void Write(std::vector<std::string>& notes) const {
    for (int t = 0; t <= static_cast<int>(Topic::kNameLike); ++t) {
      const auto topic = static_cast<Topic>(t);
      if (const auto shared = shared_.find(topic); shared != shared_.end()) {
        for (const auto& [words, names] : shared->second) {
          notes.push_back(Counted(static_cast<int64_t>(names.size()), "column") +
                          (names.size() == 1 ? words.first : words.second) + ": " + Listed(names));
        }
      }
      const auto [first, last] = single_.equal_range(topic);
      for (auto sentence = first; sentence != last; ++sentence) notes.push_back(sentence->second);
    }
  }

 private:
  using Words = std::pair<std::string, std::string>;
  std::map<Topic, std::map<Words, std::vector<std::string>>> shared_;
  std::multimap<Topic, std::string> single_;
};

struct Subject {
  const CsvTable& table;
  int number;  // of the column in the table
  const ColumnPreparation& column;
  const ColumnScan& scan;
  bool decimal_commas;  // are in other columns of the table

  const Column& fields() const { return table.columns[number]; }
  // Calls `visit` with each different field of a column that has them.
  template <class Visit>
  void EachSpelling(Visit visit) const {
    if (fields().storage() != Column::Storage::kSpellings) return;
    for (uint32_t code = 0; code < fields().spellings().size(); ++code) visit(fields().spellings()[code]);
  }
};

void NoteFate(const Subject& subject, NoteBook& book) {
  const ColumnPreparation& column = subject.column;
  if (column.kind == ColumnKind::kLeftOut && column.gaps == subject.table.rows()) {
    book.AddColumn(Topic::kLeftOut, " is empty in every row and was left out",
                   " are empty in every row and were left out", column.name);
  } else if (column.kind == ColumnKind::kLeftOut && subject.fields().storage() == Column::Storage::kNothing) {
    book.AddColumn(Topic::kLeftOut,
                   " of text has more than " + std::to_string(kMaxSpellings) + " different values and was left out",
                   " of text have more than " + std::to_string(kMaxSpellings) + " different values and were left out",
                   column.name);
  } else if (column.kind == ColumnKind::kLeftOut) {
    book.AddColumn(Topic::kLeftOut, " of text is different in every row, which only names the rows, and was left out",
                   " of text are different in every row, which only names the rows, and were left out", column.name);
  } else if (column.kind == ColumnKind::kConstant) {
    book.AddColumn(Topic::kConstant, " is constant in the training rows and was left out",
                   " are constant in the training rows and were left out", column.name);
  } else if (column.kind == ColumnKind::kNumber && column.inputs[0].dropped) {
    book.AddColumn(
        Topic::kConstant, " has one value and gaps in the training rows; only the input that marks the gaps was kept",
        " have one value and gaps in the training rows; only the inputs that mark the gaps were kept", column.name);
  }
}

void NoteGaps(const Subject& subject, NoteBook& book) {
  const ColumnPreparation& column = subject.column;
  if (column.kind == ColumnKind::kNumber && column.gap_indicator) {
    book.AddColumn(
        Topic::kGaps,
        " of numbers has gaps, filled with the median of the training rows and marked by an input of its own",
        " of numbers have gaps, filled with the median of the training rows and marked by an input each", column.name);
  } else if (column.kind == ColumnKind::kCategory && column.gap_indicator) {
    book.AddColumn(Topic::kGaps, " of text has gaps, marked by an input of its own",
                   " of text have gaps, marked by an input each", column.name);
  } else if (column.gaps > 0 && (column.kind == ColumnKind::kNumber || column.kind == ColumnKind::kCategory)) {
    book.AddColumn(Topic::kGaps, " has gaps only outside the training rows, so that no input marks them",
                   " have gaps only outside the training rows, so that no input marks them", column.name);
  }
  if (subject.scan.gap_words.empty() || column.kind == ColumnKind::kLeftOut) return;
  std::vector<std::string> words;
  for (const std::string& word : subject.scan.gap_words) words.push_back(Quoted(word));
  book.AddColumn(Topic::kGapWords, " of numbers has " + Listed(words) + " where no number is known, taken for gaps",
                 " of numbers have " + Listed(words) + " where no number is known, taken for gaps", column.name);
}

// A column of numbers that a few words turned into text is the commonest slip.
void NoteMostlyNumbers(const Subject& subject, NoteBook& book) {
  const std::string hint = MostlyNumbersHint(subject.table, subject.number, subject.scan);
  if (hint.empty()) return;
  book.Add(Topic::kMostlyNumbers, "column " + subject.column.name + " is taken for text: " + hint +
                                      "; if that means a missing value, leave the field empty");
}

std::string Written(NumberFormat format) {
  switch (format) {
    case NumberFormat::kPercent:
      return "a percent sign";
    case NumberFormat::kTime:
      return "hours and minutes, which become a fraction of a day";
    default:
      return std::string(FormatWords(format));
  }
}

void NoteFormat(const Subject& subject, NoteBook& book) {
  const ColumnPreparation& column = subject.column;
  if (column.kind != ColumnKind::kNumber) return;
  const std::string words(FormatWords(column.format));
  if (IsDate(column.format)) {
    book.AddColumn(Topic::kFormat, " holds " + words + ", which become days since 1970-01-01",
                   " hold " + words + ", which become days since 1970-01-01", column.name);
  } else if (column.format != NumberFormat::kPlain) {
    book.AddColumn(Topic::kFormat, " of numbers is written with " + Written(column.format),
                   " of numbers are written with " + Written(column.format), column.name);
  }
  if (!subject.scan.or_format) return;
  book.Add(Topic::kDoubt,
           "column " + column.name + " is read as " + words + ", but could be " +
               std::string(FormatWords(*subject.scan.or_format)) + " as well: " +
               (IsDate(column.format) ? "write dates as 2024-12-31 to be sure" : "write numbers as 1234.5 to be sure"));
}

// Whether whole numbers go up by one from row to row.
bool CountsUp(const ColumnScan& scan) {
  if (scan.numbers.size() < static_cast<size_t>(kIdRows)) return false;
  for (size_t r = 1; r < scan.numbers.size(); ++r) {
    if (scan.numbers[r] != scan.numbers[r - 1] + 1) return false;
  }
  return scan.numbers[0] == std::trunc(scan.numbers[0]);
}

// Numbers that may not be meant as such.
void NoteDoubtfulNumbers(const Subject& subject, NoteBook& book) {
  const ColumnPreparation& column = subject.column;
  if (column.kind != ColumnKind::kNumber || column.format != NumberFormat::kPlain) return;
  if (CountsUp(subject.scan)) {
    book.AddColumn(Topic::kDoubt, " counts up by one from row to row; remove it if it only numbers the rows",
                   " count up by one from row to row; remove them if they only number the rows", column.name);
  }
  constexpr double kLargestExact = 9007199254740992;  // 2^53
  const auto beyond = [](double number) { return std::fabs(number) > kLargestExact; };
  if (std::any_of(subject.scan.numbers.begin(), subject.scan.numbers.end(), beyond)) {
    book.AddColumn(
        Topic::kDoubt, " has numbers beyond 2^53, of which the last digits are lost; remove it if they are names",
        " have numbers beyond 2^53, of which the last digits are lost; remove them if they are names", column.name);
  }
  std::optional<std::string> padded;
  subject.EachSpelling([&](std::string_view field) {
    const bool zero = field.size() > 1 && field[0] == '0' && field[1] >= '0' && field[1] <= '9';
    if (zero && !padded) padded = Quoted(field);
  });
  if (!padded) return;
  book.Add(Topic::kDoubt, "column " + column.name + " has numbers with leading zeros, such as " + *padded +
                              "; if they are codes, put a letter before them");
}

// 1.234 in a file whose other columns have decimal commas: 1234?
bool MayBeThousands(const Subject& subject) {
  const ColumnPreparation& column = subject.column;
  if (!subject.decimal_commas || column.kind != ColumnKind::kNumber || column.format != NumberFormat::kPlain)
    return false;
  bool points = false;
  bool grouped = true;
  subject.EachSpelling([&](std::string_view field) {
    points = points || field.find('.') != std::string_view::npos;
    grouped = grouped && (field.empty() || IsGapWord(field) || ReadNumber(NumberFormat::kDecimalComma, field));
  });
  if (subject.fields().storage() == Column::Storage::kSpellings) return points && grouped;
  // How they are spelled is not known any more: three digits behind the point at most, and three before it.
  for (const double number : subject.scan.numbers) {
    if (std::isnan(number)) continue;
    points = points || number != std::trunc(number);
    grouped = grouped && std::fabs(number) < 1000 && std::fabs(number * 1000 - std::nearbyint(number * 1000)) < 1e-6;
  }
  return points && grouped;
}

void NotePointsAmongCommas(const Subject& subject, NoteBook& book) {
  if (!MayBeThousands(subject)) return;
  book.AddColumn(
      Topic::kDoubt,
      " is read with decimal points, while others have decimal commas; if its points stand between thousands, "
      "remove them",
      " are read with decimal points, while others have decimal commas; if their points stand between "
      "thousands, remove them",
      subject.column.name);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

// Two categories that a person may mean as one.
void NoteLikeSpellings(const Subject& subject, NoteBook& book) {
  std::map<std::string, std::string> first;
  for (const std::string& category : subject.column.categories) {
    const auto [same, added] = first.emplace(Lower(category), category);
    if (added) continue;
    book.Add(Topic::kDoubt, "column " + subject.column.name + ": " + Quoted(same->second) + " and " + Quoted(category) +
                                " differ in capital letters alone and count as two values; write them alike if they "
                                "mean the same");
    return;
  }
}

void NoteCategories(const Subject& subject, NoteBook& book) {
  const ColumnPreparation& column = subject.column;
  if (column.kind != ColumnKind::kCategory || subject.fields().storage() != Column::Storage::kSpellings) return;
  NoteLikeSpellings(subject, book);
  const int64_t values = static_cast<int64_t>(subject.fields().spellings().size()) - (column.gaps > 0 ? 1 : 0);
  if (column.other) {
    book.Add(Topic::kOther, "column " + column.name + " has " + std::to_string(values) + " different values: the " +
                                std::to_string(column.categories.size()) +
                                " most frequent of the training rows have an input each, all others share one");
  }
  if (2 * values > subject.table.rows()) {
    book.AddColumn(
        Topic::kNameLike, " of text has a value of its own in most rows; remove it if it only names the rows",
        " of text have a value of their own in most rows; remove them if they only name the rows", column.name);
  }
}

}  // namespace

void AddColumnNotes(const CsvTable& table, const Preparation& preparation, std::vector<std::string>& notes) {
  NoteBook book;
  const bool decimal_commas =
      std::any_of(preparation.columns.begin(), preparation.columns.end(), [](const ColumnPreparation& column) {
        return column.kind == ColumnKind::kNumber && column.format == NumberFormat::kDecimalComma;
      });
  int number = 0;
  for (const ColumnPreparation& column : preparation.columns) {
    while (table.header[number] != column.name) ++number;  // both are in the order of the file
    const ColumnScan scan = Scan(table.columns[number]);
    const Subject subject{table, number, column, scan, decimal_commas};
    NoteFate(subject, book);
    NoteGaps(subject, book);
    NoteMostlyNumbers(subject, book);
    NoteFormat(subject, book);
    NoteDoubtfulNumbers(subject, book);
    NotePointsAmongCommas(subject, book);
    NoteCategories(subject, book);
  }
  book.Write(notes);
}

}  // namespace minnow::data
