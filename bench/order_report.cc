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
constexpr std::array kColumns = {SampleOrder::kReshuffled, SampleOrder::kMinnow, SampleOrder::kFixed};
// A rejection: this many trials without a pass exclude this pass rate at 95 %.
constexpr int kRejectionTrials = 59;
constexpr double kExcludedRate = 0.05;

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

void AddShare(const Spread& one, double share, Spread* sum) {
  sum->between_places += share * one.between_places;
  sum->between_groups += share * one.between_groups;
  sum->within_groups += share * one.within_groups;
}

void AddShare(const std::vector<double>& one, double share, std::vector<double>* sum) {
  sum->resize(one.size());
  for (size_t c = 0; c < one.size(); ++c) (*sum)[c] += share * one[c];
}

// Cluster by cluster the mean over the problems, which have the same splits.
Row OverProblems(std::string name, const std::vector<const Outcomes*>& problems) {
  const double share = 1.0 / static_cast<double>(problems.size());
  Row row{std::move(name), {}};
  for (size_t o = 0; o < kSampleOrders.size(); ++o) {
    Outcome& mean = row.outcomes.of[o];
    for (const Outcomes* problem : problems) {
      const Outcome& one = problem->of[o];
      AddShare(one.scores, share, &mean.scores);
      AddShare(one.passes, share, &mean.passes);
      AddShare(one.no_pass_by_lot, share, &mean.no_pass_by_lot);
      for (size_t m = 0; m < kMeasures.size(); ++m) AddShare(one.measures[m], share, &mean.measures[m]);
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
    Outcome& of_order = over.outcomes.of[o];
    of_order.no_pass_by_lot.clear();
    for (const Row& row : rows) of_order.no_pass_by_lot.push_back(Mean(row.outcomes.of[o].no_pass_by_lot));
    for (size_t m = 0; m < kMeasures.size(); ++m) {
      of_order.measures[m].clear();
      for (const Row& row : rows) of_order.measures[m].push_back(Mean(row.outcomes.of[o].measures[m]));
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

// What trials of one order, and of one split, have in common.
void WriteShared(const std::vector<Row>& rows, std::ostream& out) {
  out << "| data or network |";
  std::string rule = "\n| --- |";
  for (const SampleOrder order : kColumns) {
    out << fmt::format(" shared in an order: {0} | of a rare pass: {0} | shared in a split: {0} |", Name(order));
    rule += " ---: | ---: | ---: |";
  }
  out << rule << "\n";
  for (const Row& row : rows) {
    out << "| " << row.name << " |";
    for (const SampleOrder order : kColumns) {
      const Outcome& outcome = row.outcomes.of[Index(order)];
      out << fmt::format(" {:.1f} % | {:.1f} % | {:.1f} % |", 100 * outcome.scores.shared(),
                         100 * outcome.passes.shared(), 100 * outcome.scores.shared_in_place());
    }
    out << "\n";
  }
  out << "\n";
}

std::vector<double> BeyondLot(const Outcome& outcome) {
  std::vector<double> beyond = outcome.measures[Index(Measure::kNoPass)];
  for (size_t c = 0; c < beyond.size(); ++c) beyond[c] -= outcome.no_pass_by_lot[c];
  return beyond;
}

// How often a whole order misses a rare pass, beside what a lot would give, and what the correlation of rare passes
// makes of the trials of a rejection.
void WriteMisses(const std::vector<Row>& rows, std::ostream& out) {
  out << "| data or network |";
  std::string rule = "\n| --- |";
  for (const SampleOrder order : kColumns) {
    out << fmt::format(" no pass: {0} | by lot | beyond | {1} trials miss {2:.0f} % |", Name(order), kRejectionTrials,
                       100 * kExcludedRate);
    rule += " ---: | ---: | ---: | ---: |";
  }
  out << rule << "\n";
  for (const Row& row : rows) {
    out << "| " << row.name << " |";
    for (const SampleOrder order : kColumns) {
      const Outcome& outcome = row.outcomes.of[Index(order)];
      out << fmt::format(" {:.2f} % | {:.2f} % | {} | {:.1f} % |",
                         100 * Mean(outcome.measures[Index(Measure::kNoPass)]), 100 * Mean(outcome.no_pass_by_lot),
                         PointsText(MeanOf(BeyondLot(outcome))),
                         100 * ChanceOfNoPass(kExcludedRate, outcome.passes.shared(), kRejectionTrials));
    }
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

json SpreadJson(const Spread& spread) {
  return {{"splits", spread.between_places}, {"orders", spread.between_groups}, {"seeds", spread.within_groups}};
}

json OutcomesJson(const Outcomes& outcomes) {
  json j;
  for (const SampleOrder order : kSampleOrders) {
    const Outcome& outcome = outcomes.of[Index(order)];
    json& of_order = j[std::string(Name(order))];
    of_order["variance"] = {{"best_pair", SpreadJson(outcome.scores)}, {"rare_pass", SpreadJson(outcome.passes)}};
    of_order["no_pass_by_lot"] = outcome.no_pass_by_lot;
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
  WriteDifferences(rows, {Measure::kHalfPass, Measure::kRarePass}, out);
  WriteShared(rows, out);
  WriteMisses(rows, out);
  for (const SampleOrder order : kCompared) WriteBeyondChance(problems, order, out);
}

std::string ReportJson(const std::vector<StudiedProblem>& problems, const Design& design, const std::string& kernels) {
  json report = {{"kernels", kernels},
                 {"design",
                  {{"splits", design.splits},
                   {"orders", design.orders},
                   {"seeds", design.seeds},
                   {"epochs", design.epochs},
                   {"cut", design.cut == Cut::kEven ? "even" : "short last"}}}};
  for (const StudiedProblem& problem : problems) {
    report["problems"].push_back(
        {{"data", problem.data_set}, {"network", problem.network}, {"orders", OutcomesJson(problem.outcomes)}});
  }
  return report.dump(1) + "\n";
}

}  // namespace minnow::bench
