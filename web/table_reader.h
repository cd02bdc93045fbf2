// Reads parts of a document by SQL, within the time that the whole document has.
#ifndef MINNOW_WEB_TABLE_READER_H_
#define MINNOW_WEB_TABLE_READER_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/report/output.h"
#include "common/results.h"
#include "web/documents.h"

namespace minnow::web {

// One row, by the order of the columns asked for.
using Row = std::vector<SqlValue>;

class TableReader {
 public:
  TableReader(Results& results, const Reading& reading);

  // ResourceExhausted when the time is up, or there are more than `max_rows`.
  absl::StatusOr<std::vector<Row>> Read(const std::string& sql, int64_t max_rows);

  // The same for a part that a document can do without: no rows and an entry in left_out() when it takes too long.
  absl::StatusOr<std::vector<Row>> ReadPart(const std::string& part, const std::string& sql, int64_t max_rows);

  void LeaveOut(const std::string& what);
  // Sentences for people.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  Results& results_;
  const std::function<bool()> cancelled_;
  const std::chrono::steady_clock::time_point deadline_;
  std::vector<std::string> left_out_;
};

// NULL is null, and so is a number that is not finite.
Json ValueJson(const SqlValue& value);
// 0 and "" of a value of another kind.
int64_t IntegerOf(const SqlValue& value);
std::string TextOf(const SqlValue& value);

// Each row as an object with these keys.
Json RowsJson(const std::vector<Row>& rows, const std::vector<std::string>& keys);

}  // namespace minnow::web

#endif  // MINNOW_WEB_TABLE_READER_H_
