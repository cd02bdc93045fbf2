// The answer does not depend on timing: one worker or many, whatever order they finish in, whatever crashed in between.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/support/shuffled_ladder.h"
#include "tests/support/toy_world.h"

namespace minnow::core {
namespace {

JobSpec SpecOf(SearchKind search) {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2, 3, 4, 6, 8};
  spec.search = search;
  return spec;
}

struct Question {
  const char* name;
  JobSpec spec;
  ToyRule rule;
  int looks_missed = 0;
  SearcherFactory searcher = search::NewSearcher;
};

std::vector<Question> Questions() {
  const ToyRule rare{.start = 20, .end = 200, .most = 0.2};
  std::vector<Question> questions = {
      {.name = "ladder", .spec = SpecOf(SearchKind::kLadder), .rule = rare},
      {.name = "missed looks", .spec = SpecOf(SearchKind::kLadder), .rule = rare, .looks_missed = 2},
      {.name = "all looks missed", .spec = SpecOf(SearchKind::kLadder), .rule = rare, .looks_missed = 3},
      {.name = "exhausted", .spec = SpecOf(SearchKind::kLadder), .rule = {.start = 1e6, .end = 2e6}},
      {.name = "grid", .spec = SpecOf(SearchKind::kGrid), .rule = rare},
      {.name = "random", .spec = SpecOf(SearchKind::kRandom), .rule = rare}};
  Question reference = questions[0];
  reference.name = "reference";
  reference.spec.goal.value.reset();
  questions.push_back(reference);
  Question budget = questions[0];
  budget.name = "budget";
  budget.spec.budget.trials = 333;
  questions.push_back(budget);
  Question epochs = questions[0];
  epochs.name = "budget of epochs";
  epochs.spec.budget.epochs = 10'001;
  questions.push_back(epochs);
  Question stopping = questions[0];
  stopping.name = "early stop";
  stopping.spec.early_stop = true;
  questions.push_back(stopping);
  Question all = stopping;
  all.name = "all phases and splits";
  all.spec.characterise = true;
  all.spec.splits = 3;
  all.rule.most = 1;
  questions.push_back(all);
  Question reliable = all;
  reliable.name = "reliable";
  reliable.spec.pass = PassPolicy::kReliable;
  questions.push_back(reliable);
  for (const auto& [name, seed] :
       {std::pair("descending", std::optional<unsigned>()), std::pair("shuffled", std::optional<unsigned>(5)),
        std::pair("shuffled otherwise", std::optional<unsigned>(6))}) {
    Question shuffled = questions[1];
    shuffled.name = name;
    shuffled.searcher = ShuffledLadder(seed);
    questions.push_back(shuffled);
  }
  return questions;
}

std::unique_ptr<ToyWorld> RunWorld(const Question& question, ToyWorld::Options options) {
  options.trainer = question.rule;
  options.look_rule = [missed = question.looks_missed](int look) { return look > missed; };
  options.coordinator.new_searcher = question.searcher;
  auto world = std::make_unique<ToyWorld>(std::move(options));
  EXPECT_EQ(world->Run(ToyRequest(question.spec)), 1) << question.name;
  EXPECT_EQ(world->stored().trials_stored_twice, 0) << question.name;
  EXPECT_TRUE(world->stored().leases.empty()) << question.name << ": a job that has ended holds no leases";
  return world;
}

// Of the job and of the other splits of its rows.
std::string Transcripts(const ToyWorld& world) {
  std::string text;
  for (const auto& [id, job] : world.stored().jobs) text += world.Transcript(id) + "\n";
  return text;
}

std::string Expected(const Question& question) { return Transcripts(*RunWorld(question, {.schedule = 0})); }

int Count(const StoredState& stored, EntryState state) {
  return static_cast<int>(std::count_if(stored.entries.begin(), stored.entries.end(), [state](const auto& row) {
    const auto* bundle = std::get_if<search::Bundle>(&row.second.content);
    return bundle != nullptr && !bundle->hole() && row.second.state == state;
  }));
}

int Count(const StoredState& stored, const std::string& event) {
  return static_cast<int>(std::count_if(stored.events.begin(), stored.events.end(),
                                        [&](const EventRecord& record) { return record.kind == event; }));
}

TEST(SameAnswer, WithAnyNumberOfWorkersInAnyOrder) {
  for (const Question& question : Questions()) {
    const std::string expected = Expected(question);
    for (unsigned schedule = 1; schedule <= 12; ++schedule) {
      const int workers = schedule % 3 == 0 ? 1 : static_cast<int>(schedule) * 2;
      const auto world = RunWorld(
          question, {.workers = workers, .schedule = schedule, .machines = {{1, 1.0}, {2, 0.3}, {4, 1.5}, {1, 0.1}}});
      EXPECT_EQ(Transcripts(*world), expected) << question.name << ", " << workers << " workers, schedule " << schedule;
    }
  }
}

TEST(SameAnswer, WhenTheWholeProcessCrashesInBetween) {
  int crashes = 0;
  for (const Question& question : Questions()) {
    const std::string expected = Expected(question);
    for (unsigned schedule = 1; schedule <= 12; ++schedule) {
      const auto world = RunWorld(question, {.workers = 1,
                                             .schedule = schedule,
                                             .faults = {.crash_one_in = 15},
                                             .coordinator = {.void_leases = true},
                                             .machines = {{3, 1.0}}});
      crashes += world->counts().crashes;
      EXPECT_EQ(Transcripts(*world), expected) << question.name << ", schedule " << schedule;
    }
  }
  EXPECT_GT(crashes, 100) << "the worlds must really crash";
}

TEST(SameAnswer, WhateverHappensToWorkersAndCoordinator) {
  ToyCounts all;
  for (const Question& question : Questions()) {
    const std::string expected = Expected(question);
    for (unsigned schedule = 1; schedule <= 20; ++schedule) {
      const auto world = RunWorld(question, {.workers = 2 + static_cast<int>(schedule) % 6,
                                             .schedule = schedule,
                                             .faults = {.crash_one_in = 50,
                                                        .stop_one_in = 40,
                                                        .cut_off_one_in = 40,
                                                        .kill_one_in = 80,
                                                        .release_one_in = 120,
                                                        .pause_one_in = 150},
                                             .machines = {{1, 1.0}, {2, 0.3}, {4, 1.5}}});
      EXPECT_EQ(Transcripts(*world), expected) << question.name << ", schedule " << schedule;
      EXPECT_EQ(Count(world->stored(), "mismatch"), 0) << question.name << ", schedule " << schedule;
      const ToyCounts counts = world->counts();
      all.crashes += counts.crashes;
      all.takeovers += counts.takeovers;
      all.releases += counts.releases;
      all.pauses += counts.pauses;
      all.coordinator += counts.coordinator;
    }
  }
  EXPECT_GT(all.crashes, 100);
  EXPECT_GT(all.takeovers, 100);
  EXPECT_GT(all.releases, 100);
  EXPECT_GT(all.pauses, 50);
  EXPECT_GT(all.coordinator.expired, 100);
  EXPECT_GT(all.coordinator.hedges, 100);
  EXPECT_GT(all.coordinator.hedges_won, 50);
  EXPECT_GT(all.coordinator.late_reports, 50);
  EXPECT_GT(all.coordinator.duplicates, 50) << "results that were compared with the first";
}

// What the schedules above meet: else they would show nothing.
TEST(SameAnswer, IsAskedOfSearchesWithManyIncumbentsMootBundlesAndAWindowThatBinds) {
  for (const Question& question : Questions()) {
    if (!std::string(question.name).starts_with("shuffled") && question.name != std::string("descending")) continue;
    const auto world = RunWorld(question, {.workers = 7, .schedule = 3});
    EXPECT_GE(Count(world->stored(), "incumbent"), 3) << question.name;
    EXPECT_GT(Count(world->stored(), EntryState::kSkipped), 0) << question.name;
    EXPECT_EQ(world->stored().looks.size(), 3u) << question.name;
    // Entry i waits until the first i - 8 are folded, so with it nine are under way, and never ten.
    EXPECT_EQ(world->counts().most_outstanding, 9) << question.name;
  }
}

}  // namespace
}  // namespace minnow::core
