#include "bench/search/training_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "common/random.h"
#include "common/text.h"
#include "common/trial.h"

namespace minnow::bench {
namespace {

constexpr std::string_view kFirstLine = "minnow-table 1";
constexpr std::string_view kColumns = "shape,recipe,seed,pass_epoch,";  // the first of them
constexpr size_t kCellsBeforeRungs = 4;
constexpr int kMostRecipes = 1000;

template <typename Number>
std::optional<Number> NumberIn(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// An empty cell is a score that there is not.
std::optional<double> ScoreIn(std::string_view text) {
  if (Trim(text).empty()) return std::numeric_limits<double>::quiet_NaN();
  return NumberIn<double>(Trim(text));
}

class Reader {
 public:
  absl::StatusOr<TrainingTable> Read(std::string_view text) {
    for (const std::string_view line : Split(text, '\n')) {
      ++line_;
      const std::string_view content = Trim(line);
      if (content.empty() || content.front() == '#') continue;
      if (absl::Status status = ReadLine(content); !status.ok()) return status;
    }
    if (absl::Status status = CheckComplete(); !status.ok()) return status;
    return std::move(table_);
  }

 private:
  absl::Status Refuse(const std::string& problem) const {
    return absl::InvalidArgumentError("line " + std::to_string(line_) + ": " + problem);
  }

  absl::Status ReadLine(std::string_view line) {
    if (!first_read_) {
      first_read_ = true;
      return line == kFirstLine ? absl::OkStatus() : Refuse("a table begins with \"" + std::string(kFirstLine) + "\"");
    }
    if (columns_read_) return ReadTrial(line);
    if (line.starts_with(kColumns)) {
      columns_read_ = true;
      return CheckHeader();
    }
    const size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return Refuse("\"" + std::string(line) + "\" names no value");
    header_[std::string(line.substr(0, blank))] = std::string(Trim(line.substr(blank)));
    return absl::OkStatus();
  }

  absl::StatusOr<int> Count(const std::string& name, int most) {
    const std::optional<int> count = NumberIn<int>(header_[name]);
    if (count && *count >= 1 && *count <= most) return *count;
    return Refuse(name + " \"" + header_[name] + "\" is not a number from 1 to " + std::to_string(most));
  }

  absl::Status CheckHeader() {
    table_.name = header_["name"];
    const absl::StatusOr<Metric> metric = ParseMetric(header_["metric"]);
    if (!metric.ok()) return Refuse(std::string(metric.status().message()));
    const std::optional<double> threshold = NumberIn<double>(header_["threshold"]);
    if (!threshold) return Refuse("threshold \"" + header_["threshold"] + "\" is not a number");
    table_.threshold = {*metric, *threshold};
    constexpr int kMost = std::numeric_limits<int>::max();
    for (const auto& [name, most, place] : {std::tuple{"inputs", kMost, &inputs_},
                                            {"outputs", kMost, &outputs_},
                                            {"validation_rows", kMost, &table_.validation_rows},
                                            {"epochs", kMaxTableEpochs, &table_.epochs},
                                            {"recipes", kMostRecipes, &table_.recipes}}) {
      const absl::StatusOr<int> count = Count(name, most);
      if (!count.ok()) return count.status();
      *place = *count;
    }
    std::string expected;
    for (int rung : Rungs(table_.epochs)) expected += (expected.empty() ? "" : " ") + std::to_string(rung);
    if (header_["rungs"] != expected) {
      return Refuse("rungs \"" + header_["rungs"] + "\" are not those of " + std::to_string(table_.epochs) +
                    " epochs, \"" + expected + "\"");
    }
    table_.rungs = Rungs(table_.epochs);
    return absl::OkStatus();
  }

  absl::Status ReadTrial(std::string_view line) {
    const std::vector<std::string_view> cells = Split(line, ',');
    const size_t expected = kCellsBeforeRungs + table_.rungs.size() + 2;
    if (cells.size() != expected) {
      return Refuse(std::to_string(cells.size()) + " cells, not " + std::to_string(expected));
    }
    const absl::StatusOr<int> shape = ShapeNumber(Trim(cells[0]));
    if (!shape.ok()) return shape.status();
    const std::optional<int> recipe = NumberIn<int>(Trim(cells[1]));
    if (!recipe || *recipe < 0 || *recipe >= table_.recipes) {
      return Refuse("\"" + std::string(cells[1]) + "\" is not a recipe from 0 to " +
                    std::to_string(table_.recipes - 1));
    }
    const std::optional<int> pass_epoch = NumberIn<int>(Trim(cells[3]));
    if (!pass_epoch || *pass_epoch < 0 || *pass_epoch > table_.epochs || *pass_epoch == 1) {
      return Refuse("\"" + std::string(cells[3]) + "\" is not a pass epoch: 0, or 2 to " +
                    std::to_string(table_.epochs));
    }
    TableTrial trial{.pass_epoch = *pass_epoch};
    std::vector<double> scores;
    for (size_t i = kCellsBeforeRungs; i < cells.size(); ++i) {
      const std::optional<double> score = ScoreIn(cells[i]);
      if (!score) return Refuse("\"" + std::string(cells[i]) + "\" is not a score");
      scores.push_back(*score);
    }
    trial.best_two_epoch = scores.back();
    trial.best_at_end = scores[scores.size() - 2];
    trial.best_at_rungs.assign(scores.begin(), scores.end() - 2);
    table_.trials[*shape][*recipe].push_back(std::move(trial));
    return absl::OkStatus();
  }

  absl::StatusOr<int> ShapeNumber(std::string_view text) {
    const auto known = numbers_.find(text);
    if (known != numbers_.end()) return known->second;
    Shape shape{inputs_, {}, outputs_};
    for (const std::string_view layer : text == "-" ? std::vector<std::string_view>{} : Split(text, '-')) {
      const std::optional<int> units = NumberIn<int>(layer);
      if (!units || *units < 1 || *units > kMaxUnits) return Refuse("\"" + std::string(text) + "\" is not a shape");
      shape.hidden.push_back(*units);
    }
    const int number = static_cast<int>(table_.shapes.size());
    numbers_.emplace(text, number);
    table_.shapes.push_back(shape);
    table_.trials.emplace_back(table_.recipes);
    return number;
  }

  absl::Status CheckComplete() const {
    if (table_.shapes.empty()) return absl::InvalidArgumentError("the table has no trials");
    for (size_t s = 0; s < table_.shapes.size(); ++s) {
      for (int r = 0; r < table_.recipes; ++r) {
        if (!table_.trials[s][r].empty()) continue;
        return absl::InvalidArgumentError("the table has no trial of shape " + HiddenText(table_.shapes[s].hidden) +
                                          " with recipe " + std::to_string(r));
      }
    }
    return absl::OkStatus();
  }

  static constexpr int kMaxTableEpochs = 100'000;

  TrainingTable table_;
  std::map<std::string, std::string> header_;
  std::map<std::string, int, std::less<>> numbers_;  // of the shapes, by their text
  int inputs_ = 0;
  int outputs_ = 0;
  int line_ = 0;
  bool first_read_ = false;
  bool columns_read_ = false;
};

double ShareOfPasses(const std::vector<TableTrial>& trials) {
  const auto passes = std::count_if(trials.begin(), trials.end(), [](const TableTrial& t) { return t.pass_epoch > 0; });
  return static_cast<double>(passes) / static_cast<double>(trials.size());
}

}  // namespace

double TrainingTable::PassRate(int s) const {
  double sum = 0;
  for (const std::vector<TableTrial>& of_recipe : trials[s]) sum += ShareOfPasses(of_recipe);
  return sum / recipes;
}

double TrainingTable::BestRecipePassRate(int s) const {
  double best = 0;
  for (const std::vector<TableTrial>& of_recipe : trials[s]) best = std::max(best, ShareOfPasses(of_recipe));
  return best;
}

TrainingTable Subspace(const TrainingTable& table, int shapes, uint64_t seed) {
  std::vector<int> left(table.shapes.size());
  std::iota(left.begin(), left.end(), 0);
  PhiloxStream random(/*key=*/seed, /*stream=*/0);
  while (static_cast<int>(left.size()) > shapes) {
    left.erase(left.begin() + random.Below(static_cast<uint32_t>(left.size())));
  }
  TrainingTable part = table;
  part.shapes.clear();
  part.trials.clear();
  for (int s : left) {
    part.shapes.push_back(table.shapes[s]);
    part.trials.push_back(table.trials[s]);
  }
  return part;
}

absl::StatusOr<TrainingTable> ParseTrainingTable(std::string_view text) { return Reader().Read(text); }

}  // namespace minnow::bench
