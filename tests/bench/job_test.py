#!/usr/bin/env python3
"""What the whole-job benchmark counts and compares."""

import csv
import pathlib
import sqlite3
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "bench/job"))
import question  # noqa: E402
import run  # noqa: E402


class PartsTest(unittest.TestCase):
    def setUp(self):
        with tempfile.TemporaryDirectory() as folder:
            self.path = f"{folder}/digits.csv"
            question.write_parts(SOURCE / "data/digits.csv", self.path)
            self.parts = question.read_parts(self.path)
            with open(self.path, encoding="utf-8", newline="") as file:
                self.rows = list(csv.DictReader(file))

    def test_all_rows_are_there_as_they_were(self):
        with open(SOURCE / "data/digits.csv", encoding="utf-8", newline="") as file:
            self.assertEqual([{**row, question.PART: now[question.PART]} for row, now in zip(csv.DictReader(file), self.rows)], self.rows)

    def test_every_digit_is_split_60_20_20(self):
        for digit in range(question.CLASSES):
            counts = {part: labels.count(digit) for part, (_, labels) in self.parts.items()}
            total = sum(counts.values())
            for part, share in {"train": 0.6, "validation": 0.2, "test": 0.2}.items():
                self.assertAlmostEqual(counts[part], share * total, delta=1)

    def test_the_peer_reads_pixels_from_0_to_1(self):
        inputs = [pixel for rows, _ in self.parts.values() for row in rows for pixel in row]
        self.assertEqual((min(inputs), max(inputs), len(self.parts["train"][0][0])), (0, 1, question.INPUTS))


class QuestionTest(unittest.TestCase):
    def test_it_is_252_trainings_of_42_shapes(self):
        self.assertEqual((len(question.shapes()), question.TRAININGS), (42, 252))

    def test_parameters_are_weights_and_biases(self):
        self.assertEqual(question.parameters(64, [16]), 64 * 16 + 16 + 16 * 10 + 10)

    def test_the_smallest_is_the_better_one_of_equal_size_and_never_one_that_misses(self):
        means = {((8,), "he"): 0.949, ((16,), "xavier"): 0.95, ((16,), "he"): 0.96, ((32,), "he"): 0.99}
        self.assertEqual(question.smallest(means, 64), {"hidden": [16], "parameters": 1210, "init": "he", "score": 0.96})
        self.assertIsNone(question.smallest({((8,), "he"): 0.949}, 64))


class GridReportTest(unittest.TestCase):
    def report(self, scores):
        stored = sqlite3.connect(":memory:")
        self.addCleanup(stored.close)
        stored.executescript("""
            CREATE TABLE trials (job, trial, hidden, init, parameters, epochs);
            CREATE TABLE scores (job, trial, epoch, validation_score);""")
        for number, (hidden, last) in enumerate(scores):
            size = question.parameters(60, hidden)
            stored.execute("INSERT INTO trials VALUES (1, ?, ?, 'he', ?, 30)", [number, str(hidden).replace(" ", ""), size])
            stored.executemany("INSERT INTO scores VALUES (1, ?, ?, ?)", [(number, 18, 0.99), (number, 30, last)])
        return run.grid_report(stored)

    def test_the_mean_over_the_seeds_after_the_last_epoch_decides(self):
        report = self.report([([8], 0.94), ([8], 0.95), ([8], 0.955), ([16, 4], 0.94), ([16, 4], 0.95), ([16, 4], 0.97)])
        self.assertEqual(report["smallest"], {"hidden": [16, 4], "parameters": 1094, "init": "he", "score": 0.9533})
        self.assertEqual((report["trainings"], report["epochs"], report["inputs"]), (6, 180, [60]))

    def test_a_candidate_without_all_its_seeds_does_not_count(self):
        self.assertIsNone(self.report([([8], 0.99), ([8], 0.99)])["smallest"])


if __name__ == "__main__":
    unittest.main()
