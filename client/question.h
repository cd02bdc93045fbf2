// From what was asked to what is searched: the data is read and prepared, the goal is settled.
#ifndef MINNOW_CLIENT_QUESTION_H_
#define MINNOW_CLIENT_QUESTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/search_flags.h"
#include "common/data/csv.h"
#include "common/data/prepare.h"
#include "server/core/coordinator.h"

namespace minnow::client {

struct Question {
  std::string data_file;
  JobSpec spec;  // with its goal
  data::CsvTable table;
  data::Prepared prepared;
  uint64_t split_seed = 1;
  std::vector<core::SplitOfRows> other_splits;  // spec.splits - 1, by their seeds, with the bytes of their data sets
};

// Fewer rows than these to validate and test on, and one split says little: by default there are kSplitsOfFewRows.
inline constexpr int kFewRows = 500;
inline constexpr int kSplitsOfFewRows = 5;

// Everything that `run` refuses before it opens a database. InvalidArgument names file, line, column or flag, the value
// at fault and the fix; NotFound and PermissionDenied name the file.
absl::StatusOr<Question> ReadQuestion(const SearchRequest& request);

// The question as a coordinator takes it, with the bytes of all data sets. Frees what it is made from as it goes: of
// large data there is no room for more than two copies.
core::SubmitRequest MakeSubmitRequest(Question question);

// The goal of a job: what was asked, or the metric of the task. InvalidArgument when the metric judges the other task.
absl::StatusOr<Goal> SettleGoal(const std::optional<Goal>& asked, Task task, const std::string& target);

// What the data was taken for, a few lines for stderr; at most `max_notes` of the notes. A threshold that is met
// without a network is said aloud.
std::string DataText(const Question& question, int max_notes);
inline constexpr int kNotesShown = 5;  // before a search; `inspect` shows all

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_QUESTION_H_
