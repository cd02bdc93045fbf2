// The answer does not depend on timing: one worker or many, whatever order they finish in, whatever crashed in between.
#include <gtest/gtest.h>

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
  return questions;
}

ToyWorld RunWorld(const Question& question, int workers, unsigned schedule, int crash_one_in) {
  ToyWorld world(workers, schedule, question.rule);
  world.look_rule = [&](int look) { return look > question.looks_missed; };
  world.crash_one_in = crash_one_in;
  EXPECT_EQ(world.Run(ToyRequest(question.spec)), 1);
  return world;
}

TEST(SameAnswer, WithAnyNumberOfWorkersInAnyOrder) {
  for (const Question& question : Questions()) {
    const std::string expected = RunWorld(question, /*workers=*/1, /*schedule=*/0, /*crash_one_in=*/0).Transcript(1);
    for (unsigned schedule = 1; schedule <= 12; ++schedule) {
      const int workers = schedule % 3 == 0 ? 1 : static_cast<int>(schedule) * 2;
      EXPECT_EQ(RunWorld(question, workers, schedule, 0).Transcript(1), expected)
          << question.name << ", " << workers << " workers, schedule " << schedule;
    }
  }
}

TEST(SameAnswer, WhateverCrashesInBetween) {
  int crashes = 0;
  for (const Question& question : Questions()) {
    const std::string expected = RunWorld(question, 1, 0, 0).Transcript(1);
    for (unsigned schedule = 1; schedule <= 12; ++schedule) {
      const ToyWorld world = RunWorld(question, 3, schedule, /*crash_one_in=*/15);
      crashes += world.crashes();
      EXPECT_EQ(world.Transcript(1), expected) << question.name << ", schedule " << schedule;
      EXPECT_TRUE(world.stored().leases.empty()) << "a job that has ended holds no leases";
    }
  }
  EXPECT_GT(crashes, 100) << "the worlds must really crash";
}

}  // namespace
}  // namespace minnow::core
