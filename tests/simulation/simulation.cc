#include "tests/simulation/simulation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "tests/simulation/people.h"
#include "tests/simulation/questions.h"
#include "tests/simulation/worker_host.h"
#include "tests/simulation/world.h"

namespace minnow::simulation {
namespace {

constexpr absl::Duration kMoment = absl::Milliseconds(200);
constexpr absl::Duration kShortestTrouble = absl::Seconds(5);
constexpr absl::Duration kLongestTrouble = absl::Seconds(40);
constexpr absl::Duration kLongestHealing = absl::Minutes(30);
constexpr absl::Duration kLongestFreeze = absl::Seconds(25);
constexpr absl::Duration kLongestLeap = absl::Minutes(30);
constexpr absl::Duration kBrokenFor = absl::Seconds(5);
constexpr int64_t kMostSteps = 500'000;

// One life of the world.
class Life {
 public:
  Life(uint64_t seed, FaultMix mix, const std::vector<int>& questions, int workers)
      : world_(seed, std::move(mix)), workers_wanted_(workers) {
    FaultMix& faults = world_.faults;
    world_.lease = absl::Seconds(3 + faults.random().Below(8));
    liars_ = faults.On(Fault::kWrongScores) || faults.On(Fault::kWrongHashes);
    if (liars_) world_.checker.AllowLies();
    trouble_ends_ = world_.scheduler.now() + kShortestTrouble + (kLongestTrouble - kShortestTrouble) * faults.Uniform();
    world_.server = std::make_unique<Server>(&world_);
    people_ = std::make_unique<People>(&world_, questions);
    for (int i = 0; i < workers; ++i) Hire();
    world_.scheduler.After(kMoment, [this] { Moment(); });
  }

  ~Life() {
    hosts_.clear();
    gone_.clear();
    world_.server.reset();
  }

  // Until every question has its answer, or something is wrong.
  void Run() {
    while (!over_ && !world_.checker.violation()) {
      if (world_.scheduler.steps() > kMostSteps) world_.checker.Violate("the world stands still");
      if (!world_.scheduler.Step()) world_.checker.Violate("nothing will ever happen");
    }
  }

  World& world() { return world_; }
  const People& people() const { return *people_; }

 private:
  void Moment() {
    world_.checker.LookAtLeases();
    Replace();
    if (!healed_ && world_.scheduler.now() >= trouble_ends_) Heal();
    if (healed_) {
      Watch();
    } else {
      TroubleTheServer();
      TroubleAWorker();
      people_->Moment();
    }
    world_.scheduler.After(kMoment, [this] { Moment(); });
  }

  void TroubleTheServer() {
    FaultMix& faults = world_.faults;
    Server& server = *world_.server;
    if (faults.Strikes(Fault::kDiskFull)) server.FillDiskFor(kLongestFreeze * faults.Skewed());
    if (faults.Strikes(Fault::kServerFrozen)) server.FreezeFor(kLongestFreeze * faults.Skewed());
    if (faults.Strikes(Fault::kServerClockForward)) server.LeapClock(kLongestLeap * faults.Skewed());
  }

  void TroubleAWorker() {
    FaultMix& faults = world_.faults;
    if (hosts_.empty()) return;
    WorkerHost& host = *hosts_[faults.random().Below(static_cast<uint32_t>(hosts_.size()))];
    if (!host.steady()) return;
    if (faults.Strikes(Fault::kWorkerFrozen)) host.FreezeFor(kLongestFreeze * faults.Skewed());
    if (faults.Strikes(Fault::kWorkerClockForward)) host.LeapClock(kLongestLeap * faults.Skewed());
    if (faults.Strikes(Fault::kWorkerClockBack)) host.SetWallClock(-kLongestLeap * faults.Skewed());
    if (faults.Strikes(Fault::kWorkFails)) host.FailWorkFor(kBrokenFor * faults.Uniform());
    if (faults.Strikes(Fault::kWorkerStopped)) {
      host.Stop();
    } else if (faults.Strikes(Fault::kWorkerCrashed)) {
      host.Crash();
    }
  }

  // Those that are gone make room for others.
  void Replace() {
    for (auto& host : hosts_) {
      if (!host->gone()) continue;
      host->Crash();
      gone_.push_back(std::move(host));
    }
    std::erase(hosts_, nullptr);
    while (static_cast<int>(hosts_.size()) < workers_wanted_) Hire();
  }

  void Hire() {
    FaultMix& faults = world_.faults;
    WorkerHost::Options options{.number = ++hired_};
    options.id = {.name = "w" + std::to_string(hired_), .session = "s" + std::to_string(hired_)};
    if (!hosts_.empty() && faults.Strikes(Fault::kTakeover)) {
      options.id.name = hosts_[faults.random().Below(static_cast<uint32_t>(hosts_.size()))]->options().id.name;
    }
    options.threads = 1 + static_cast<int>(faults.random().Below(3));
    options.speed = 0.25 + 3 * faults.Uniform();
    options.lies.other_version = faults.Strikes(Fault::kOtherVersion);
    options.lies.wrong_scores = faults.Draws(Fault::kWrongScores);
    options.lies.wrong_hashes = faults.Draws(Fault::kWrongHashes);
    options.lies.foreign_leases = faults.Draws(Fault::kForeignLeases);
    options.lies.stale_failures = faults.Draws(Fault::kStaleFailures);
    hosts_.push_back(std::make_unique<WorkerHost>(&world_, options));
  }

  // Faults cease. Liars are found out and leave.
  void Heal() {
    healed_ = true;
    ceased_ = world_.scheduler.now();
    world_.faults.Cease();
    world_.server->Heal();
    for (auto& host : hosts_) {
      host->Heal();
      if (host->options().lies.any() && host->steady()) host->Crash();
    }
    people_->Insist();
  }

  void Watch() {
    world_.checker.LookAtJobs(ceased_);
    if (world_.scheduler.now() - ceased_ > kLongestHealing)
      world_.checker.Violate("the answers do not come: " + people_->Text());
    if (!people_->Served()) return served_.reset();  // or not any more: a late message has stopped a job
    if (!served_) served_ = world_.scheduler.now();
    if (world_.scheduler.now() - *served_ < 2 * world_.lease) return;
    world_.checker.LookAtTheEnd();
    over_ = true;
  }

  World world_;
  const int workers_wanted_;
  bool liars_ = false;
  std::unique_ptr<People> people_;
  std::vector<std::unique_ptr<WorkerHost>> hosts_;
  std::vector<std::unique_ptr<WorkerHost>> gone_;
  int64_t hired_ = 0;
  absl::Time trouble_ends_;
  absl::Time ceased_;
  std::optional<absl::Time> served_;
  bool healed_ = false;
  bool over_ = false;
};

// Where nothing fails, asked alone: with the numbers of the trials, and without.
std::string QuietAnswer(int question, bool with_numbers) {
  static std::map<int, std::pair<std::string, std::string>> known;
  const auto [answer, is_new] = known.try_emplace(question);
  if (is_new) {
    Life quiet(/*seed=*/0, FaultMix::None(), {question}, /*workers=*/2);
    quiet.Run();
    const int64_t job = *quiet.people().asked().front().job;
    const core::StoredState& disk = quiet.world().disk;
    answer->second = {AnswerOf(disk, job, /*with_numbers=*/true), AnswerOf(disk, job, /*with_numbers=*/false)};
    if (const auto& violation = quiet.world().checker.violation()) answer->second = {*violation, *violation};
  }
  return with_numbers ? answer->second.first : answer->second.second;
}

// The first line in which they differ.
std::string Difference(const std::string& expected, const std::string& seen) {
  size_t begin = 0;
  for (size_t i = 0; i < std::min(expected.size(), seen.size()) && expected[i] == seen[i]; ++i) {
    if (expected[i] == '\n') begin = i + 1;
  }
  const auto line = [begin](const std::string& text) { return text.substr(begin, text.find('\n', begin) - begin); };
  return "\"" + line(seen) + "\" instead of \"" + line(expected) + "\"";
}

void CompareAnswers(Life& life, Outcome* outcome) {
  for (const People::Asked& asked : life.people().asked()) {
    if (life.world().checker.LieStands(*asked.job)) {
      ++outcome->lies_that_stand;
      continue;
    }
    ++outcome->answers;
    const bool with_numbers = !WasInterrupted(life.world().disk, *asked.job);
    const std::string expected = QuietAnswer(asked.question, with_numbers);
    const std::string seen = AnswerOf(life.world().disk, *asked.job, with_numbers);
    if (seen == expected) continue;
    life.world().checker.Violate("the answer to \"" + Questions()[asked.question].name +
                                 "\" is another one: " + Difference(expected, seen));
  }
}

}  // namespace

Outcome Simulate(uint64_t seed) {
  FaultMix mix(seed);
  Outcome outcome{.seed = seed, .mix = mix.text()};
  std::vector<int> questions;
  const int count = 1 + static_cast<int>(mix.random().Below(4));
  for (int i = 0; i < count; ++i)
    questions.push_back(static_cast<int>(mix.random().Below(static_cast<uint32_t>(Questions().size()))));
  const int workers = 1 + static_cast<int>(mix.random().Below(6));
  Life life(seed, std::move(mix), questions, workers);
  life.Run();
  World& world = life.world();
  if (!world.checker.violation()) CompareAnswers(life, &outcome);
  outcome.failure = world.checker.violation();
  outcome.steps = world.scheduler.steps();
  outcome.simulated_seconds = absl::ToDoubleSeconds(world.scheduler.now() - absl::UnixEpoch()) - 365 * 24 * 3600.0;
  outcome.digest = world.scheduler.digest();
  outcome.faults = world.faults.counts();
  return outcome;
}

std::string FailureText(const Outcome& outcome) {
  if (!outcome.failure) return "";
  return "seed " + std::to_string(outcome.seed) + " failed at step " + std::to_string(outcome.steps) + ": " +
         *outcome.failure + "\nfaults switched on:\n" + outcome.mix + "see it again: ./dev bench simulate --first " +
         std::to_string(outcome.seed) + " --seeds 1\n";
}

void Total::Add(const Outcome& outcome) {
  ++seeds;
  steps += outcome.steps;
  simulated_seconds += outcome.simulated_seconds;
  digest = (digest ^ outcome.digest) * 1099511628211u;
  for (int f = 0; f < kFaults; ++f) faults[f] += outcome.faults[f];
  answers += outcome.answers;
  lies_that_stand += outcome.lies_that_stand;
  if (outcome.failure) failed.push_back(outcome);
}

Total SimulateMany(uint64_t first, int64_t count) {
  Total total;
  for (int64_t i = 0; i < count; ++i) total.Add(Simulate(first + static_cast<uint64_t>(i)));
  return total;
}

}  // namespace minnow::simulation
