#include "bench/order_report.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace minnow::bench {
namespace {

using nlohmann::json;

constexpr double kPoints = 100;
constexpr double kBeyondChance = 0.05;
constexpr std::array kCompared = {SampleOrder::kMinnow, SampleOrder::kFixed};

// A line of the tables: values of each cluster, and the spreads of its problems together.
struct Row {
  std::string name;
  Outcomes outcomes;
};

size_t Index(SampleOrder order) { return static_cast<size_t>(order); }
size_t Index(Measure measure) { return static_cast<size_t>(measure); }

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Cluster by cluster the mean over the problems, which have the same splits.
Row OverProblems(std::string name, const std::vector<const Outcomes*>& problems) {
  const double share = 1.0 / static_cast<double>(problems.size());
  Row row{std::move(name), {}};
  for (size_t o = 0; o < kSampleOrders.size(); ++o) {
    Outcome& mean = row.outcomes.of[o];
    for (const Outcomes* problem : problems) {
      const Outcome& one = problem->of[o];
      mean.spread.between_groups += share * one.spread.between_groups;
      mean.spread.within_groups += share * one.spread.within_groups;
      for (size_t m = 0; m < kMeasures.size(); ++m) {
        mean.measures[m].resize(one.measures[m].size());
        for (size_t c = 0; c < one.measures[m].size(); ++c) mean.measures[m][c] += share * one.measures[m][c];
      }
    }
  }
  return row;
}

// The means of the rows become the clusters.
Row OverRows(std::string name, const std::vector<Row>& rows) {
  std::vector<const Outcomes*> all;
  for (const Row& row : rows) all.push_back(&row.outcomes);
  Row over = OverProblems(std::move(name), all);  // for the spreads
  for (size_t o = 0; o < kSampleOrders.size(); ++o) {
    for (size_t m = 0; m < kMeasures.size(); ++m) {
      over.outcomes.of[o].measures[m].clear();
      for (const Row& row : rows) over.outcomes.of[o].measures[m].push_back(Mean(row.outcomes.of[o].measures[m]));
    }
  }
  return over;
}

// Values of a member of the problems, in the order in which they first stand there.
std::vector<std::string> Names(const std::vector<StudiedProblem>& problems, std::string StudiedProblem::*member) {
  std::vector<std::string> names;
  for (const StudiedProblem& problem : problems) {
    if (std::find(names.begin(), names.end(), problem.*member) == names.end()) names.push_back(problem.*member);
  }
  return names;
}

std::vector<Row> RowsOf(const std::vector<StudiedProblem>& problems) {
  std::vector<Row> sets;
  for (const std::string& name : Names(problems, &StudiedProblem::data_set)) {
    std::vector<const Outcomes*> of_set;
    for (const StudiedProblem& problem : problems) {
      if (problem.data_set == name) of_set.push_back(&problem.outcomes);
    }
    sets.push_back(OverProblems(name, of_set));
  }
  std::vector<Row> rows = sets;
  if (sets.size() < 2) return rows;  // there is no scatter over data sets
  for (const std::string& name : Names(problems, &StudiedProblem::network)) {
    std::vector<Row> of_network;
    for (const StudiedProblem& problem : problems) {
      if (problem.network == name) of_network.push_back({problem.data_set, problem.outcomes});
    }
    rows.push_back(OverRows(name, of_network));
  }
  rows.push_back(OverRows("all", sets));
  return rows;
}

std::string PointsText(const Estimate& estimate) {
  return fmt::format("{:+.2f} ± {:.2f}", kPoints * estimate.mean, kPoints * estimate.half_width);
}

void WriteDifferences(const std::vector<Row>& rows, const std::vector<Measure>& measures, std::ostream& out) {
  out << "| data or network |";
  std::string rule = "\n| --- |";
  for (const Measure measure : measures) {
    out << fmt::format(" {0}: reshuffled | {0}: minnow | {0}: fixed |", Name(measure));
    rule += " ---: | ---: | ---: |";
  }
  out << rule << "\n";
  for (const Row& row : rows) {
    out << "| " << row.name << " |";
    for (const Measure measure : measures) {
      out << fmt::format(" {:.2f} |", kPoints * Mean(row.outcomes.values(SampleOrder::kReshuffled, measure)));
      for (const SampleOrder order : kCompared) {
        out << " " << PointsText(MeanOf(row.outcomes.Differences(order, measure))) << " |";
      }
    }
    out << "\n";
  }
  out << "\n";
}

double Deviation(double variance) { return kPoints * std::sqrt(std::max(0.0, variance)); }

void WriteSpreads(const std::vector<Row>& rows, std::ostream& out) {
  out << "| data or network | seeds: reshuffled | seeds: minnow | seeds: fixed | orders: reshuffled | orders: minnow | "
         "orders: fixed | shared: reshuffled | shared: minnow | shared: fixed |\n"
         "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  constexpr std::array kColumns = {SampleOrder::kReshuffled, SampleOrder::kMinnow, SampleOrder::kFixed};
  for (const Row& row : rows) {
    const auto spread = [&](SampleOrder order) -> const Spread& { return row.outcomes.of[Index(order)].spread; };
    out << "| " << row.name << " |";
    for (const SampleOrder order : kColumns) out << fmt::format(" {:.2f} |", Deviation(spread(order).within_groups));
    for (const SampleOrder order : kColumns) out << fmt::format(" {:.2f} |", Deviation(spread(order).between_groups));
    for (const SampleOrder order : kColumns) out << fmt::format(" {:.1f} % |", 100 * spread(order).shared());
    out << "\n";
  }
  out << "\n";
}

// All comparisons of one sample order with reshuffling, over problems and measures.
void WriteBeyondChance(const std::vector<StudiedProblem>& problems, SampleOrder order, std::ostream& out) {
  std::vector<std::string> texts;
  std::vector<double> p;
  for (const StudiedProblem& problem : problems) {
    for (const Measure measure : kMeasures) {
      const Estimate difference = MeanOf(problem.outcomes.Differences(order, measure));
      texts.push_back(
          fmt::format("{} {}: {} {}", problem.data_set, problem.network, Name(measure), PointsText(difference)));
      p.push_back(difference.p);
    }
  }
  const std::vector<double> adjusted = HolmAdjusted(p);
  const auto raw = std::count_if(p.begin(), p.end(), [](double one) { return one < kBeyondChance; });
  const auto found = std::count_if(adjusted.begin(), adjusted.end(), [](double one) { return one < kBeyondChance; });
  out << fmt::format("{} against reshuffled: {} comparisons, {} with p < {}, of them {} after Holm's adjustment\n",
                     Name(order), p.size(), raw, kBeyondChance, found);
  for (size_t i = 0; i < p.size(); ++i) {
    if (adjusted[i] < kBeyondChance) out << fmt::format("- {}, adjusted p {:.2g}\n", texts[i], adjusted[i]);
  }
  out << "\n";
}

json OutcomesJson(const Outcomes& outcomes) {
  json j;
  for (const SampleOrder order : kSampleOrders) {
    const Outcome& outcome = outcomes.of[Index(order)];
    json& of_order = j[std::string(Name(order))];
    of_order["variance"] = {{"orders", outcome.spread.between_groups}, {"seeds", outcome.spread.within_groups}};
    for (const Measure measure : kMeasures) {
      json& one = of_order[std::string(Name(measure))];
      one["of_splits"] = outcome.measures[Index(measure)];
      if (order == SampleOrder::kReshuffled) continue;
      const Estimate difference = MeanOf(outcomes.Differences(order, measure));
      one["minus_reshuffled"] = {
          {"mean", difference.mean}, {"half_width_95", difference.half_width}, {"p", difference.p}};
    }
  }
  return j;
}

}  // namespace

void WriteTables(const std::vector<StudiedProblem>& problems, std::ostream& out) {
  const std::vector<Row> rows = RowsOf(problems);
  WriteDifferences(rows, {Measure::kBestPair, Measure::kLastEpoch}, out);
  WriteDifferences(rows, {Measure::kTest, Measure::kBestTrial}, out);
  WriteDifferences(rows, {Measure::kHalfPass, Measure::kTenthPass}, out);
  WriteSpreads(rows, out);
  for (const SampleOrder order : kCompared) WriteBeyondChance(problems, order, out);
}

std::string ReportJson(const std::vector<StudiedProblem>& problems, const Design& design, const std::string& kernels) {
  json report = {{"kernels", kernels},
                 {"design",
                  {{"splits", design.splits},
                   {"orders", design.orders},
                   {"seeds", design.seeds},
                   {"epochs", design.epochs},
                   {"cut", design.cut == Cut::kEven ? "even" : "full, then a short one"}}}};
  for (const StudiedProblem& problem : problems) {
    report["problems"].push_back(
        {{"data", problem.data_set}, {"network", problem.network}, {"orders", OutcomesJson(problem.outcomes)}});
  }
  return report.dump(1) + "\n";
}

}  // namespace minnow::bench
