#include "tests/integration/recomputed_certificate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/integration/definitions.h"
#include "tests/integration/process.h"

namespace minnow {
namespace {

using nlohmann::json;

template <class Value>
std::string List(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) text += (text.empty() ? "" : ",") + json(value).dump();
  std::erase(text, '"');
  return text;
}

bool KeepsUnitsEqual(const RecipeColumns& recipe) { return recipe.init == "zeros" || recipe.init == "constant"; }

bool Narrower(const Hidden& inner, const Hidden& outer) {
  if (inner.size() != outer.size() || inner == outer) return false;
  return std::equal(inner.begin(), inner.end(), outer.begin(), [](int a, int b) { return a <= b; });
}

// What the trials of one recipe on one shape say.
struct Candidate {
  int64_t passes = 0;
  int64_t misses = 0;
  std::optional<int64_t> first_pass;
};

// What the trials of one shape say.
struct Standing {
  std::map<RecipeColumns, Candidate> candidates;
  int64_t tries = 0, passes = 0, stopped = 0, audited = 0;
  std::optional<double> best;
  std::optional<int64_t> good_by;  // the trial that stands for it, once it is good enough
  int64_t last = 0;                // its last trial
  bool rejected = false;           // by its own trials
};

class Recomputed {
 public:
  Recomputed(const AskedQuestion& asked, const std::vector<TriedTrial>& trials, const json& answer);

  void ExpectTrialsThatAreNeeded() const;
  void ExpectRows() const;
  void ExpectNoSmallerPass() const;
  void ExpectAudit() const;
  void ExpectWrongAtMost() const;
  void ExpectAnswer() const;
  void ExpectLook() const;

 private:
  void ListShapes();
  void ListRecipes();
  void Count(const TriedTrial& trial);

  bool higher() const { return answer_["threshold"]["comparison"] == ">="; }
  bool Meets(double score) const { return higher() ? score >= threshold_ : score <= threshold_; }
  int64_t Size(const Hidden& hidden) const;
  // True for shapes that the certificate is about.
  bool Excluded(const Hidden& hidden) const { return !answered_ || Size(hidden) < Size(*answered_); }
  // True when every layer has the narrowest width of the space.
  bool Narrowest(const Hidden& hidden) const {
    return std::all_of(hidden.begin(), hidden.end(), [&](int units) { return units == asked_.units.front(); });
  }
  const Standing* Find(const Hidden& hidden) const;
  std::vector<RecipeColumns> RecipesOn(const Hidden& hidden) const;
  // Of `candidate`, one of so many on the shape: 1 accepted, -1 rejected, 0 open.
  int Decision(const Hidden& hidden, const Candidate& candidate, size_t recipes) const;
  void ExpectCounts(const json& row, const Standing& of_shape) const;
  std::string ExpectedReason(const Hidden& hidden, const std::string& said) const;
  bool HandsDownItsRejection(const Hidden& hidden) const;

  const AskedQuestion& asked_;
  const std::vector<TriedTrial>& trials_;
  const json& answer_;
  const double threshold_;
  std::optional<Hidden> answered_;
  std::vector<Hidden> shapes_;
  std::vector<RecipeColumns> recipes_;
  std::map<Hidden, Standing> standings_;
  std::vector<std::string> superfluous_;  // trials that came when nothing of their kind was open
};

Recomputed::Recomputed(const AskedQuestion& asked, const std::vector<TriedTrial>& trials, const json& answer)
    : asked_(asked), trials_(trials), answer_(answer), threshold_(answer["threshold"]["value"]) {
  if (!answer["answer"].is_null()) answered_ = answer["answer"]["hidden"].get<Hidden>();
  ListShapes();
  ListRecipes();
  for (const TriedTrial& trial : trials) Count(trial);
}

void Recomputed::ListShapes() {
  std::vector<Hidden> of_depth = {{}};
  for (int depth = 0; depth <= asked_.max_layers; ++depth) {
    if (depth >= asked_.min_layers) shapes_.insert(shapes_.end(), of_depth.begin(), of_depth.end());
    std::vector<Hidden> deeper;
    for (const Hidden& hidden : of_depth) {
      for (int units : asked_.units) {
        deeper.push_back(hidden);
        deeper.back().push_back(units);
      }
    }
    of_depth = deeper;
  }
}

void Recomputed::ListRecipes() {
  for (const std::string& init : asked_.inits)
    for (const std::string& activation : asked_.activations)
      for (const std::string& optimizer : asked_.optimizers)
        for (double rate : asked_.learning_rates)
          for (int batch : asked_.batch_sizes) recipes_.push_back({init, activation, optimizer, rate, batch});
}

int64_t Recomputed::Size(const Hidden& hidden) const {
  int64_t size = 0;
  int fan_in = answer_["inputs"];
  std::vector<int> layers = hidden;
  layers.push_back(answer_["outputs"]);
  for (int fan_out : layers) {
    size += static_cast<int64_t>(fan_in + (asked_.by_multiply_adds ? 0 : 1)) * fan_out;
    fan_in = fan_out;
  }
  return size;
}

// Null for a shape of which nothing counts.
const Standing* Recomputed::Find(const Hidden& hidden) const {
  const auto of_shape = standings_.find(hidden);
  return of_shape == standings_.end() ? nullptr : &of_shape->second;
}

std::vector<RecipeColumns> Recomputed::RecipesOn(const Hidden& hidden) const {
  std::vector<RecipeColumns> recipes = recipes_;
  if (!Narrowest(hidden)) std::erase_if(recipes, KeepsUnitsEqual);
  return recipes;
}

int Recomputed::Decision(const Hidden& hidden, const Candidate& candidate, size_t recipes) const {
  if (hidden.empty() && candidate.passes == 0) return candidate.misses >= 1 ? -1 : 0;
  if (asked_.reliable) return WaldDecisionByDefinition(candidate.passes, candidate.misses);
  if (candidate.passes > 0) return 1;
  return candidate.misses >= std::max<int64_t>(7, (59 + static_cast<int64_t>(recipes) - 1) / recipes) ? -1 : 0;
}

void Recomputed::Count(const TriedTrial& trial) {
  Standing& of_shape = standings_[trial.hidden];
  const std::vector<RecipeColumns> recipes = RecipesOn(trial.hidden);
  Candidate& candidate = of_shape.candidates[trial.recipe];
  const bool open = !of_shape.good_by && !of_shape.rejected && Decision(trial.hidden, candidate, recipes.size()) == 0;
  if (!open || std::find(recipes.begin(), recipes.end(), trial.recipe) == recipes.end()) {
    superfluous_.push_back("trial " + std::to_string(trial.number));
  }
  ++(trial.passed() ? candidate.passes : candidate.misses);
  if (trial.passed() && !candidate.first_pass) candidate.first_pass = trial.number;
  ++of_shape.tries;
  of_shape.passes += trial.passed();
  of_shape.stopped += trial.state == "STOPPED_EARLY";
  of_shape.audited += trial.audited;
  of_shape.last = trial.number;
  if (trial.best_score &&
      (!of_shape.best || (higher() ? *trial.best_score > *of_shape.best : *trial.best_score < *of_shape.best))) {
    of_shape.best = trial.best_score;
  }
  if (Decision(trial.hidden, candidate, recipes.size()) > 0) of_shape.good_by = candidate.first_pass;
  of_shape.rejected = std::all_of(recipes.begin(), recipes.end(), [&](const RecipeColumns& recipe) {
    return Decision(trial.hidden, of_shape.candidates[recipe], recipes.size()) < 0;
  });
}

// Every trial was of an open candidate, in the numbers and with the outcome that its state says.
void Recomputed::ExpectTrialsThatAreNeeded() const {
  EXPECT_EQ(superfluous_, std::vector<std::string>());
  int64_t epochs = 0;
  int64_t before = 0;
  std::map<Hidden, int64_t> seeds;
  for (const TriedTrial& trial : trials_) {
    EXPECT_GT(trial.number, before);
    before = trial.number;
    EXPECT_GT(trial.seed, seeds[trial.hidden]) << "trial " << trial.number;
    seeds[trial.hidden] = trial.seed;
    epochs += trial.epochs;
    EXPECT_EQ(trial.best_score && Meets(*trial.best_score), trial.passed()) << "trial " << trial.number;
    EXPECT_TRUE(!trial.passed() || Meets(trial.validation_score)) << "trial " << trial.number;
    EXPECT_TRUE(trial.state != "MISSED" || trial.epochs == asked_.epochs) << "trial " << trial.number;
    if (trial.state != "STOPPED_EARLY") continue;
    EXPECT_TRUE(asked_.early_stop && !trial.audited) << "trial " << trial.number;
    const int share[] = {8, 15, 30, 60};
    EXPECT_TRUE(std::any_of(std::begin(share), std::end(share),
                            [&](int percent) { return trial.epochs == asked_.epochs * percent / 100; }))
        << "trial " << trial.number << " stopped at epoch " << trial.epochs;
  }
  EXPECT_EQ(answer_["trials"], trials_.size());
  EXPECT_EQ(answer_["epochs"], epochs);
}

// One row for every excluded shape, smallest first, each with the reason and the counts that its trials give.
void Recomputed::ExpectRows() const {
  EXPECT_EQ(answer_["undecided"], json::array());
  std::set<Hidden> listed;
  int64_t before = 0;
  for (const json& row : answer_["certificate"]) {
    const auto hidden = row["hidden"].get<Hidden>();
    EXPECT_TRUE(listed.insert(hidden).second) << row;
    EXPECT_GE(Size(hidden), before) << row;
    before = Size(hidden);
    EXPECT_EQ(row["because"], ExpectedReason(hidden, row["because"])) << row;
    EXPECT_EQ(row["verdict"], row["because"] == "missed on test" ? "GOOD_ENOUGH" : "NOT_GOOD_ENOUGH") << row;
    const Standing* of_shape = Find(hidden);
    EXPECT_EQ(row.contains("tries"), of_shape != nullptr) << row;
    if (of_shape != nullptr) ExpectCounts(row, *of_shape);
  }
  std::set<Hidden> excluded;
  for (const Hidden& hidden : shapes_) {
    if (Excluded(hidden)) excluded.insert(hidden);
  }
  EXPECT_EQ(listed, excluded);
}

void Recomputed::ExpectCounts(const json& row, const Standing& of_shape) const {
  EXPECT_EQ(row["tries"], of_shape.tries) << row;
  EXPECT_EQ(row["passes"], of_shape.passes) << row;
  EXPECT_EQ(row["stopped_early"], of_shape.stopped) << row;
  EXPECT_EQ(row["finished"], of_shape.tries - of_shape.stopped) << row;
  EXPECT_EQ(row["audited"], of_shape.audited) << row;
  EXPECT_EQ(row["best_validation_score"], of_shape.best ? json(*of_shape.best) : json(nullptr)) << row;
  EXPECT_NEAR(row["pass_rate_upper"].get<double>(), UpperBoundByBisection(of_shape.passes, of_shape.tries, 0.95), 1e-9)
      << row;
}

// The reason that the definitions give; of several shapes from which the rejection could come, the one that is said.
std::string Recomputed::ExpectedReason(const Hidden& hidden, const std::string& said) const {
  const Standing* of_shape = Find(hidden);
  if (of_shape != nullptr && of_shape->good_by) return "missed on test";
  if (of_shape != nullptr && of_shape->rejected) return hidden.empty() ? "convex" : "direct";
  const auto rejected_and_narrowest = [&](const Hidden& other) {
    return other.size() == hidden.size() && Narrowest(other) && Find(other) != nullptr && Find(other)->rejected;
  };
  if (RecipesOn(hidden).empty() && std::any_of(shapes_.begin(), shapes_.end(), rejected_and_narrowest)) {
    return "symmetry";
  }
  std::string reasons;
  for (const Hidden& outer : shapes_) {
    if (!Narrower(hidden, outer) || !HandsDownItsRejection(outer)) continue;
    const std::string reason = "contained in [" + List(outer) + "]";
    if (reason == said) return reason;
    reasons += (reasons.empty() ? "" : " or ") + reason;
  }
  return reasons;
}

// True of a directly rejected shape in which no contained shape passed.
bool Recomputed::HandsDownItsRejection(const Hidden& hidden) const {
  const Standing* of_shape = Find(hidden);
  if (hidden.empty() || of_shape == nullptr || !of_shape->rejected) return false;
  return std::none_of(standings_.begin(), standings_.end(),
                      [&](const auto& other) { return other.second.good_by && Narrower(other.first, hidden); });
}

void Recomputed::ExpectNoSmallerPass() const {
  for (const json& row : answer_["certificate"]) {
    if (row["because"] == "missed on test" || !row.contains("tries")) continue;
    EXPECT_TRUE(asked_.reliable || row["passes"] == 0) << row;
    EXPECT_FALSE(standings_.at(row["hidden"].get<Hidden>()).good_by) << row;
  }
}

void Recomputed::ExpectAudit() const {
  const json& said = answer_["early_stop_audit"];
  EXPECT_EQ(said.is_null(), !asked_.early_stop) << said;
  if (said.is_null()) return;
  int64_t audited = 0, would_have_stopped = 0, passed = 0;
  for (const TriedTrial& trial : trials_) {
    EXPECT_TRUE(trial.audited || !trial.would_have_stopped || asked_.reliable) << "trial " << trial.number;
    if (!trial.audited) continue;
    ++audited;
    would_have_stopped += trial.would_have_stopped;
    passed += trial.would_have_stopped && trial.passed();
  }
  EXPECT_EQ(said["audited"], audited);
  EXPECT_EQ(said["would_have_stopped"], would_have_stopped);
  EXPECT_EQ(said["passed"], passed);
  EXPECT_NEAR(said["upper"].get<double>(), UpperBoundByBisection(passed, would_have_stopped, 0.95), 1e-9);
}

// 0.05 (1 + m + j). A shape is rejected when its last trial is counted, so trial numbers tell what came first.
void Recomputed::ExpectWrongAtMost() const {
  int64_t inheritable = 0, missed_looks = 0;
  for (const json& row : answer_["certificate"]) {
    if (row["because"] == "missed on test") {
      ++missed_looks;
      continue;
    }
    const auto hidden = row["hidden"].get<Hidden>();
    int64_t rejections = 0;
    for (const auto& [outer, of_shape] : standings_) {
      if (!Narrower(hidden, outer) || !HandsDownItsRejection(outer)) continue;
      const bool decided_before = row["because"] == "direct" && standings_.at(hidden).last < of_shape.last;
      rejections += !decided_before;
    }
    inheritable = std::max(inheritable, rejections);
  }
  const bool any = static_cast<int64_t>(answer_["certificate"].size()) > missed_looks;
  const double expected = any ? std::min(1.0, 0.05 * static_cast<double>(1 + inheritable + missed_looks)) : 0;
  EXPECT_NEAR(answer_["wrong_at_most"].get<double>(), expected, 1e-12);
}

// The answer is the first pass of its shape, in the trial that it names.
void Recomputed::ExpectAnswer() const {
  EXPECT_EQ(answer_["state"], answered_ ? "ANSWERED" : "EXHAUSTED");
  if (!answered_) return;
  const json& network = answer_["answer"];
  const int64_t number = *standings_.at(*answered_).good_by;
  const auto trial = std::find_if(trials_.begin(), trials_.end(), [&](const auto& t) { return t.number == number; });
  EXPECT_EQ(network["trial"], "jobs/1/trials/" + std::to_string(number));
  EXPECT_EQ(network["seed"], trial->seed);
  EXPECT_EQ(network["epoch"], trial->epochs) << "a trial stops where it passes";
  EXPECT_EQ(network["validation_score"], trial->validation_score);
  EXPECT_EQ(network["weights_sha256"], trial->weights_sha256);
  const RecipeColumns recipe = {network["init"], network["activation"], network["optimizer"], network["learning_rate"],
                                network["batch_size"]};
  EXPECT_TRUE(recipe == trial->recipe) << network;
  EXPECT_EQ(network[asked_.by_multiply_adds ? "multiply_adds" : "parameters"], Size(*answered_));
}

// The interval of the look, by the definition, at the level that this look has; and what follows from it.
void Recomputed::ExpectLook() const {
  if (!answered_) return;
  const json& network = answer_["answer"];
  const double score = network["test_score"];
  const int looks = network["test_looks"];
  EXPECT_EQ(network["confirmed"], Meets(score));
  const double low = network["test_interval"][0], high = network["test_interval"][1];
  EXPECT_LE(low, score);
  EXPECT_GE(high, score);
  const bool good = higher() ? low >= threshold_ : high <= threshold_;
  const bool bad = higher() ? high < threshold_ : low > threshold_;
  EXPECT_EQ(network["test_grade"], good ? "shown" : bad ? "missed" : "consistent");
  if (answer_["threshold"]["metric"] != "accuracy") return;
  // Without a confirmed look the answer is the first that was looked at.
  const int look = network["confirmed"] ? looks : 1;
  const int64_t rows = answer_["rows"]["test"];
  const std::pair<double, double> interval =
      ScoreIntervalByBisection(score, rows, 1 - 0.05 / (static_cast<double>(look) * (look + 1)));
  EXPECT_NEAR(low, interval.first, 1e-9);
  EXPECT_NEAR(high, interval.second, 1e-9);
}

}  // namespace

std::string FlagsOf(const AskedQuestion& asked) {
  return "data/" + asked.data + " --good-enough '" + asked.good_enough + "' --units " + List(asked.units) +
         " --layers " + std::to_string(asked.min_layers) + ".." + std::to_string(asked.max_layers) + " --epochs " +
         std::to_string(asked.epochs) + " --init " + List(asked.inits) + " --activation " + List(asked.activations) +
         " --optimizer " + List(asked.optimizers) + " --learning-rate " + List(asked.learning_rates) +
         " --batch-size " + List(asked.batch_sizes) + (asked.by_multiply_adds ? " --order-by multiply_adds" : "") +
         (asked.reliable ? " --pass reliable" : "") + (asked.early_stop ? "" : " --early-stop off") +
         " --splits 1 --no-characterise --json";
}

std::vector<TriedTrial> ReadTrials(const std::string& csv) {
  std::vector<TriedTrial> trials;
  for (const auto& row : CsvRows(csv)) {
    TriedTrial trial;
    trial.number = std::stoll(row.at("trial").substr(row.at("trial").rfind('/') + 1));
    trial.hidden = json::parse(row.at("hidden")).get<Hidden>();
    trial.recipe = {row.at("init"), row.at("activation"), row.at("optimizer"), std::stod(row.at("learning_rate")),
                    std::stoi(row.at("batch_size"))};
    trial.seed = std::stoll(row.at("seed"));
    trial.state = row.at("state");
    trial.epochs = std::stoi(row.at("epochs"));
    const auto number = [&](const std::string& column) {
      return row.at(column).empty() ? std::nan("") : std::stod(row.at(column));
    };
    trial.validation_score = number("validation_score");
    if (std::isfinite(number("best_score"))) trial.best_score = number("best_score");
    trial.weights_sha256 = row.at("weights_sha256");
    trial.audited = row.at("audited") == "1";
    trial.would_have_stopped = !row.at("would_stop_epoch").empty();
    trials.push_back(std::move(trial));
  }
  return trials;
}

void ExpectCertificateOf(const AskedQuestion& asked, const std::vector<TriedTrial>& trials, const json& answer) {
  const Recomputed recomputed(asked, trials, answer);
  recomputed.ExpectTrialsThatAreNeeded();
  recomputed.ExpectRows();
  recomputed.ExpectNoSmallerPass();
  recomputed.ExpectAudit();
  recomputed.ExpectWrongAtMost();
  recomputed.ExpectAnswer();
  recomputed.ExpectLook();
}

}  // namespace minnow
