// The examples in Python do what their README says, by the commands that stand in it.
#include <gmock/gmock.h>

#include <sstream>

#include "tests/integration/service.h"

namespace minnow {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class PythonExamples : public ServiceTest {
 protected:
  void SetUp() override {
    ServiceTest::SetUp();
    for (const char* folder : {"proto", "examples"}) {
      ASSERT_EQ(Run("ln -s " MINNOW_SOURCE_DIR "/" + std::string(folder) + " " + folder).code, 0);
    }
  }

  // Of Debian's Python, which the examples name.
  bool Imports(const std::string& module) const { return Run("/usr/bin/python3 -c 'import " + module + "'").code == 0; }

  // The command of the README that begins like this.
  std::string FromReadme(const std::string& beginning) const {
    std::istringstream readme(Read("examples/python/README.md"));
    for (std::string line; std::getline(readme, line);) {
      if (line.starts_with(beginning)) return line;
    }
    ADD_FAILURE() << "no command of the README begins with " << beginning;
    return "false";
  }
};

TEST_F(PythonExamples, SubmitAJobAndReadItsAnswer) {
  if (!Imports("grpc, google.protobuf") || Run("which grpc_python_plugin").code != 0) {
    GTEST_SKIP() << "python3-grpcio, python3-protobuf or protobuf-compiler-grpc is not installed";
  }
  ASSERT_EQ(Run(FromReadme("mkdir")).code, 0);
  const Finished stubs = Run(FromReadme("protoc"));
  ASSERT_EQ(stubs.code, 0) << stubs.err;
  StartServer();
  StartWorker("one");
  const std::string server = "env MINNOW_SERVER=" + address() + " ";
  const std::string command = server + FromReadme("PYTHONPATH");
  const Finished first = Run(command);
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("ANSWERED: "));
  EXPECT_THAT(first.out, StartsWith("jobs/1: units of the hidden layers [8], 61 inputs, 10 outputs\n"));
  EXPECT_THAT(first.out, HasSubstr("look 1 at the test part: 0.9639, confirmed"));

  const Finished again = Run(command);
  EXPECT_EQ(again.out, first.out) << "the same question is the same job";

  const Finished refused =
      Run(server + "PYTHONPATH=build/python examples/python/submit.py data/iris.csv nothing 'accuracy >= 0.9'");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("\"nothing\""));
}

TEST_F(PythonExamples, ReadResultsIntoPandas) {
  if (!Imports("pandas")) GTEST_SKIP() << "python3-pandas is not installed";
  Run("minnow run data/iris.csv --target species --good-enough 'accuracy >= 0.9' --units 1,2,3 --splits 1 --quiet");
  const Finished read = Run(FromReadme("examples/python/read_results.py"));
  EXPECT_EQ(read.code, 0) << read.err;
  EXPECT_THAT(read.out, HasSubstr("ANSWERED"));
  EXPECT_THAT(read.out, HasSubstr("13 sizes, of which "));
  EXPECT_THAT(read.out, HasSubstr("xavier"));
}

}  // namespace
}  // namespace minnow
