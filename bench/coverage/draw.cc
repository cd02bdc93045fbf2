#include "bench/coverage/draw.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "common/random.h"

namespace minnow::bench {
namespace {

constexpr uint64_t kDrawKey = 0x636f766572616765;  // "coverage"

data::CsvTable RowsOf(const data::CsvTable& table, std::span<const int> rows) {
  data::CsvTable some{.file = table.file, .header = table.header};
  some.columns.resize(table.columns.size());
  for (size_t c = 0; c < table.columns.size(); ++c) {
    for (const int row : rows) some.columns[c].Append(table.columns[c].Field(row));
  }
  for (const int row : rows) some.lines.Append(table.lines[row]);
  return some;
}

void AppendQuoted(std::string_view field, std::string* text) {
  *text += '"';
  for (const char c : field) text->append(c == '"' ? 2 : 1, c);
  *text += '"';
}

}  // namespace

Draw DrawRows(const data::CsvTable& table, int sample_rows, uint64_t number) {
  const std::vector<int> order = Permutation(static_cast<int>(table.rows()), PhiloxStream(kDrawKey, number));
  const std::span<const int> rows = order;
  return {RowsOf(table, rows.first(sample_rows)), RowsOf(table, rows.subspan(sample_rows))};
}

std::string CsvText(const data::CsvTable& table) {
  std::string text;
  const auto end_field = [&](size_t c) { text += c + 1 < table.header.size() ? ',' : '\n'; };
  for (size_t c = 0; c < table.header.size(); ++c) {
    AppendQuoted(table.header[c], &text);
    end_field(c);
  }
  for (int64_t row = 0; row < table.rows(); ++row) {
    for (size_t c = 0; c < table.header.size(); ++c) {
      AppendQuoted(table.columns[c].Field(row), &text);
      end_field(c);
    }
  }
  return text;
}

}  // namespace minnow::bench
