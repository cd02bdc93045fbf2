// A hundred and more kinds of files as people have them: each ends in an answer, a warning, or a refusal that says
// where and what to do; and none is misread without a word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "common/data/prepare.h"
#include "common/text.h"
#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

constexpr int kRows = 40;

enum class End { kAnswer, kWarning, kRefusal };

struct FileKind {
  std::string name;
  std::string bytes;
  End end = End::kAnswer;
  std::string says;  // a part of the note or of the refusal
  // What the columns beside the target are taken for: number, date, category, boolean (one input of two), konstant,
  // left out; in that order, by their first letters.
  std::string columns = "nc";
  int rows = kRows;
  std::string target = "y";
};

void PrintTo(const FileKind& kind, std::ostream* out) { *out << kind.name; }

using Cell = std::function<std::string(int)>;

std::string Number(int row) { return std::to_string(row * 7 % 11) + "." + std::to_string(row * 3 % 10); }
std::string Letter(int row) { return row % 3 == 0 ? "u" : "v"; }
std::string Class(int row) { return row % 2 == 0 ? "a" : "b"; }
Cell Always(const std::string& text) {
  return [text](int) { return text; };
}
// `text` in row 12, which is line 14, and `cell` elsewhere.
Cell Once(const std::string& text, Cell cell = Number) {
  return [text, cell](int row) { return row == 12 ? text : cell(row); };
}
Cell OneOf(std::vector<std::string> texts) {
  return [texts](int row) { return texts[static_cast<size_t>(row) % texts.size()]; };
}

struct Look {
  std::string header = "x,c,y";
  Cell x = Number;
  Cell c = Letter;
  Cell y = Class;
  std::string separator = ",";
  std::string end = "\n";
  int rows = kRows;
};

std::string File(const Look& look) {
  std::string text = look.header.empty() ? "" : look.header + look.end;
  for (int row = 0; row < look.rows; ++row)
    text += look.x(row) + look.separator + look.c(row) + look.separator + look.y(row) + look.end;
  return text;
}

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::string WithLine(std::string text, int line, const std::string& added) {
  size_t at = 0;
  for (int i = 1; i < line; ++i) at = text.find('\n', at) + 1;
  return text.insert(at, added + "\n");
}

const std::string& Good() {
  static const std::string good = File({});
  return good;
}

void AddShapes(std::vector<FileKind>& kinds) {
  kinds.insert(
      kinds.end(),
      {
          {"plain", Good()},
          {"empty", "", End::kRefusal, "data.csv: the file is empty"},
          {"only line ends", "\n\n\r\n", End::kRefusal, "data.csv: the file is empty"},
          {"only blanks", "   \n  \n", End::kRefusal, "the file is empty"},
          {"only a mark", "\xEF\xBB\xBF", End::kRefusal, "the file is empty"},
          {"only a header", "x,c,y\n", End::kRefusal, "data.csv:1: a header without rows"},
          {"only a header, no line end", "x,c,y", End::kRefusal, "a header without rows"},
          {"one row", "x,c,y\n1,u,a\n", End::kRefusal, "holds \"a\" in every row"},
          {"two rows", "x,c,y\n1,u,a\n2,v,b\n", End::kRefusal, "has 1 row, but a 60/20/20 split needs at least 4"},
          {"CRLF", File({.end = "\r\n"})},
          {"CR alone", File({.end = "\r"})},
          {"mixed line ends", File({.end = "\r\n"}) + "1.5,u,a\n2.5,v,b\r", End::kAnswer, "", "nc", kRows + 2},
          {"no last line end", Good().substr(0, Good().size() - 1)},
          {"empty lines between", Replaced(Good(), "\n", "\n\n")},
          {"byte order mark", "\xEF\xBB\xBF" + Good()},
          {"blanks around fields", Replaced(Good(), ",", "  ,   ")},
          {"all fields quoted", "\"x\",\"c\",\"y\"\n" + File({.header = "",
                                                              .x = [](int r) { return '"' + Number(r) + '"'; },
                                                              .c = [](int r) { return '"' + Letter(r) + '"'; }})},
          {"a row too short", WithLine(Good(), 7, "1,u"), End::kRefusal, "data.csv:7: 2 fields, but the header has 3"},
          {"a row too long", WithLine(Good(), 7, "1,u,a,5"), End::kRefusal, "data.csv:7: 4 fields"},
          {"a decimal comma not in quotes", WithLine(Good(), 9, "1,5,u,a"), End::kRefusal,
           "put a value that holds a comma"},
          {"an empty last column", Replaced(Good(), "\n", ",\n"), End::kWarning, "column 4 is called column_4", "ncl"},
          {"a title above the header", "Report\n\n" + Good(), End::kRefusal, "remove what is above it"},
          {"a comment", WithLine(Good(), 5, "# checked"), End::kRefusal, "data.csv:5: 1 field"},
          {"the header twice", WithLine(Good(), 20, "x,c,y"), End::kRefusal,
           "data.csv:20: the names of the columns stand here again"},
          {"a sum at the end", Good() + "123.4,,\n", End::kRefusal, "data.csv:42: the target \"y\" is empty"},
          {"an empty row of commas", Good() + ",,\n", End::kRefusal, "data.csv:42: the target \"y\" is empty"},
          {"a quote never closed", WithLine(Good(), 7, "1,\"u,a"), End::kRefusal,
           "data.csv:7: the quote that opens in field 2"},
          {"a quote within a field", WithLine(Good(), 7, "1,5\" pipe,a"), End::kRefusal,
           "data.csv:7: field 2 has a quote"},
          {"a backslash before a quote", WithLine(Good(), 7, "1,\"5\\\" pipe\",a"), End::kRefusal,
           "data.csv:7: field 2"},
          {"text behind a quote", WithLine(Good(), 7, "1,\"u\" v,a"), End::kRefusal, "data.csv:7: field 2"},
          {"line ends in quotes", File({.c = OneOf({"\"one\ntwo\"", "v"})})},
          {"doubled quotes", File({.c = OneOf({"\"5\"\" pipe\"", "v"})})},
          {"commas in quotes", File({.c = OneOf({"\"u, v\"", "v"})})},
          {"semicolons", File({.header = "x;c;y", .separator = ";"}), End::kWarning, "separated by semicolons"},
          {"tabs", File({.header = "x\tc\ty", .separator = "\t"}), End::kWarning, "separated by tabs"},
          {"vertical bars", File({.header = "x|c|y", .separator = "|"}), End::kWarning, "separated by vertical bars"},
          {"sep=;", "sep=;\n" + File({.header = "x;c;y", .separator = ";"}), End::kWarning, "separated by semicolons"},
          {"semicolons, commas in texts", File({.header = "x;c;y", .c = OneOf({"u, or so", "v"}), .separator = ";"}),
           End::kWarning, "semicolons"},
          {"commas, semicolons in texts", File({.c = OneOf({"u; or so", "v", "w"})})},
          {"blanks between columns", File({.header = "x c y", .separator = " "}), End::kRefusal,
           "data.csv:1: the columns"},
          {"semicolons under a header with commas", File({.separator = ";"}), End::kRefusal, "data.csv:2:"},
          {"two separators fit",
           File({.header = "x;c,y", .x = OneOf({"1;2", "3;4"}), .c = Always(""), .separator = ""}), End::kRefusal,
           "data.csv"},
      });
}

void AddNames(std::vector<FileKind>& kinds) {
  const std::string numbers = File({.header = "", .c = [](int r) { return std::to_string(r % 4); }});
  kinds.insert(
      kinds.end(),
      {
          {"no header", File({.header = ""}), End::kWarning, "the columns are called column_1 to column_3", "nc", kRows,
           "column_3"},
          {"no header, all numbers", Replaced(Replaced(numbers, "a\n", "0\n"), "b\n", "1\n"), End::kWarning,
           "holds values and not names", "nn", kRows, "column_3"},
          {"a header of years", File({.header = "2019,2020,y"}), End::kWarning, "counts up", "nc"},
          {"a header of quoted numbers", File({.header = "\"7\",\"9\",\"y\""})},
          {"a name twice", File({.header = "x,x,y"}), End::kWarning, "column 2 is called x_2"},
          {"all names alike", File({.header = "y,y,y"}), End::kWarning,
           "column 2 is called y_2, column 3 is called y_3", "cc", kRows, "y"},
          {"a name missing", File({.header = ",c,y"}), End::kWarning, "column 1 is called column_1"},
          {"all names missing", File({.header = ",,"}), End::kWarning, "3 columns have no name", "nc", kRows,
           "column_3"},
          {"a name with a line end", File({.header = "x,\"c\nd\",y"})},
          {"a name of blanks", File({.header = "x,\"  \",y"})},
          {"a long name", File({.header = std::string(5000, 'x') + ",c,y"})},
          {"an unknown target", Good(), End::kRefusal, "there is no such column: did you mean \"y\"?", "", 0, "Y"},
          {"a target that no header names", File({.header = ""}), End::kRefusal,
           "the columns are column_1, column_2, column_3 (the first line,", "", 0, "class"},
          {"names of other letters", File({.header = "größe,日本,y"})},
          {"one column", "y\na\nb\na\nb\na\nb\na\nb\n", End::kRefusal,
           "no column beside the target has something to learn from"},
      });
}

void AddEncodings(std::vector<FileKind>& kinds) {
  const std::string latin = File({.c = OneOf({"caf\xE9", "th\xE9"})});
  std::string utf16 = "\xFF\xFE";
  for (const char c : Good()) utf16 += c + "\0"s;
  kinds.insert(kinds.end(),
               {
                   {"UTF-8", File({.c = OneOf({"größe", "日本"})})},
                   {"Latin-1", latin, End::kWarning, "read as Latin-1 (Windows-1252): check that \"café\""},
                   {"Windows-1252", File({.c = OneOf({"5 \x80", "\x84x\x93"})}), End::kWarning, "check that \"5 €\""},
                   {"Latin-1 late in the file", File({.rows = 100'000}) + "1,caf\xE9,a\n", End::kWarning, "Latin-1",
                    "nc", 100'001},
                   {"Latin-1 and UTF-8 mixed",
                    Good() + "1,größe,a\n1,gr\xF6\xDF"
                             "e,b\n",
                    End::kRefusal, "data.csv:43: the byte 0xF6 is not UTF-8"},
                   {"UTF-8 behind a damaged letter", Good() + "1,gr\xF6,a\n1,größe,b\n", End::kRefusal,
                    "some letters are UTF-8 and others are not"},
                   {"a letter cut at the end", Good() + "1,gr\xC3", End::kRefusal, "data.csv:42"},
                   {"UTF-16", utf16, End::kRefusal, "data.csv:1: the text is UTF-16"},
                   {"UTF-16 without a mark", utf16.substr(2), End::kRefusal, "is NUL"},
                   {"a NUL", Good() + "1,\0,a\n"s, End::kRefusal, "data.csv:42: not a text file"},
                   {"bytes of a program",
                    "\x7F"
                    "ELF\x02\x01\x01\0\0\0"s,
                    End::kRefusal, "not a text file"},
                   {"control characters", "a,b\n\x01\x02\x90,2\n", End::kRefusal, "data.csv:2: not a text file"},
                   {"a spreadsheet", "PK\x03\x04\x14\0"s, End::kRefusal, "a spreadsheet or another zip archive"},
                   {"an old spreadsheet", "\xD0\xCF\x11\xE0\xA1"s, End::kRefusal, "an old spreadsheet"},
                   {"a PDF", "%PDF-1.7\n", End::kRefusal, "a PDF"},
                   {"a Parquet file", "PAR1\x15", End::kRefusal, "Parquet"},
                   {"a database", "SQLite format 3\0"s, End::kRefusal, "SQLite"},
                   {"bzip2", "BZh91AY", End::kRefusal, "bzip2"},
                   {"xz",
                    "\xFD"
                    "7zXZ\0"s,
                    End::kRefusal, "xz"},
                   {"zstd", "\x28\xB5\x2F\xFD\x04", End::kRefusal, "zstd"},
                   {"a picture", "\x89PNG\r\n", End::kRefusal, "a picture"},
                   {"HTML", "<!DOCTYPE html>\n<html>", End::kRefusal, "HTML"},
                   {"XML", "<?xml version=\"1.0\"?>", End::kRefusal, "XML"},
                   {"JSON", "[{\"x\": 1}]", End::kRefusal, "JSON"},
                   {"JSON lines", "{\"x\": 1}\n{\"x\": 2}\n", End::kRefusal, "JSON"},
               });
}

void AddNumbers(std::vector<FileKind>& kinds) {
  const auto numbers = [&](const std::string& name, Cell cell, End end = End::kAnswer, const std::string& says = "",
                           const std::string& columns = "nc") {
    kinds.push_back({name, File({.x = std::move(cell)}), end, says, columns});
  };
  numbers("exponents", OneOf({"1e3", "2.5E-2", "-3e+1"}));
  numbers("signs", OneOf({"+1.5", "-2", "-0.5"}));
  numbers("no digit before the point", OneOf({".5", "-.25", "3."}));
  numbers("commas between thousands", OneOf({"\"1,234.5\"", "\"12,345\"", "7"}), End::kWarning,
          "commas between thousands");
  numbers("commas that could be both", OneOf({"\"1,234\"", "\"2,500\""}), End::kWarning,
          "could be decimal commas as well");
  numbers("decimal commas in quotes", OneOf({"\"1,5\"", "\"2,25\""}), End::kWarning, "decimal commas");
  kinds.push_back({"decimal commas", File({.header = "x;c;y", .x = OneOf({"1,5", "2,25", "3"}), .separator = ";"}),
                   End::kWarning, "decimal commas"});
  kinds.push_back({"decimal commas and dots",
                   File({.header = "x;c;y", .x = OneOf({"1.234,5", "-2.345.678,25"}), .separator = ";"}), End::kWarning,
                   "decimal commas"});
  kinds.push_back({"points and commas mixed",
                   File({.header = "x;c;y", .x = OneOf({"1.5", "2,5", "3.5"}), .separator = ";"}), End::kWarning,
                   "column x is taken for text", "cc"});
  kinds.push_back(
      {"points that may stand between thousands",
       File({.header = "x;c;y", .x = OneOf({"1.234", "12.345", "7"}), .c = OneOf({"1,5", "2,5"}), .separator = ";"}),
       End::kWarning, "is read with decimal points, while others have decimal commas", "nn"});
  numbers("percent", OneOf({"45%", "7.5 %"}), End::kWarning, "a percent sign");
  numbers("currency", OneOf({"$5", "$7", "$9"}), End::kAnswer, "", "cc");
  numbers("units", Once("12 kg"), End::kWarning, "39 of its fields are numbers, but line 14 holds \"12 kg\"", "cc");
  numbers("gaps", OneOf({"1", "", "2"}), End::kWarning, "filled with the median of the training rows");
  for (const std::string word : {"NA", "N/A", "nan", "NULL", "None", "?", "-", "#N/A"}) {
    numbers("gaps written " + word, OneOf({"1", word, "2"}), End::kWarning,
            "\"" + word + "\" where no number is known");
  }
  numbers("a word among numbers", Once("few"), End::kWarning, "column x is taken for text", "cc");
  numbers("infinity", Once("inf"), End::kWarning, "line 14 holds \"inf\"", "cc");
  numbers("a number beyond all doubles", Once("1e999"), End::kWarning, "line 14 holds \"1e999\"", "cc");
  numbers("a number too large to square", Once("1e200"), End::kRefusal, "data.csv:14: column \"x\" holds 1e200");
  numbers("numbers of sixteen and more digits", OneOf({"12345678901234567", "12345678901234568", "1"}), End::kWarning,
          "beyond 2^53");
  numbers("codes with leading zeros", OneOf({"01234", "04567", "12345"}), End::kWarning,
          "leading zeros, such as \"01234\"");
  numbers("hexadecimal numbers", OneOf({"0x1F", "0x2A"}), End::kAnswer, "", "cc");
  numbers(
      "rows counted", [](int r) { return std::to_string(r + 1); }, End::kWarning, "counts up by one from row to row");
  numbers("one number only", Always("7"), End::kWarning, "1 column is constant", "kc");
  numbers("one number and gaps", OneOf({"7", "", "7"}), End::kWarning, "has one value and gaps");
  numbers("zeros and ones", OneOf({"0", "1", "1"}));
  // More different numbers than are kept as they are spelled, and then another thing.
  const auto many = [&](const std::string& name, const std::string& last, const std::string& says,
                        const std::string& columns) {
    kinds.push_back({name, File({.x = [](int r) { return std::to_string(r * 3); }, .rows = 3000}) + last + ",u,a\n",
                     End::kWarning, says, columns, 3001});
  };
  many("text behind many numbers", "few", "3000 of its fields are numbers, but line 3002 holds \"few\"", "cc");
  many("NA behind many numbers", "NA", "gaps", "nc");
  many("a decimal comma behind many numbers", "\"7,5\"", "decimal commas", "nc");
  many("a date behind many numbers", "2024-01-31", "line 3002 holds \"2024-01-31\"", "cc");
}

void AddDates(std::vector<FileKind>& kinds) {
  const auto dates = [&](const std::string& name, Cell cell, End end, const std::string& says,
                         const std::string& columns = "dc") {
    kinds.push_back({name, File({.x = std::move(cell)}), end, says, columns});
  };
  dates("dates", OneOf({"2024-01-31", "2023-12-24"}), End::kWarning, "holds dates, which become days");
  dates("dates with times", OneOf({"2024-01-31 12:30", "2023-12-24T01:02:03.5Z"}), End::kWarning, "holds dates");
  dates("dates, day first", OneOf({"31.1.2024", "24.12.2023"}), End::kWarning, "dates, day first");
  dates("dates, month first", OneOf({"1/31/2024", "12/24/2023"}), End::kWarning, "dates, month first");
  dates("dates that could be both", OneOf({"1/2/2024", "3/4/2023"}), End::kWarning,
        "but could be dates, day first as well");
  dates("days first and months first", OneOf({"1/31/2024", "31/1/2024", "2/3/2024"}), End::kWarning,
        "are dates, but line", "cc");
  dates("a day that no calendar has", Once("2023-02-29", OneOf({"2024-02-29", "2023-01-31"})), End::kWarning,
        "line 14 holds \"2023-02-29\"", "cc");
  dates("dates and gaps", OneOf({"2024-01-31", "", "2023-12-24", "2023-12-25"}), End::kWarning,
        "has gaps, filled with the median");
  dates("dates and a word", Once("soon", OneOf({"2024-01-31", "2023-12-24"})), End::kWarning,
        "39 of its fields are dates", "cc");
  dates("years of two digits", OneOf({"31.1.24", "24.12.23"}), End::kAnswer, "", "cc");
  dates("times", OneOf({"12:30", "23:59:59", "1:05 PM"}), End::kWarning, "hours and minutes", "nc");
  dates("an hour that no clock has", Once("25:00", OneOf({"12:30", "13:30"})), End::kWarning, "line 14 holds \"25:00\"",
        "cc");
}

void AddTexts(std::vector<FileKind>& kinds) {
  const auto texts = [&](const std::string& name, Cell cell, End end, const std::string& says,
                         const std::string& columns) {
    kinds.push_back({name, File({.c = std::move(cell)}), end, says, columns});
  };
  texts("booleans", OneOf({"yes", "no", "no"}), End::kAnswer, "", "nb");
  texts("booleans in capitals", OneOf({"TRUE", "FALSE", "FALSE"}), End::kAnswer, "", "nb");
  texts("booleans in two spellings", OneOf({"Yes", "yes", "no"}), End::kWarning, "differ in capital letters alone",
        "nc");
  texts(
      "names of the rows", [](int r) { return "id-" + std::to_string(r); }, End::kWarning, "only names the rows", "nl");
  texts(
      "names with few repeated", [](int r) { return "id-" + std::to_string(r - r % 40 / 39); }, End::kWarning,
      "in most rows", "nc");
  texts("an empty column", Always(""), End::kWarning, "is empty in every row", "nl");
  texts("a column of NA", Always("NA"), End::kWarning, "is empty in every row", "nl");
  texts("one text only", Always("u"), End::kWarning, "is constant in the training rows", "nk");
  texts("texts and gaps", OneOf({"u", "", "v"}), End::kWarning, "of text has gaps", "nc");
  texts("NA among texts", OneOf({"NA", "u", "v"}), End::kAnswer, "", "nc");
  texts("texts of a megabyte", OneOf({std::string(1 << 20, 'u'), "v"}), End::kAnswer, "", "nc");
  texts("formulas", OneOf({"=A1+B1", "@x", "-u"}), End::kAnswer, "", "nc");
  kinds.push_back({"many different texts",
                   File({.c = [](int r) { return "city-" + std::to_string(r * r % 101); }, .rows = 400}), End::kWarning,
                   "51 different values: the 32 most frequent", "nc", 400});
  kinds.push_back(
      {"a rare text", File({.c = Once("w"), .rows = 4000}), End::kWarning, "is taken for text", "nc", 4000});
  kinds.push_back({"rare texts alone",
                   File({.c = [](int r) { return "city-" + std::to_string(r % 1501); }, .rows = 4000}), End::kWarning,
                   "1501 different values: the 32 most frequent", "nc", 4000});
}

void AddTargets(std::vector<FileKind>& kinds) {
  const auto targets = [&](const std::string& name, Cell cell, End end, const std::string& says, int rows = kRows) {
    kinds.push_back({name, File({.y = std::move(cell), .rows = rows}), end, says, "nc", rows});
  };
  targets("a gap in the target", Once("", Class), End::kRefusal, "data.csv:14: the target \"y\" is empty");
  targets("NA in a target of numbers", Once("NA"), End::kRefusal, "data.csv:14: the target \"y\" is \"NA\", not known");
  targets("one class", Always("a"), End::kRefusal, "holds \"a\" in every row");
  targets("a class of one row", Once("z", Class), End::kRefusal, "class \"z\" of the target \"y\" has 1 row");
  targets(
      "classes that name the rows", [](int r) { return "t" + std::to_string(r); }, End::kRefusal,
      "choose a target whose values repeat");
  targets("a word in a target of numbers", Once("few"), End::kRefusal, "line 14 holds \"few\"");
  targets(
      "unequal classes", [](int r) { return r % 20 == 0 ? "rare" : "common"; }, End::kWarning,
      "the classes are imbalanced: \"common\" has 95 %", 200);
  targets(
      "more than a thousand classes", [](int r) { return "t" + std::to_string(r % 1100); }, End::kRefusal,
      "more than the 1000 classes", 6600);
  targets("numbers", Number, End::kAnswer, "");
  targets(
      "whole numbers", [](int r) { return std::to_string(r % 5); }, End::kAnswer, "");
  targets("booleans as target", OneOf({"true", "false"}), End::kAnswer, "");
  targets("dates as target", OneOf({"2024-01-31", "2023-12-24", "2023-01-01"}), End::kAnswer, "");
}

std::vector<FileKind> AllKinds() {
  std::vector<FileKind> kinds;
  AddShapes(kinds);
  AddNames(kinds);
  AddEncodings(kinds);
  AddNumbers(kinds);
  AddDates(kinds);
  AddTexts(kinds);
  AddTargets(kinds);
  return kinds;
}

char Letter(const ColumnPreparation& column) {
  if (column.kind == ColumnKind::kCategory && column.inputs[0].dropped) return 'b';
  switch (column.kind) {
    case ColumnKind::kNumber:
      return IsDate(column.format) ? 'd' : 'n';
    case ColumnKind::kCategory:
      return 'c';
    case ColumnKind::kConstant:
      return 'k';
    default:
      return 'l';
  }
}

std::string Letters(const Preparation& preparation) {
  std::string letters;
  for (const ColumnPreparation& column : preparation.columns) letters += Letter(column);
  return letters;
}

absl::StatusOr<Prepared> PrepareFile(const FileKind& kind) {
  const absl::StatusOr<CsvTable> table = ParseCsv("data.csv", kind.bytes);
  if (!table.ok()) return table.status();
  return Prepare(*table, nullptr, Target(kind.target));
}

class BadFiles : public ::testing::TestWithParam<FileKind> {};

TEST_P(BadFiles, EndAsTheyShould) {
  const FileKind& kind = GetParam();
  const absl::StatusOr<Prepared> prepared = PrepareFile(kind);
  if (kind.end == End::kRefusal) {
    EXPECT_EQ(prepared.status().code(), absl::StatusCode::kInvalidArgument) << prepared.status();
    EXPECT_THAT(MessageOf(prepared), HasSubstr(kind.says));
    EXPECT_THAT(MessageOf(prepared), ::testing::StartsWith("data.csv"));
    return;
  }
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(Letters(prepared->preparation), kind.columns);
  EXPECT_EQ(prepared->training.train.rows() + prepared->training.validation.rows() + prepared->test.rows(), kind.rows);
  const std::vector<std::string>& notes = prepared->preparation.notes;
  if (kind.end == End::kAnswer) {
    EXPECT_EQ(notes.size(), 1u) << ::testing::PrintToString(notes);  // on the target
  } else {
    EXPECT_THAT(Join({notes.begin() + 1, notes.end()}, "\n"), HasSubstr(kind.says));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, BadFiles, ::testing::ValuesIn(AllKinds()), [](const auto& param) {
  std::string name = param.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name + "_" + std::to_string(param.index);
});

TEST(BadFilesTable, HasAHundredKinds) {
  std::set<std::string> names;
  for (const FileKind& kind : AllKinds()) names.insert(kind.name);
  EXPECT_EQ(names.size(), AllKinds().size());
  EXPECT_GE(names.size(), 100u);
}

}  // namespace
}  // namespace minnow::data
