#include "client/row_writer.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>

#include "common/shape.h"
#include "common/text.h"

namespace minnow::client {
namespace {

std::string CellText(const Cell& cell);
bool IsNumber(const Cell& cell);

class TableWriter : public RowWriter {
 public:
  explicit TableWriter(std::ostream& out) : out_(out) {}

  void Header(const std::vector<std::string>& names) override { names_ = names; }
  void Row(const std::vector<Cell>& cells) override { rows_.push_back(cells); }

  // Columns of numbers alone are aligned on their right.
  void End() override {
    std::vector<Table::Column> columns;
    for (size_t c = 0; c < names_.size(); ++c) {
      const bool numbers = std::all_of(rows_.begin(), rows_.end(), [c](const auto& row) { return IsNumber(row[c]); });
      columns.push_back({names_[c], numbers && !rows_.empty() ? Align::kRight : Align::kLeft});
    }
    Table table(std::move(columns));
    for (const std::vector<Cell>& row : rows_) {
      std::vector<std::string> texts;
      for (const Cell& cell : row) texts.push_back(CellText(cell));
      table.AddRow(std::move(texts));
    }
    out_ << table.Text();
  }

 private:
  std::ostream& out_;
  std::vector<std::string> names_;
  std::vector<std::vector<Cell>> rows_;
};

class CsvWriter : public RowWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}

  void Header(const std::vector<std::string>& names) override {
    for (size_t c = 0; c < names.size(); ++c) out_ << (c > 0 ? "," : "") << CsvField(names[c]);
    out_ << "\n";
  }
  void Row(const std::vector<Cell>& cells) override {
    for (size_t c = 0; c < cells.size(); ++c) out_ << (c > 0 ? "," : "") << CsvField(CellText(cells[c]));
    out_ << "\n";
  }
  void End() override {}

 private:
  std::ostream& out_;
};

class JsonWriter : public RowWriter {
 public:
  explicit JsonWriter(std::ostream& out) : out_(out) {}

  // An object has each key once, so a column name that is there again gets its number: "name (2)".
  void Header(const std::vector<std::string>& names) override {
    std::map<std::string, int> seen;
    for (const std::string& name : names) {
      const int times = ++seen[name];
      names_.push_back(times == 1 ? name : fmt::format("{} ({})", name, times));
    }
  }
  void Row(const std::vector<Cell>& cells) override {
    Json row = Json::object();
    for (size_t c = 0; c < cells.size(); ++c) row[names_[c]] = Value(cells[c]);
    out_ << (first_ ? "[" : ",\n ") << JsonText(row);
    first_ = false;
  }
  void End() override { out_ << (first_ ? "[]\n" : "]\n"); }

 private:
  static Json Value(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (const auto* whole = std::get_if<int64_t>(&cell)) return *whole;
    if (const auto* number = std::get_if<double>(&cell)) return JsonNumber(*number);
    if (const auto* hidden = std::get_if<std::vector<int>>(&cell)) return *hidden;
    return nullptr;
  }

  std::ostream& out_;
  std::vector<std::string> names_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<RowWriter> NewRowWriter(Format format, std::ostream& out) {
  switch (format) {
    case Format::kCsv:
      return std::make_unique<CsvWriter>(out);
    case Format::kJson:
      return std::make_unique<JsonWriter>(out);
    case Format::kTable:
      break;
  }
  return std::make_unique<TableWriter>(out);
}

std::string CsvField(std::string_view text) {
  const bool outer_blank = !text.empty() && text != Trim(text);
  if (!outer_blank && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

namespace {

std::string CellText(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* whole = std::get_if<int64_t>(&cell)) return std::to_string(*whole);
  if (const auto* hidden = std::get_if<std::vector<int>>(&cell)) return HiddenText(*hidden);
  if (const auto* number = std::get_if<double>(&cell)) return std::isfinite(*number) ? NumberText(*number) : "";
  return "";
}

bool IsNumber(const Cell& cell) {
  return !std::holds_alternative<std::string>(cell) && !std::holds_alternative<std::vector<int>>(cell);
}

}  // namespace
}  // namespace minnow::client
