// `minnow query`.
#include "client/commands.h"
#include "client/result_flags.h"
#include "client/row_writer.h"
#include "common/cli/command_line.h"

namespace minnow::client {
namespace {

std::vector<Cell> Cells(const std::vector<SqlValue>& values) {
  std::vector<Cell> cells;
  for (const SqlValue& value : values) {
    cells.push_back(std::visit([](const auto& v) { return Cell(v); }, value));
  }
  return cells;
}

}  // namespace

absl::StatusOr<ExitCode> Query(const Arguments& arguments, Console& console) {
  CommandLine line("query", "\"SQL\" [flags]",
                   "Runs one read-only SQL statement on the results. Views with the common answers: answers, "
                   "smallest_good_enough, size_ladder, pareto_front, init_effect, seed_spread, symmetry.",
                   {"minnow query \"SELECT * FROM size_ladder\"", "minnow query \"SELECT * FROM init_effect\" --csv",
                    "minnow query \"SELECT name, sql FROM sqlite_schema\" --json"});
  std::optional<std::string> sql;
  line.Argument("SQL", "one statement", &sql);
  const ResultFlags flags(line, /*csv=*/true);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<std::string> statement =
      Required(sql, "the SQL statement", "minnow query 'SELECT * FROM answers'");
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<Format> format = flags.format();
  if (!format.ok()) return format.status();
  const auto reader = flags.OpenReader();
  if (!reader.ok()) return reader.status();
  const std::unique_ptr<RowWriter> writer = NewRowWriter(*format, console.out);
  const absl::Status status = (*reader)->Query(
      *statement, QueryLimits(), [&](const std::vector<std::string>& names) { writer->Header(names); },
      [&](const std::vector<SqlValue>& values) { writer->Row(Cells(values)); });
  if (!status.ok()) return status;
  writer->End();
  return ExitCode::kDone;
}

}  // namespace minnow::client
