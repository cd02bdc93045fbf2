#include "common/data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <utility>

#include "common/data/records.h"
#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
using namespace std::string_literals;

std::string Refusal(std::string_view text) {
  const auto table = ParseCsv("data.csv", text);
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument);
  return MessageOf(table);
}

std::vector<int64_t> LinesOf(const CsvTable& table) {
  std::vector<int64_t> lines;
  for (int64_t row = 0; row < table.rows(); ++row) lines.push_back(table.lines[row]);
  return lines;
}

TEST(CsvReader, ReadsHeaderAndRowsColumnByColumn) {
  const CsvTable table = TableOf("a,b\n1,x\n2,y\n");
  EXPECT_EQ(table.file, "data.csv");
  EXPECT_THAT(table.header, ElementsAre("a", "b"));
  ASSERT_THAT(table.columns, SizeIs(2));
  EXPECT_THAT(table.columns[0].Fields(), ElementsAre("1", "2"));
  EXPECT_THAT(table.columns[1].Fields(), ElementsAre("x", "y"));
  EXPECT_THAT(LinesOf(table), ElementsAre(2, 3));
  EXPECT_EQ(table.rows(), 2);
}

TEST(CsvReader, ReadsQuotedCommasQuotesAndNewlines) {
  const CsvTable table = TableOf("name,\"b,c\"\n\"a \"\"quoted\"\" one\",\"two\nlines\"\n");
  EXPECT_THAT(table.header, ElementsAre("name", "b,c"));
  EXPECT_EQ(table.columns[0].Fields()[0], "a \"quoted\" one");
  EXPECT_EQ(table.columns[1].Fields()[0], "two\nlines");
}

TEST(CsvReader, CountsTheLinesWithinQuotesAndBetweenRows) {
  const CsvTable table = TableOf("a,b\n\n1,\"x\n\ny\"\n\n\n2,z\n");
  EXPECT_THAT(LinesOf(table), ElementsAre(3, 8));
  EXPECT_EQ(table.columns[1].Fields()[0], "x\n\ny");
}

TEST(CsvReader, TakesEveryKindOfLineEnd) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const CsvTable table = TableOf("a,b" + end + "1,2" + end + end + "3,\"x" + end + "y\"" + end + "5,6");
    EXPECT_THAT(table.columns[0].Fields(), ElementsAre("1", "3", "5"));
    EXPECT_THAT(LinesOf(table), ElementsAre(2, 4, 6));
    EXPECT_EQ(table.columns[1].Fields()[1], "x" + end + "y");
  }
}

TEST(CsvReader, EmptyAndQuotedEmptyFieldsAreGaps) {
  const CsvTable table = TableOf("a,b,c\n,\"\",  \n");
  for (const Column& column : table.columns) EXPECT_THAT(column.Fields(), ElementsAre(""));
}

TEST(CsvReader, BlanksAroundAFieldCountOnlyWithinQuotes) {
  const CsvTable table = TableOf("a,b\n  1\t, \" x \" \n");
  EXPECT_EQ(table.columns[0].Fields()[0], "1");
  EXPECT_EQ(table.columns[1].Fields()[0], " x ");
}

TEST(CsvReader, SkipsTheByteOrderMark) {
  EXPECT_EQ(TableOf("\xEF\xBB\xBF"
                    "a\n1\n")
                .header[0],
            "a");
}

TEST(CsvReader, KeepsLettersOfAllLanguages) { EXPECT_EQ(TableOf("größe\n日本\n").columns[0].Fields()[0], "日本"); }

TEST(CsvReader, RefusesARowWithTooFewFields) {
  EXPECT_EQ(Refusal("a,b,c\n1,2,3\n\n1,2\n"),
            "data.csv:4: 2 fields, but the header has 3: add the missing field (empty when the value is not known)");
}

TEST(CsvReader, RefusesARowWithTooManyFields) {
  EXPECT_EQ(Refusal("a,b\n\"x\ny\",2\n1,2,5\n"),
            "data.csv:4: 3 fields, but the header has 2: put a value that holds a comma in quotes, or remove the extra "
            "field");
}

TEST(CsvReader, RefusesAnEmptyFile) {
  EXPECT_THAT(Refusal(""), StartsWith("data.csv: the file is empty"));
  EXPECT_THAT(Refusal("\n \n"), StartsWith("data.csv: the file is empty"));
}

TEST(CsvReader, RefusesAHeaderWithoutRows) {
  EXPECT_EQ(Refusal("\na,b\n"), "data.csv:2: a header without rows: add at least one row of values below it");
}

TEST(CsvReader, NamesAColumnWithoutAName) {
  const CsvTable table = TableOf("a,,column_2,\n1,2,3,4\n");
  EXPECT_THAT(table.header, ElementsAre("a", "column_2_2", "column_2", "column_4"));
  EXPECT_THAT(table.notes,
              ElementsAre("2 columns have no name: column 2 is called column_2_2, column 4 is called column_4"));
}

TEST(CsvReader, RenamesANameThatIsThereTwice) {
  const CsvTable table = TableOf("a,b,a,a_2,a\n1,2,3,4,5\n");
  EXPECT_THAT(table.header, ElementsAre("a", "b", "a_3", "a_2", "a_4"));
  EXPECT_THAT(table.notes, ElementsAre("names of columns are there more than once: column 3 is called a_3, column 5 is "
                                       "called a_4"));
}

TEST(CsvReader, RefusesAQuoteThatIsNeverClosed) {
  EXPECT_EQ(Refusal("a,b\n1,2\n3,\"x\n4,5\n6,7\n"),
            "data.csv:3: the quote that opens in field 2 is never closed: add the closing quote (\")");
  EXPECT_THAT(Refusal("a,b\n\"x\ny\",\"z\n4,5"), StartsWith("data.csv:3: the quote that opens in field 2"));
}

TEST(CsvReader, RefusesAMisplacedQuote) {
  EXPECT_THAT(Refusal("a,b\n1,2\n3,5\" pipe\n"), StartsWith("data.csv:3: field 2 has a quote in the wrong place"));
  EXPECT_THAT(Refusal("a,b\n\"x\" y,2\n"), StartsWith("data.csv:2: field 1 has a quote in the wrong place"));
}

TEST(CsvReader, AMisplacedQuoteNamesTheLineOnWhichItsFieldOpened) {
  EXPECT_THAT(Refusal("a,b\n1,\"x\n2,y\n3,\"z\"\n"),
              StartsWith("data.csv:4: field 2, whose quote opened on line 2, has a quote in the wrong place"));
}

TEST(CsvReader, RefusesABinaryFile) {
  EXPECT_EQ(Refusal("a,b\n1,\0"s), "data.csv:2: not a text file (byte 7 is NUL): export the table as CSV in UTF-8");
}

TEST(CsvReader, RefusesOtherEncodings) {
  EXPECT_EQ(Refusal("\xFF\xFE"
                    "a\0"s),
            "data.csv:1: the text is UTF-16: save the file as CSV in UTF-8");
}

TEST(CsvReader, ReportsTheFirstOfSeveralFaults) {
  EXPECT_THAT(Refusal("a,b\n1\n1,2,3\n\"x"), StartsWith("data.csv:2: 1 field,"));
}

TEST(CsvReader, TheLastLineNeedsNoLineEnd) {
  EXPECT_THAT(TableOf("a,b\n1,2\n3,\"4\"").columns[1].Fields(), ElementsAre("2", "4"));
  EXPECT_THAT(Refusal("a,b\n1,2\n3"), StartsWith("data.csv:3: 1 field,"));
}

TEST(CsvReader, NeverCrashesOnPiecesOfAFile) {
  const std::string text = "a,\"b\"\r\n\"x\ny\",2\n3,\"\"\"z\"\n";
  for (size_t begin = 0; begin < text.size(); ++begin) {
    for (size_t size = 0; size + begin <= text.size(); ++size) {
      const auto table = ParseCsv("data.csv", std::string_view(text).substr(begin, size));
      if (table.ok()) {
        EXPECT_EQ(table->columns[0].rows(), table->rows());
      }
    }
  }
}

// Gives a few bytes at a time.
class Drops : public ByteSource {
 public:
  Drops(std::string bytes, size_t size) : bytes_(std::move(bytes)), size_(size) {}
  absl::StatusOr<size_t> Read(char* to, size_t size) override {
    size = std::min({size, size_, bytes_.size() - at_});
    bytes_.copy(to, size, at_);
    at_ += size;
    return size;
  }
  absl::Status Rewind() override {
    at_ = 0;
    return absl::OkStatus();
  }

 private:
  std::string bytes_;
  size_t size_;
  size_t at_ = 0;
};

TEST(CsvReader, TheSizeOfThePiecesDoesNotMatter) {
  const std::string text = "\xEF\xBB\xBFgröße,\"b\"\r\n\"日本\r\ny\",2\r\n3,\"\"\"z\"\"\"\r\n\r\n4,\"x\" \r\n";
  const CsvTable whole = TableOf(text);
  for (size_t size = 1; size < text.size(); ++size) {
    Drops drops(text, size);
    const auto table = ReadCsv(drops, "data.csv");
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->header, whole.header);
    EXPECT_EQ(LinesOf(*table), LinesOf(whole));
    for (int c : {0, 1}) EXPECT_EQ(table->columns[c].Fields(), whole.columns[c].Fields());
  }
}

// Larger than what is read at once, so that records begin and end anywhere in the buffer.
TEST(CsvReader, ReadsRecordsOfAnyLength) {
  std::string text = "a,b\n";
  std::vector<std::string> expected;
  for (const size_t length : {700'000, 10, 900'000, 1'048'570, 1, 3'000'000, 600'000, 600'000, 5}) {
    expected.emplace_back(length, static_cast<char>('k' + expected.size()));
    text += "\"" + expected.back() + "\",x\n";
  }
  EXPECT_EQ(TableOf(text).columns[0].Fields(), expected);
}

TEST(CsvReader, AQuoteThatSwallowsAFileEndsSoon) {
  std::string text = "a,b\n1,\"x\n";
  text.resize(kMaxRecordBytes + (kMaxRecordBytes >> 1), 'y');
  EXPECT_THAT(Refusal(text), StartsWith("data.csv:2: the quote that opens in field 2 is never closed"));
}

TEST(CsvReader, ReadsAFile) {
  const std::string path = ::testing::TempDir() + "/csv_test_" + std::to_string(getpid()) + ".csv";
  std::ofstream(path) << "a,b\n1,2\n";
  const auto table = ReadCsv(path);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->file, path);
  EXPECT_EQ(Place(*table, 0), path + ":2");
  std::remove(path.c_str());
}

TEST(CsvReader, AFileThatIsNotThereIsNotFound) {
  const auto table = ReadCsv("/nowhere/data.csv");
  EXPECT_EQ(table.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(table), "/nowhere/data.csv: there is no such file: check the name and the folder");
}

TEST(CsvReader, RefusesAFolder) {
  const auto table = ReadCsv(::testing::TempDir());
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(MessageOf(table), HasSubstr("a folder, not a file"));
}

}  // namespace
}  // namespace minnow::data
