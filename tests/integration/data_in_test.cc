// Tables as people have them, from the file to the stored job.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/integration/process.h"

namespace minnow {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

constexpr char kQuick[] =
    " --good-enough 'accuracy >= 0.5' --search grid --layers 0 --learning-rate 0.05 --init he --seeds 1 --epochs 2 "
    "--json";

class DataIn : public ProcessTest {
 protected:
  json RunQuick(const std::string& before, const std::string& data, const std::string& flags) {
    const Finished run = Run(before + "minnow run " + data + " " + flags + kQuick);
    EXPECT_THAT(run.code, testing::AnyOf(0, 3)) << run.err;
    return json::parse(run.out, nullptr, /*allow_exceptions=*/false);
  }
  json QueryRows(const std::string& sql) {
    return json::parse(Run("minnow query \"" + sql + "\" --json").out, nullptr, /*allow_exceptions=*/false);
  }
};

TEST_F(DataIn, StandardInputIsAJobCalledStdinAndAsksTheSameAsTheFile) {
  EXPECT_EQ(RunQuick("cat data/iris.csv | ", "-", "--target species")["name"], "stdin");
  EXPECT_EQ(QueryRows("SELECT data_file FROM jobs")[0]["data_file"], "stdin");
  EXPECT_EQ(Run("gzip -c data/iris.csv > iris.csv.gz").code, 0);
  EXPECT_EQ(RunQuick("", "iris.csv.gz", "--target species")["job"], "jobs/1");
  EXPECT_EQ(RunQuick("", "data/iris.csv", "--target species")["job"], "jobs/1");
}

TEST_F(DataIn, WhatInspectSaysIsStoredWithTheJob) {
  std::string text = "preis;tag;plz;art\n";
  for (int row = 0; row < 60; ++row) {
    text += std::to_string(row % 7) + "," + std::to_string(row % 4) + ";" + std::to_string(row % 28 + 1) +
            ".3.2024;id-" + std::to_string(row) + ";" + (row % 2 == 0 ? "gr\xFCn" : "rot") + "\n";
  }
  Write("german.csv", text);
  const json inspected = json::parse(Run("minnow inspect german.csv --target art --json").out);
  EXPECT_THAT(inspected["notes"], Contains("the columns are separated by semicolons"));
  EXPECT_THAT(inspected["notes"], Contains("1 column of numbers is written with decimal commas: preis"));
  EXPECT_THAT(inspected["notes"], Contains("1 column holds dates, day first, which become days since 1970-01-01: tag"));
  RunQuick("", "german.csv", "--target art");
  const json stored = QueryRows("SELECT preparation FROM preparations");
  EXPECT_EQ(json::parse(stored[0]["preparation"].get<std::string>())["notes"], inspected["notes"]);
}

TEST_F(DataIn, ImagesAreTrainedAndTestedOn) {
  const auto idx = [](const std::string& sizes, int rows, int pixels) {
    std::string bytes = sizes;
    for (int row = 0; row < rows; ++row) {
      for (int p = 0; p < pixels; ++p) bytes += static_cast<char>(pixels == 1 ? row % 2 : row % 2 * 100 + row * p % 50);
    }
    return bytes;
  };
  const auto size = [](int n) { return std::string{0, 0, 0, static_cast<char>(n)}; };
  const std::string three{0, 0, 8, 3}, one{0, 0, 8, 1};
  Write("train-images-idx3-ubyte", idx(three + size(60) + size(2) + size(2), 60, 4));
  Write("train-labels-idx1-ubyte", idx(one + size(60), 60, 1));
  Write("t10k-images-idx3-ubyte", idx(three + size(20) + size(2) + size(2), 20, 4));
  Write("t10k-labels-idx1-ubyte", idx(one + size(20), 20, 1));
  EXPECT_EQ(Run("gzip t10k-images-idx3-ubyte train-labels-idx1-ubyte").code, 0);
  const json answer = RunQuick("", "train-images-idx3-ubyte", "--test t10k-images-idx3-ubyte.gz --target label");
  EXPECT_EQ(answer["rows"], (json{{"train", 46}, {"validation", 14}, {"test", 20}}));
  EXPECT_EQ(answer["inputs"], 4);
}

TEST_F(DataIn, StandardInputIsNotReadTwice) {
  const Finished refused = Run("minnow run - --test - --target y < data/iris.csv");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("standard input can be read once only"));
}

}  // namespace
}  // namespace minnow
