// The search flags: what `run` and `inspect` are asked, from the command line and from a `--spec` file.
#ifndef MINNOW_CLIENT_SEARCH_FLAGS_H_
#define MINNOW_CLIENT_SEARCH_FLAGS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/cli/command_line.h"
#include "common/data/prepare.h"
#include "common/job.h"

namespace minnow::client {

// What was asked, before the data is read.
struct SearchRequest {
  std::string data_file;
  std::optional<std::string> test_file;
  data::PrepareOptions prepare;  // `target` empty when none was named
  std::optional<Goal> goal;      // absent: the metric of the task, which is not known yet
  std::optional<int> splits;     // absent: it depends on the number of rows
  JobSpec spec;                  // all but `goal` and `splits`
};

class SearchFlags {
 public:
  // Declares the data file and the search flags. `line` must be parsed before Read.
  explicit SearchFlags(CommandLine& line);
  SearchFlags(const SearchFlags&) = delete;
  SearchFlags& operator=(const SearchFlags&) = delete;

  // InvalidArgument names the flag (or file and line of the spec), the value at fault and the fix. The command line
  // wins over the file.
  absl::StatusOr<SearchRequest> Read() const;

 private:
  // What the command line says of a flag; nothing where it is silent.
  std::optional<std::string> ValueOf(std::string_view flag) const;
  absl::Status ApplySpecFile(SearchRequest& request, std::set<std::string_view>& given) const;

  std::optional<std::string> data_file_;
  std::optional<std::string> spec_file_;
  std::map<std::string_view, std::optional<std::string>> values_;  // by flag
  std::map<std::string_view, bool> switches_;                      // by flag
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_SEARCH_FLAGS_H_
