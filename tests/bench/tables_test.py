#!/usr/bin/env python3
"""From a database of grids to a training table, and back as Optuna's replays read it."""

import itertools
import pathlib
import random
import sqlite3
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "bench/search"))
import make_tables  # noqa: E402
import optuna_tables  # noqa: E402
import table_export  # noqa: E402
import table_reader  # noqa: E402

EPOCHS = 40
RUNGS = [3, 6, 12, 24]
HEADER = table_export.Header(name="made-up", threshold=0.9, inputs=5, outputs=3, validation_rows=100, epochs=EPOCHS,
                             recipes=[("he", 0.01), ("he", 0.05), ("xavier", 0.01), ("xavier", 0.05)])
SEEDS = 3
SHAPES = [(), (2,), (4,), (2, 2)]


def curve(draw):
    """Validation scores of 40 epochs that rise and waver."""
    ceiling = draw.uniform(0.5, 1.1)
    return [round(min(1.0, ceiling * (1 - 0.8 ** epoch) + draw.uniform(-0.05, 0.05)), 3) for epoch in range(1, EPOCHS + 1)]


def pass_epoch(scores):
    pairs = [e for e in range(2, EPOCHS + 1) if min(scores[e - 2], scores[e - 1]) >= HEADER.threshold]
    return pairs[0] if pairs else None


class Database:
    """What `minnow run --search grid` leaves of the given curves: rungs, pass epoch and last epoch."""

    def __init__(self, path):
        self.path, self.curves = path, {}
        self.stored = sqlite3.connect(path)
        self.stored.executescript("""
            CREATE TABLE trials (job, trial, hidden, parameters, init, learning_rate, seed, state, epochs, pass_epoch, validation_score, best_score);
            CREATE TABLE scores (job, trial, epoch, validation_score, best_score);""")
        draw, number = random.Random(1), 0
        for shape in SHAPES:
            for recipe in range(len(HEADER.recipes) * SEEDS):
                number += 1
                self.add(shape, recipe % len(HEADER.recipes), number, curve(draw))
        self.stored.commit()

    def add(self, shape, recipe, number, scores):
        init, rate = HEADER.recipes[recipe]
        passed = pass_epoch(scores)
        end = passed or EPOCHS
        pair = max(min(pair) for pair in zip(scores, scores[1:]))
        hidden = "[" + ",".join(map(str, shape)) + "]"
        self.curves[shape, recipe, number] = scores
        self.stored.execute("INSERT INTO trials VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            [number, hidden, sum(shape), init, rate, number, "PASSED" if passed else "MISSED", EPOCHS, passed, scores[end - 1], pair])
        for epoch in sorted({*RUNGS, end, EPOCHS}):
            self.stored.execute("INSERT INTO scores VALUES (1, ?, ?, ?, ?)", [number, epoch, scores[epoch - 1], max(scores[:epoch])])


class TablesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.database = Database(f"{self.folder.name}/grid.db")
        self.addCleanup(self.database.stored.close)

    def text(self):
        return table_export.table_text(table_export.read_trials(self.database.path, HEADER), HEADER, SEEDS)

    def lines(self):
        return [line.split(",") for line in self.text().splitlines() if line[0] in "-0123456789"]

    def refused(self):
        self.database.stored.commit()
        with self.assertRaises(table_export.BadDatabase) as refusal:
            self.text()
        return str(refusal.exception)

    def test_every_line_says_what_a_search_would_have_seen(self):
        for shape, recipe, seed, passed, *rungs, end, _ in self.lines():
            units = tuple(int(unit) for unit in shape.split("-") if unit)
            scores = self.database.curves[units, int(recipe), int(seed)]
            self.assertEqual(int(passed), pass_epoch(scores) or 0)
            last = int(passed) or EPOCHS
            self.assertEqual(float(end), max(scores[:last]))
            for rung, cell in zip(RUNGS, rungs):
                self.assertEqual(cell, repr(max(scores[:rung])) if rung < last else "")

    def test_the_best_pair_is_exact_without_a_pass_and_at_least_the_threshold_with_one(self):
        for shape, recipe, seed, passed, *_, end, pair in self.lines():
            units = tuple(int(unit) for unit in shape.split("-") if unit)
            scores = self.database.curves[units, int(recipe), int(seed)]
            if passed == "0":
                self.assertEqual(float(pair), max(min(two) for two in zip(scores, scores[1:])))
            else:
                self.assertGreaterEqual(float(pair), HEADER.threshold)
                self.assertLessEqual(float(pair), scores[int(passed) - 1])

    def test_the_curves_of_this_test_have_passes_early_late_and_none(self):
        epochs = [int(line[3]) for line in self.lines()]
        self.assertTrue(any(0 < epoch < RUNGS[2] for epoch in epochs), epochs)
        self.assertTrue(any(epoch >= RUNGS[2] for epoch in epochs), epochs)
        self.assertIn(0, epochs)

    def test_the_reader_of_the_replays_reads_what_was_written(self):
        path = pathlib.Path(self.folder.name) / "made-up.table"
        path.write_text(self.text(), encoding="utf-8")
        table = table_reader.read_table(path)
        self.assertEqual((table.recipes, table.rungs, table.threshold, table.epochs), (HEADER.recipes, RUNGS, 0.9, EPOCHS))
        self.assertEqual(table.shapes(), [(), (2,), (2, 2), (4,)])
        for shape in SHAPES:
            passes = [pass_epoch(scores) is not None for (units, _, _), scores in self.database.curves.items() if units == shape]
            self.assertAlmostEqual(table.pass_rate(shape), sum(passes) / len(passes))
        self.assertEqual(table.parameters((2, 2)), 6 * 2 + 3 * 2 + 3 * 3)

    def test_a_database_without_best_scores_is_refused(self):
        self.database.stored.execute("ALTER TABLE scores DROP COLUMN best_score")
        self.assertIn("older Minnow", self.refused())

    def test_a_missing_trial_is_noticed(self):
        self.database.stored.execute("DELETE FROM trials WHERE trial = 5")
        self.assertIn("47 trials", self.refused())

    def test_a_trial_that_is_there_twice_in_place_of_another_is_noticed(self):
        self.database.stored.execute("UPDATE trials SET learning_rate = 0.05 WHERE trial = 1")
        self.assertIn("2 of 3 seeds", self.refused())

    def test_a_trial_that_stopped_before_its_last_epoch_is_noticed(self):
        self.database.stored.execute("UPDATE trials SET epochs = 24 WHERE trial = 5")
        self.assertIn("24 of 40 epochs", self.refused())

    def test_a_trial_that_ended_after_its_pass_has_all_that_a_search_would_have_seen(self):
        number, = self.database.stored.execute("SELECT max(trial) FROM trials WHERE pass_epoch < 24").fetchone()
        before = self.lines()
        self.database.stored.execute("UPDATE trials SET epochs = 24 WHERE trial = ?", [number])
        self.assertEqual(self.lines(), before)

    def test_a_missing_rung_is_noticed(self):
        self.database.stored.execute("DELETE FROM scores WHERE epoch = 3")
        self.assertIn("no best score", self.refused())

    def test_another_recipe_is_noticed(self):
        self.database.stored.execute("UPDATE trials SET init = 'lecun' WHERE trial = 7")
        self.assertIn("lecun", self.refused())


class SpacesTest(unittest.TestCase):
    def shapes_of(self, ladder):
        shapes = [shape for layers, units in ladder for shape in itertools.product(units, repeat=layers)]
        self.assertEqual(len(shapes), len(set(shapes)), "no shape is trained twice")
        return shapes

    def test_the_ladders_have_38_and_108_shapes(self):
        self.assertEqual(len(self.shapes_of(make_tables.SHORT_LADDER)), 38)
        self.assertEqual(len(self.shapes_of(make_tables.LONG_LADDER)), 108)


class FirstChoice:
    """An Optuna trial that always takes the first or the last choice, and remembers what it was told."""

    def __init__(self, last=False, prune_at=None):
        self.last, self.prune_at, self.told = last, prune_at, []

    def suggest_int(self, _, low, high):
        return high if self.last else low

    def suggest_float(self, _, low, high, log):
        assert log
        return high if self.last else low

    def suggest_categorical(self, _, choices):
        return choices[-1 if self.last else 0]

    def report(self, value, step):
        self.told.append((step, value))

    def should_prune(self):
        return self.prune_at is not None and self.told[-1][0] >= self.prune_at


class ReplayTest(unittest.TestCase):
    def setUp(self):
        self.table = table_reader.Table("made-up", 0.9, 5, 3, EPOCHS, RUNGS, HEADER.recipes, "")
        for shape in [(2,), (4,), (2, 2), (2, 4), (4, 2), (4, 4), (2, 2, 2), (4, 4, 4)]:
            self.table.trials[shape] = [[] for _ in HEADER.recipes]

    def test_suggestions_reach_the_smallest_and_the_largest_candidate(self):
        space = optuna_tables.Space(self.table)
        self.assertEqual(space.suggest(FirstChoice()), ((2,), 0))
        self.assertEqual(space.suggest(FirstChoice(last=True)), ((4, 4, 4), 3))

    def test_a_pass_costs_its_epoch_and_hears_no_later_rung(self):
        trial = FirstChoice()
        cost = optuna_tables.replay(None, self.table, trial, table_reader.Trial(10, [0.5, 0.8, None, None], 0.9), prunes=True)
        self.assertEqual(cost, (10, False))
        self.assertEqual([step for step, _ in trial.told], [3, 6])

    def test_a_pruned_training_costs_up_to_its_rung(self):
        training = table_reader.Trial(0, [0.5, 0.6, 0.7, 0.8], 0.8)
        self.assertEqual(optuna_tables.replay(None, self.table, FirstChoice(prune_at=6), training, prunes=True), (6, True))

    def test_without_pruning_a_miss_costs_all_epochs(self):
        training = table_reader.Trial(0, [0.5, 0.6, 0.7, 0.8], 0.8)
        self.assertEqual(optuna_tables.replay(None, self.table, FirstChoice(prune_at=3), training, prunes=False), (EPOCHS, False))


if __name__ == "__main__":
    unittest.main()
