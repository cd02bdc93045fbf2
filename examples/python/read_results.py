#!/usr/bin/python3
"""Reads the results of Minnow into pandas. The database may be in use while this reads.

    read_results.py minnow.db [jobs/1]
"""

import sqlite3
import sys

import pandas


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    job = int(sys.argv[2].removeprefix("jobs/")) if len(sys.argv) == 3 else 1
    with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as database:
        answers = pandas.read_sql("SELECT * FROM answers", database)
        ladder = pandas.read_sql("SELECT * FROM size_ladder WHERE job = ?", database, params=[f"jobs/{job}"])
        trials = pandas.read_sql("SELECT * FROM trials WHERE job = ? AND evidence = 1", database, params=[job])

    print(answers[["job", "state", "hidden", "parameters", "test_score"]].to_string(index=False))
    tried = ladder[ladder["tries"] > 0]
    print(f"\n{len(ladder)} sizes, of which {len(tried)} were tried:")
    print(tried[["hidden", "parameters", "verdict", "tries", "passes", "best_score"]].to_string(index=False))
    print("\nby initial weights:")
    print(trials.groupby("init")["validation_score"].agg(["count", "median", "max"]).round(4).to_string())


if __name__ == "__main__":
    main()
