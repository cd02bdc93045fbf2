// Every kept input through its target: seeds, what a fuzzer found worth keeping, and the input of every bug it found.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/targets.h"

namespace minnow::fuzz {
namespace {

void Replay(const std::string& name, void (*target)(std::string_view)) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(MINNOW_CORPUS) / name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    SCOPED_TRACE(entry.path());
    EXPECT_NO_THROW(target(bytes));
    ++inputs;
  }
  EXPECT_GE(inputs, 10) << "inputs of " << name;
}

TEST(Replay, Csv) { Replay("csv", Csv); }
TEST(Replay, Dataset) { Replay("dataset", Dataset); }
TEST(Replay, Json) { Replay("json", Json); }
TEST(Replay, Model) { Replay("model", Model); }
TEST(Replay, Names) { Replay("names", Names); }
TEST(Replay, Rpc) { Replay("rpc", Rpc); }
TEST(Replay, Spec) { Replay("spec", Spec); }
TEST(Replay, Sql) { Replay("sql", Sql); }
TEST(Replay, Threshold) { Replay("threshold", Threshold); }

}  // namespace
}  // namespace minnow::fuzz
