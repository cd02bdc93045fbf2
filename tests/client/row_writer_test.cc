#include "client/row_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace minnow::client {
namespace {

std::string Written(Format format, const std::vector<std::string>& names, const std::vector<std::vector<Cell>>& rows) {
  std::ostringstream out;
  const std::unique_ptr<RowWriter> writer = NewRowWriter(format, out);
  writer->Header(names);
  for (const std::vector<Cell>& row : rows) writer->Row(row);
  writer->End();
  return out.str();
}

const std::vector<std::vector<Cell>> kRows = {{std::string("a,b"), int64_t{1}, 0.05, std::vector<int>{16, 8}},
                                              {std::string("c"), int64_t{20}, Cell(), std::vector<int>{}}};

TEST(CsvField, QuotesOnlyWhatWouldBeMisread) {
  EXPECT_EQ(CsvField("plain text"), "plain text");
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(CsvField("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(CsvField("carriage\rreturn"), "\"carriage\rreturn\"");
  EXPECT_EQ(CsvField(" blank"), "\" blank\"");
}

TEST(RowWriter, WritesCsv) {
  EXPECT_EQ(Written(Format::kCsv, {"name", "n", "rate", "hidden"}, kRows),
            "name,n,rate,hidden\n"
            "\"a,b\",1,0.05,\"[16,8]\"\n"
            "c,20,,[]\n");
}

TEST(RowWriter, WritesATableWithNumbersOnTheRight) {
  EXPECT_EQ(Written(Format::kTable, {"name", "n", "rate", "hidden"}, kRows),
            "name   n  rate  hidden\n"
            "a,b    1  0.05  [16,8]\n"
            "c     20        []\n");
}

TEST(RowWriter, WritesAnArrayOfJsonObjects) {
  EXPECT_EQ(Written(Format::kJson, {"name", "n", "rate", "hidden"}, kRows),
            "[{\"name\":\"a,b\",\"n\":1,\"rate\":0.05,\"hidden\":[16,8]},\n"
            " {\"name\":\"c\",\"n\":20,\"rate\":null,\"hidden\":[]}]\n");
}

TEST(RowWriter, WritesAnEmptyResult) {
  EXPECT_EQ(Written(Format::kJson, {"name"}, {}), "[]\n");
  EXPECT_EQ(Written(Format::kCsv, {"name"}, {}), "name\n");
  EXPECT_EQ(Written(Format::kTable, {"name"}, {}), "name\n");
}

TEST(RowWriter, KeepsColumnsOfOneNameApartInJson) {
  EXPECT_EQ(Written(Format::kJson, {"a", "a"}, {{int64_t{1}, int64_t{2}}}), "[{\"a\":1,\"a (2)\":2}]\n");
}

TEST(RowWriter, LeavesNumbersThatAreNotFiniteEmpty) {
  EXPECT_EQ(Written(Format::kCsv, {"score"}, {{std::nan("")}, {-INFINITY}}), "score\n\n\n");
}

}  // namespace
}  // namespace minnow::client
