#include "server/core/checks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace minnow::core {
namespace {

bool SameNumber(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// FNV-1a over 64-bit words: faults of machines are to be found, and nobody who tries to hide them.
class Mix {
 public:
  void Add(uint64_t word) { hash_ = (hash_ ^ word) * 0x100000001b3; }
  void Add(double number) { Add(std::bit_cast<uint64_t>(std::isnan(number) ? kNan : number + 0.0)); }
  void Add(std::optional<double> number) { Add(number.value_or(kNan)); }
  void Add(std::optional<int> number) { Add(static_cast<uint64_t>(number.value_or(-1))); }
  uint64_t hash() const { return hash_; }

 private:
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace

TrialDigest DigestOf(const TrialResult& result, const std::string& worker) {
  Mix rest;
  rest.Add(result.pass_epoch);
  rest.Add(result.would_stop_epoch);
  rest.Add(result.standard_error);
  rest.Add(result.test_score);
  for (const ScorePoint& point : result.scores) {
    rest.Add(static_cast<uint64_t>(point.epoch));
    rest.Add(point.validation_score);
    rest.Add(point.best_score);
  }
  return {.state = result.state,
          .epochs = result.epochs,
          .best_score = result.best_score,
          .validation_score = result.validation_score,
          .weights_sha256 = result.weights_sha256,
          .rest = rest.hash(),
          .worker = worker};
}

bool SameResult(const TrialDigest& first, const TrialDigest& second) {
  return first.state == second.state && first.epochs == second.epochs && first.rest == second.rest &&
         first.weights_sha256 == second.weights_sha256 && SameNumber(first.best_score, second.best_score) &&
         SameNumber(first.validation_score, second.validation_score);
}

Opinion OpinionOf(const std::vector<TrialResult>& results, const std::string& worker) {
  Opinion opinion{.worker = worker, .trials = {}};
  for (const TrialResult& result : results) {
    opinion.trials.emplace_back();
    if (result.state != TrialState::kCancelled) opinion.trials.back() = DigestOf(result, worker);
  }
  return opinion;
}

bool Agree(const Opinion& first, const Opinion& second) {
  for (size_t i = 0; i < std::min(first.trials.size(), second.trials.size()); ++i) {
    const std::optional<TrialDigest>& one = first.trials[i];
    const std::optional<TrialDigest>& other = second.trials[i];
    if (one && other && !SameResult(*one, *other)) return false;
  }
  return true;
}

bool Checks::Open(Job::Taken work, std::vector<Opinion> opinions) {
  if (checks_.size() >= kMaxChecks) return false;
  const Key key{work.lease.job, work.piece};
  return checks_.try_emplace(key, Check{.work = std::move(work), .opinions = std::move(opinions)}).second;
}

Checks::Check* Checks::Find(const Key& key) {
  const auto check = checks_.find(key);
  return check == checks_.end() ? nullptr : &check->second;
}

Checks::Check* Checks::NextFor(const std::string& worker, std::optional<int64_t> only_job,
                               const std::function<bool(int64_t job)>& waits) {
  Check* next = nullptr;
  for (auto& [key, check] : checks_) {
    if (check.lease || (only_job && *only_job != key.first)) continue;
    const auto& opinions = check.opinions;
    if (std::any_of(opinions.begin(), opinions.end(), [&](const Opinion& known) { return known.worker == worker; })) {
      continue;
    }
    if (!check.disputed() && (next != nullptr || waits(key.first))) continue;
    if (next == nullptr || !next->disputed()) next = &check;
  }
  return next;
}

bool Checks::AnyWaits() const {
  return std::any_of(checks_.begin(), checks_.end(), [](const auto& check) { return !check.second.lease; });
}

Checks::Outcome Checks::OutcomeOf(const Check& check) {
  const auto& opinions = check.opinions;
  for (size_t a = 0; a < opinions.size(); ++a) {
    for (size_t b = a + 1; b < opinions.size(); ++b) {
      if (opinions[a].worker == opinions[b].worker || !Agree(opinions[a], opinions[b])) continue;
      Outcome outcome{.settled = true, .minority = {}};
      for (const Opinion& other : opinions) {
        if (!Agree(other, opinions[a])) outcome.minority.push_back(other.worker);
      }
      return outcome;
    }
  }
  return {.settled = opinions.size() >= kMaxOpinions, .minority = {}};
}

void Checks::Disregard(const std::string& worker) {
  for (auto check = checks_.begin(); check != checks_.end();) {
    std::erase_if(check->second.opinions, [&](const Opinion& opinion) { return opinion.worker == worker; });
    check = check->second.opinions.empty() ? checks_.erase(check) : std::next(check);
  }
}

std::vector<Checks::Key> Checks::OfJob(int64_t job) const {
  std::vector<Key> keys;
  for (const auto& [key, check] : checks_) {
    if (key.first == job) keys.push_back(key);
  }
  return keys;
}

}  // namespace minnow::core
