// What is wrong is refused with a sentence that names it, exit code 2, and nothing is stored.
#include <gmock/gmock.h>

#include <utility>
#include <vector>

#include "tests/integration/process.h"

namespace minnow {
namespace {

using testing::HasSubstr;

struct Refusal {
  std::string arguments;           // after `minnow run`
  std::vector<std::string> names;  // what the message must hold
};

class BadInput : public ProcessTest {
 protected:
  void ExpectRefused(const Refusal& refusal) {
    const Finished run = Run("minnow run " + refusal.arguments);
    EXPECT_EQ(run.code, 2) << refusal.arguments << "\n" << run.err;
    for (const std::string& name : refusal.names) EXPECT_THAT(run.err, HasSubstr(name)) << refusal.arguments;
    EXPECT_EQ(run.out, "") << refusal.arguments;
    EXPECT_FALSE(Exists("minnow.db")) << refusal.arguments;
  }
};

TEST_F(BadInput, Files) {
  Write("empty.csv", "");
  Write("header.csv", "a,b\n");
  Write("ragged.csv", "a,b\n1,2\n1,2,3\n");
  Write("one.csv", "a,b\n1,x\n2,x\n3,x\n");
  Write("few.csv", "a,b\n1,x\n2,x\n3,x\n4,x\n5,x\n6,y\n7,y\n");
  Write("gap.csv", "a,b\n1,x\n2,\n3,y\n");
  const std::vector<Refusal> refusals = {
      {"missing.csv --target b", {"missing.csv"}},
      {". --target b", {"."}},
      {"empty.csv --target b", {"empty.csv", "empty"}},
      {"header.csv --target b", {"header.csv"}},
      {"ragged.csv --target b", {"ragged.csv:3", "3 fields", "2"}},
      {"one.csv --target b", {"one.csv", "x"}},
      {"few.csv --target b", {"few.csv", "y"}},
      {"gap.csv --target b", {"gap.csv:3"}},
      {"data/iris.csv --target specis", {"specis", "species"}},
      {"data/iris.csv", {"--target"}},
      {"data/iris.csv --target species --task regression", {"data/iris.csv:2", "setosa"}},
      {"data/iris.csv --target species --test missing.csv", {"missing.csv"}},
      {"data/iris.csv --target species --split-column species", {"species"}}};
  for (const Refusal& refusal : refusals) ExpectRefused(refusal);
}

// A flag with its value, and what the message must hold.
struct BadFlag {
  const char* flag;
  const char* name;
};
constexpr BadFlag kBadFlags[] = {
    {"--good-enough 'accuracy >= 1.5'", "1.5"},
    {"--good-enough 'accuracy <= 0.9'", "<="},
    {"--good-enough 'acuracy >= 0.9'", "acuracy"},
    {"--good-enough 'rmse <= 3'", "rmse"},
    {"--init hee", "hee"},
    {"--activation rel", "rel"},
    {"--optimizer sgdm", "sgdm"},
    {"--search ladr", "ladr"},
    {"--units 0", "0"},
    {"--units 2,2", "--units"},
    {"--units 2000", "2000"},
    {"--units two", "two"},
    {"--layers 2..1", "2..1"},
    {"--layers 0..99", "99"},
    {"--epochs 1", "--epochs"},
    {"--epochs 1.5", "1.5"},
    {"--learning-rate 0", "0"},
    {"--learning-rate -1", "-1"},
    {"--learning-rate nan", "nan"},
    {"--batch-size 0", "0"},
    {"--weight-decay -1", "-1"},
    {"--momentum 1", "1"},
    {"--split 60/20", "60/20"},
    {"--split 60/20/30", "60/20/30"},
    {"--split 80/20/0", "80/20/0"},
    {"--seed -1", "-1"},
    {"--seed x", "x"},
    {"--threads 0", "0"},
    {"--confirm 0", "--confirm"},
    {"--budget-trials 0", "--budget-trials"},
    {"--pass reliably", "reliably"},
    {"--early-stop of", "of"},
    {"--order-by size", "size"},
    {"--splits 0", "--splits"},
    {"--search grid --splits 3", "--splits"},
    {"--no-such-flag", "--no-such-flag"},
    {"--priority 0", "--priority"},
    {"--route sideways", "sideways"},
    {"--spec missing.yaml", "missing.yaml"},
};

TEST_F(BadInput, Flags) {
  for (const auto& [flag, name] : kBadFlags) {
    ExpectRefused({std::string("data/iris.csv --target species ") + flag, {name}});
  }
}

TEST_F(BadInput, InstructionSets) {
  const std::string question = "data/iris.csv --target species --units 1 --epochs 2 --good-enough 'accuracy >= 0.1'";
  ASSERT_EQ(Run("minnow run --db some.db " + question).code, 0);
  for (const std::string& command :
       {"minnow run " + question, "minnow inspect " + question,
        std::string("minnow replay jobs/1/trials/1 --db some.db"), std::string("minnow-worker --server 127.0.0.1:1")}) {
    const Finished refused = Run("timeout 5 env MINNOW_ISA=quantum " + command);
    EXPECT_EQ(refused.code, 2) << command;
    for (const char* part : {"MINNOW_ISA", "quantum", "avx2, scalar", "leave it unset for the fastest"}) {
      EXPECT_THAT(refused.err, HasSubstr(part)) << command;
    }
    EXPECT_FALSE(Exists("minnow.db")) << command;
  }
  EXPECT_EQ(Run("env MINNOW_ISA=scalar minnow replay jobs/1/trials/1 --db some.db").code, 0);
}

TEST_F(BadInput, SpecFiles) {
  Write("unknown.yaml", "target: species\nlerning_rate: 0.1\n");
  ExpectRefused({"data/iris.csv --spec unknown.yaml", {"unknown.yaml:2", "lerning_rate", "learning_rate"}});
  Write("type.yaml", "target: species\nepochs: many\n");
  ExpectRefused({"data/iris.csv --spec type.yaml", {"type.yaml:2", "many"}});
  Write("broken.yaml", "target: [species\n");
  ExpectRefused({"data/iris.csv --spec broken.yaml", {"broken.yaml"}});
}

TEST_F(BadInput, DatabasesThatAreNotOursStayAsTheyAre) {
  Write("text.db", "this is not a database, it is a diary");
  Run("sqlite3 other.db 'CREATE TABLE t (x); INSERT INTO t VALUES (1)'");
  for (const char* file : {"text.db", "other.db"}) {
    const std::string before = Read(file);
    for (const char* command :
         {"minnow run data/iris.csv --target species --db ", "minnow jobs --db ", "minnow query 'SELECT 1' --db "}) {
      const Finished refused = Run(std::string(command) + file);
      EXPECT_EQ(refused.code, 2) << command << file << refused.err;
      EXPECT_THAT(refused.err, HasSubstr(file)) << command;
    }
    EXPECT_EQ(Read(file), before) << file;
  }
}

TEST_F(BadInput, ResourcesThatAreNotThere) {
  EXPECT_EQ(Run("minnow jobs").code, 2) << "no database";
  EXPECT_EQ(Run("minnow run data/iris.csv --target species --units 1 --epochs 2 --good-enough 'accuracy >= 0.1'").code,
            0);
  for (const char* command :
       {"answer jobs/7", "show jobs/7", "trials jobs/7", "replay jobs/1/trials/99999", "answer job1", "replay 3"}) {
    const Finished refused = Run(std::string("minnow ") + command);
    EXPECT_EQ(refused.code, 2) << command << refused.err;
    EXPECT_NE(refused.err, "") << command;
  }
  EXPECT_EQ(Run("minnow swim").code, 2);
  EXPECT_EQ(Run("minnow").code, 2);
}

}  // namespace
}  // namespace minnow
