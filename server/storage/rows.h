// Between C++ values and the columns of a row.
//
// What a column says to SQL:
//   a number that is not finite   NULL, since SQLite has no NaN. It is read back as NaN; a best_score is read back as
//                                 WorstScore, which is what a trial or epoch has that never had one
//   an absent value               NULL
//   a time                        "2026-01-31T12:00:00.000000Z": UTC, to the microsecond, sorts as text
//   an enumerator                 its name
//   hidden layers                 "[16,8]"
//   a table of bounds             {"2":[0.5,"-inf"]}: those of recipe 2; JSON has no infinities
#ifndef MINNOW_SERVER_STORAGE_ROWS_H_
#define MINNOW_SERVER_STORAGE_ROWS_H_

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/store.h"

namespace minnow::storage {

// Thrown where a row holds what no program of ours writes; becomes DataLoss at the edge of this folder.
class DamagedRow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Bytes that outlive the statement they are bound to.
using Blob = std::span<const char>;

void BindValue(SQLite::Statement& statement, int index, int64_t value);
void BindValue(SQLite::Statement& statement, int index, int value);
void BindValue(SQLite::Statement& statement, int index, bool value);
void BindValue(SQLite::Statement& statement, int index, double value);
void BindValue(SQLite::Statement& statement, int index, const std::string& value);
void BindValue(SQLite::Statement& statement, int index, std::string_view value);
void BindValue(SQLite::Statement& statement, int index, absl::Time value);
void BindValue(SQLite::Statement& statement, int index, Blob value);
void BindValue(SQLite::Statement& statement, int index, std::nullopt_t);

template <typename Value>
void BindValue(SQLite::Statement& statement, int index, const std::optional<Value>& value) {
  if (value) {
    BindValue(statement, index, *value);
  } else {
    BindValue(statement, index, std::nullopt);
  }
}

// A kept statement in use: its parameters are bound from ?1 on, and it is ready for its next use afterwards.
class Bound {
 public:
  template <typename... Values>
  explicit Bound(SQLite::Statement& statement, const Values&... values) : statement_(statement) {
    int index = 0;
    (BindValue(statement_, ++index, values), ...);
  }
  // After an error a reset reports that error again, which was seen already.
  ~Bound() {
    statement_.tryReset();
    statement_.clearBindings();
  }
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;

  // Runs a statement that gives no rows; returns how many rows it changed.
  int Run() { return statement_.exec(); }
  // Goes to the next row; false after the last.
  bool Next() { return statement_.executeStep(); }
  SQLite::Statement& statement() { return statement_; }

 private:
  SQLite::Statement& statement_;
};

// One row of a result, read column by column in the order of the SELECT list.
class RowReader {
 public:
  explicit RowReader(Bound& bound) : statement_(bound.statement()) {}

  void Skip(int columns = 1) { column_ += columns; }
  int64_t Integer() { return Next().getInt64(); }
  int Int() { return Next().getInt(); }
  bool Boolean() { return Int() != 0; }
  double Number();
  std::string Text() { return Next().getString(); }
  std::string Bytes() { return Next().getString(); }
  absl::Time Time();
  std::vector<int> Hidden();

  std::optional<int64_t> MaybeInteger();
  std::optional<int> MaybeInt();
  std::optional<bool> MaybeBoolean();
  std::optional<double> MaybeNumber();
  std::optional<std::string> MaybeText();
  std::optional<absl::Time> MaybeTime();

  template <typename Enum>
  Enum Named(absl::StatusOr<Enum> (*parse)(std::string_view)) {
    absl::StatusOr<Enum> value = parse(Text());
    if (!value.ok()) throw DamagedRow(std::string(value.status().message()));
    return *value;
  }

 private:
  SQLite::Column Next() { return statement_.getColumn(column_++); }
  bool NextIsNull();  // skips it if so

  SQLite::Statement& statement_;
  int column_ = 0;
};

// Names and numbers of a job's row, in the order in which they are written and read.
std::vector<std::string> JobColumns();
JobRecord ReadJob(RowReader& row);

std::vector<std::string> EntryColumns();
core::Entry ReadEntry(RowReader& row);
std::string_view Name(core::EntryState state);
std::string_view KindOf(const core::EntryContent& content);
// Nothing where there are none.
std::optional<std::string> StopBoundsText(const std::map<int, std::vector<double>>& bounds);
std::optional<std::string> GuardedText(const std::vector<int>& guarded);

// `job` knows the shape's inputs and outputs, and which score is the worst.
std::vector<std::string> TrialColumns();
TrialRecord ReadTrial(RowReader& row, const JobRecord& job);

std::vector<std::string> LookColumns();
LookRecord ReadLook(RowReader& row);

// "a, b, c".
std::string List(const std::vector<std::string>& columns);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_ROWS_H_
