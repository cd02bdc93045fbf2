// The commands of `minnow`. Each takes the words after its name, writes to the console and returns how it ended; an
// error becomes one line on stderr and an exit code.
#ifndef MINNOW_CLIENT_COMMANDS_H_
#define MINNOW_CLIENT_COMMANDS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cli/console.h"

namespace minnow::client {

using Arguments = std::vector<std::string>;

absl::StatusOr<ExitCode> RunJob(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Submit(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Inspect(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Jobs(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Compare(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Completion(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Show(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Answer(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Trials(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Query(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Export(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Predict(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Report(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Replay(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Watch(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Workers(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Pause(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Resume(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Cancel(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Delete(const Arguments& arguments, Console& console);
absl::StatusOr<ExitCode> Backup(const Arguments& arguments, Console& console);

struct Command {
  std::string_view group;  // under which the overview lists it
  std::string_view name;
  std::string_view summary;
  absl::StatusOr<ExitCode> (*run)(const Arguments&, Console&);
};

std::span<const Command> AllCommands();

// All of `minnow`: finds the command that the first argument names, runs it and reports what went wrong.
ExitCode Minnow(const Arguments& arguments, Console& console);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_COMMANDS_H_
