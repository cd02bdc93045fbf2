// Real processes in a folder of their own.
#ifndef MINNOW_TESTS_INTEGRATION_PROCESS_H_
#define MINNOW_TESTS_INTEGRATION_PROCESS_H_

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace minnow {

struct Finished {
  int code = 0;  // exit code; 128 + signal for a process that was killed
  std::string out;
  std::string err;
};

// A test with a fresh folder, in which every command runs. `data/` there is that of the source tree, and `minnow` is on
// the path.
class ProcessTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Runs a shell command line to its end.
  Finished Run(const std::string& command) const;
  // The same, with the process under a fault of tests/support/faults.cc, such as "MINNOW_KILL_AT_SYNC=7".
  Finished RunWithFault(const std::string& fault, const std::string& command) const;

  void Write(const std::string& file, const std::string& text) const;
  std::string Read(const std::string& file) const;
  bool Exists(const std::string& file) const;
  std::string Path(const std::string& file) const { return folder_ + "/" + file; }

 private:
  std::string folder_;
};

// Each line of a CSV file under its header, by column. No field may hold a newline.
std::vector<std::map<std::string, std::string>> CsvRows(const std::string& csv);

// `trials --csv` without the columns that may differ between runs.
std::string WithoutTimes(const std::string& csv);
// `answer --json` without its seconds.
std::string WithoutSeconds(const std::string& json);

}  // namespace minnow

#endif  // MINNOW_TESTS_INTEGRATION_PROCESS_H_
