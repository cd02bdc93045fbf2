#include "web/table_reader.h"

#include <algorithm>

namespace minnow::web {

using Clock = std::chrono::steady_clock;

TableReader::TableReader(Results& results, const Reading& reading)
    : results_(results),
      cancelled_(reading.cancelled),
      deadline_(Clock::now() +
                std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(reading.seconds))) {}

absl::StatusOr<std::vector<Row>> TableReader::Read(const std::string& sql, int64_t max_rows) {
  const double seconds = std::chrono::duration<double>(deadline_ - Clock::now()).count();
  if (seconds <= 0) return absl::ResourceExhaustedError("there was no time left to read it");
  std::vector<Row> rows;
  QueryLimits limits;
  limits.max_rows = max_rows;
  limits.max_seconds = seconds;
  limits.cancelled = cancelled_;
  const absl::Status status = results_.Query(
      sql, limits, [](const std::vector<std::string>&) {}, [&rows](const Row& row) { rows.push_back(row); });
  if (!status.ok()) return status;
  return rows;
}

absl::StatusOr<std::vector<Row>> TableReader::ReadPart(const std::string& part, const std::string& sql,
                                                       int64_t max_rows) {
  absl::StatusOr<std::vector<Row>> rows = Read(sql, max_rows);
  if (!absl::IsResourceExhausted(rows.status())) return rows;
  LeaveOut(part + " would take too long to read, so that is left out.");
  return std::vector<Row>();
}

void TableReader::LeaveOut(const std::string& what) { left_out_.push_back(what); }

Json ValueJson(const SqlValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return JsonNumber(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

int64_t IntegerOf(const SqlValue& value) {
  const auto* integer = std::get_if<int64_t>(&value);
  return integer == nullptr ? 0 : *integer;
}

std::string TextOf(const SqlValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

Json RowsJson(const std::vector<Row>& rows, const std::vector<std::string>& keys) {
  Json list = Json::array();
  for (const Row& row : rows) {
    Json json;
    for (size_t column = 0; column < std::min(keys.size(), row.size()); ++column) {
      json[keys[column]] = ValueJson(row[column]);
    }
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace minnow::web
