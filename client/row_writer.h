// Rows of a result as a table, CSV or JSON.
#ifndef MINNOW_CLIENT_ROW_WRITER_H_
#define MINNOW_CLIENT_ROW_WRITER_H_

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/report/output.h"

namespace minnow::client {

// One value of a result: nothing, a number, a text, the hidden layers of a shape.
using Cell = std::variant<std::monostate, int64_t, double, std::string, std::vector<int>>;

enum class Format { kTable, kCsv, kJson };

// Writes rows of one result as they come (a table: when all are there).
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void Header(const std::vector<std::string>& names) = 0;
  virtual void Row(const std::vector<Cell>& cells) = 0;
  virtual void End() = 0;
};

std::unique_ptr<RowWriter> NewRowWriter(Format format, std::ostream& out);

// A field of a CSV file (RFC 4180): quoted where a comma, a quote, a line end or an outer blank would be misread.
std::string CsvField(std::string_view text);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_ROW_WRITER_H_
