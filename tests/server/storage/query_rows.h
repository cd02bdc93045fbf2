// The rows of a query as lines of text: "jobs/1|[2]|0.5|NULL".
#ifndef MINNOW_TESTS_SERVER_STORAGE_QUERY_ROWS_H_
#define MINNOW_TESTS_SERVER_STORAGE_QUERY_ROWS_H_

#include <string>
#include <variant>
#include <vector>

#include "common/text.h"
#include "server/storage/queries.h"

namespace minnow::storage {

inline std::string TextOfValue(const SqlValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return NumberText(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "NULL";
}

// One line with the message when the query fails.
inline std::vector<std::string> Rows(Results& reader, const std::string& sql, const QueryLimits& limits = {}) {
  std::vector<std::string> rows;
  const absl::Status status = reader.Query(
      sql, limits, [](const std::vector<std::string>&) {},
      [&](const std::vector<SqlValue>& values) {
        std::vector<std::string> texts;
        for (const SqlValue& value : values) texts.push_back(TextOfValue(value));
        rows.push_back(Join(texts, "|"));
      });
  if (!status.ok()) rows = {std::string(status.message())};
  return rows;
}

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_QUERY_ROWS_H_
