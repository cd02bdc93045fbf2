#include "bench/order_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <span>

#include "common/names.h"
#include "common/random.h"
#include "common/text.h"

namespace minnow::bench {
namespace {

struct Bundled {
  std::string_view name;
  std::string_view target;
};
constexpr std::array kBundled = {Bundled{"iris", "species"}, Bundled{"penguins", "species"}, Bundled{"digits", "digit"},
                                 Bundled{"concrete", "compressive_strength"}};

constexpr std::array<std::string_view, 3> kWaveformClasses = {"a", "b", "c"};
constexpr std::array<std::string_view, 2> kSpirals = {"left", "right"};

// Writes a made-up table as the text of a CSV file.
class Rows {
 public:
  explicit Rows(int inputs) {
    for (int i = 0; i < inputs; ++i) text_ += "x" + std::to_string(i + 1) + ",";
    text_ += "y\n";
  }
  void Add(std::span<const double> inputs, std::string_view target) {
    for (const double x : inputs) text_ += NumberText(x) + ",";
    text_ += std::string(target) + "\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string Waveform() {
  constexpr int kRows = 1500;
  constexpr int kInputs = 21;
  constexpr std::array<int, 3> kPeaks = {7, 15, 11};  // of the three triangles, each 6 wide on either side
  Rows rows(kInputs);
  PhiloxStream draw(/*key=*/1, /*stream=*/0);
  for (int r = 0; r < kRows; ++r) {
    const int label = r % 3;
    const int one = kPeaks[label == 2 ? 1 : 0];
    const int other = kPeaks[label == 0 ? 1 : 2];
    const double share = draw.Uniform();
    std::array<double, kInputs> x;
    for (int i = 0; i < kInputs; ++i) {
      const auto triangle = [i](int peak) { return std::max(0.0, 6.0 - std::abs(i + 1 - peak)); };
      x[i] = share * triangle(one) + (1 - share) * triangle(other) + draw.Normal();
    }
    rows.Add(x, kWaveformClasses[label]);
  }
  return rows.text();
}

std::string Spirals() {
  constexpr int kRows = 535;  // 267 and 268: 160 and 161 of them train
  constexpr double kTurns = 1.25;
  constexpr double kNoise = 0.04;
  Rows rows(2);
  PhiloxStream draw(/*key=*/2, /*stream=*/0);
  for (int r = 0; r < kRows; ++r) {
    const double radius = std::sqrt(draw.Uniform());
    const double angle = 2 * std::numbers::pi * kTurns * radius + (r % 2 == 0 ? 0 : std::numbers::pi);
    const std::array<double, 2> x = {radius * std::cos(angle) + kNoise * draw.Normal(),
                                     radius * std::sin(angle) + kNoise * draw.Normal()};
    rows.Add(x, kSpirals[r % 2]);
  }
  return rows.text();
}

std::string FriedmanOf(int row_count) {
  constexpr int kInputs = 10;
  Rows rows(kInputs);
  PhiloxStream draw(/*key=*/3, /*stream=*/0);
  for (int r = 0; r < row_count; ++r) {
    std::array<double, kInputs> x;
    for (double& input : x) input = draw.Uniform();
    const double y = 10 * std::sin(std::numbers::pi * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] +
                     5 * x[4] + draw.Normal();
    rows.Add(x, NumberText(y));
  }
  return rows.text();
}

std::string Friedman() { return FriedmanOf(533); }        // 320 train
std::string FriedmanAndOne() { return FriedmanOf(535); }  // 321 train

struct MadeUp {
  std::string_view name;
  std::string (*csv)();
};
constexpr std::array kMadeUp = {MadeUp{"waveform", Waveform}, MadeUp{"spirals", Spirals}, MadeUp{"friedman", Friedman},
                                MadeUp{"friedman+1", FriedmanAndOne}};

absl::StatusOr<DataSet> ReadFile(std::string_view name, std::string_view path, std::string_view target) {
  absl::StatusOr<data::CsvTable> table = data::ReadCsv(std::string(path));
  if (!table.ok()) return table.status();
  return DataSet{std::string(name), *std::move(table), std::string(target)};
}

}  // namespace

std::vector<std::string> KnownDataSets() {
  std::vector<std::string> names;
  for (const Bundled& set : kBundled) names.emplace_back(set.name);
  for (const MadeUp& set : kMadeUp) names.emplace_back(set.name);
  return names;
}

absl::StatusOr<DataSet> LoadDataSet(std::string_view what, const std::string& data_folder) {
  for (const Bundled& set : kBundled) {
    if (set.name == what) return ReadFile(what, data_folder + "/" + std::string(what) + ".csv", set.target);
  }
  for (const MadeUp& set : kMadeUp) {
    if (set.name != what) continue;
    absl::StatusOr<data::CsvTable> table = data::ParseCsv(std::string(what), set.csv());
    if (!table.ok()) return table.status();
    return DataSet{std::string(what), *std::move(table), "y"};
  }
  const size_t colon = what.rfind(':');
  if (colon == std::string_view::npos) {
    const std::vector<std::string> names = KnownDataSets();
    return absl::InvalidArgumentError(
        UnknownName("data set", what, std::vector<std::string_view>(names.begin(), names.end())) +
        "; or give FILE:TARGET for a CSV file");
  }
  const std::string path(what.substr(0, colon));
  return ReadFile(std::filesystem::path(path).stem().string(), path, what.substr(colon + 1));
}

}  // namespace minnow::bench
