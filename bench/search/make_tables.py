#!/usr/bin/python3
"""Makes the training tables from which `./dev bench search` draws, with Minnow itself.

    bench/search/make_tables.py [--folder FOLDER] [--minnow PROGRAM] [--threads N] [--long] [TABLE...]

A table is complete: every candidate of its space is trained with every seed, by `minnow run --search grid`, for all epochs. Its space is
not a product, so it takes several runs into one database, which table_export.py turns into a table; training_table.h says what one
looks like. A table that is there is not made again. Minnow's bits are the same everywhere, so everybody gets the same tables; the
digests printed say whether that is so.
"""

import argparse
import csv
import hashlib
import json
import math
import pathlib
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field

import table_export

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
NO_GOOD_NETWORK = 3  # minnow's exit code: this part of the space may have none

ONE_LAYER = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
TWO_LAYERS = [4, 8, 16, 32]
EQUAL_LAYERS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48]
# 38 shapes, as hidden layers and units whose every combination is trained.
SHORT_LADDER = [(1, ONE_LAYER), (2, TWO_LAYERS)] + [(3, [units]) for units in EQUAL_LAYERS]
# 108 shapes: a ladder as long as real ones.
LONG_LADDER = ([(1, ONE_LAYER), (2, [2, 4, 6, 8, 12, 16, 24, 32, 48])] +
               [(3, [units]) for units in (2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 32, 40, 48)])

INITS = ["normal", "xavier", "he"]
LEARNING_RATES = [0.01, 0.05, 0.2]
RECIPE_FLAGS = ["--init", ",".join(INITS), "--learning-rate", ",".join(map(str, LEARNING_RATES)), "--batch-size", "16", "--activation",
                "relu", "--optimizer", "sgd", "--momentum", "0.9", "--epochs", "40"]


@dataclass
class Table:
    name: str  # of the file
    data: str
    target: str
    threshold: float
    split: str
    seeds: int = 32
    rows: int = 0  # so many, drawn by lot; 0: all
    ladder: list = field(default_factory=lambda: SHORT_LADDER)


TABLES = [
    Table("digits-0.95", "digits", "digit", 0.95, "50/25/25"),
    Table("digits-0.90", "digits", "digit", 0.90, "50/25/25"),
    Table("letter-0.80", "letter_recognition", "letter", 0.80, "48/24/28", seeds=16, rows=5000),
    Table("letter-0.75", "letter_recognition", "letter", 0.75, "48/24/28", seeds=16, rows=5000),
    Table("moons-0.98", "moons", "moon", 0.98, "29/36/35"),
    # Held out: no setting of the search was chosen by looking at it.
    Table("vowel-0.80", "vowel", "vowel", 0.80, "50/25/25"),
]
LONG_TABLES = [Table("digits-0.95-long", "digits", "digit", 0.95, "50/25/25", seeds=16, ladder=LONG_LADDER)]

MOONS_ROWS = 1400
MOONS_NOISE = 0.12


def write_moons(path):
    """Two half circles that hold each other, with noise."""
    draw = random.Random(1)
    with open(path, "w", encoding="utf-8") as file:
        file.write("x,y,moon\n")
        for row in range(MOONS_ROWS):
            angle, upper = math.pi * draw.random(), row % 2 == 0
            x, y = (math.cos(angle), math.sin(angle)) if upper else (1 - math.cos(angle), 0.5 - math.sin(angle))
            noise = [draw.gauss(0, MOONS_NOISE) for _ in range(2)]
            file.write(f"{x + noise[0]:.6f},{y + noise[1]:.6f},{'upper' if upper else 'lower'}\n")


def write_sample(source, path, count):
    with open(source, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *random.Random(1).sample(rows, count)])


def data_of(table, folder):
    """The CSV file of a table, made where it does not come with Minnow."""
    if table.data == "moons":
        path = folder / "moons.csv"
        write_moons(path)
    elif table.rows:
        path = folder / f"{table.data}-{table.rows}.csv"
        write_sample(SOURCE / f"data/{table.data}.csv", path, table.rows)
    else:
        path = SOURCE / f"data/{table.data}.csv"
    return path


def remove_database(database):
    for suffix in ("", "-wal", "-shm"):
        pathlib.Path(f"{database}{suffix}").unlink(missing_ok=True)


def train(table, data, database, given):
    """Every candidate of the table's space with every seed; the rows of each part and the network's inputs and outputs."""
    for layers, units in table.ladder:
        command = [given.minnow, "run", str(data), "--target", table.target, "--good-enough", f"accuracy >= {table.threshold}",
                   "--layers", f"{layers}..{layers}", "--units", ",".join(map(str, units)), *RECIPE_FLAGS, "--split", table.split,
                   "--search", "grid", "--seeds", str(table.seeds), "--db", str(database), "--threads", str(given.threads), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode not in (0, NO_GOOD_NETWORK):
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    answer = json.loads(done.stdout)
    return {"rows": answer["rows"], "inputs": answer["inputs"], "outputs": answer["outputs"]}


def make(table, folder, given):
    path, database = folder / f"{table.name}.table", folder / f"{table.name}.db"
    if not path.exists():
        start = time.perf_counter()
        remove_database(database)
        about = train(table, data_of(table, folder), database, given)
        header = table_export.Header(name=table.name, threshold=table.threshold, inputs=about["inputs"], outputs=about["outputs"],
                                     validation_rows=about["rows"]["validation"], epochs=40,
                                     recipes=[(init, rate) for init in INITS for rate in LEARNING_RATES])
        text = table_export.table_text(table_export.read_trials(database, header), header, table.seeds)
        path.write_text(text, encoding="utf-8")
        if not given.keep:
            remove_database(database)
        print(f"{table.name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}")


def arguments():
    known = {table.name: table for table in TABLES + LONG_TABLES}
    parser = argparse.ArgumentParser(description="makes training tables for ./dev bench search")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(known)} (default: all but the long ones)")
    parser.add_argument("--folder", default=str(SOURCE / "build/search"), help="for the tables (default build/search)")
    parser.add_argument("--minnow", default=str(SOURCE / "build/release/bin/minnow"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--long", action="store_true", help="also the ladder of 108 shapes")
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    given = parser.parse_args()
    if unknown := [name for name in given.tables if name not in known]:
        parser.error(f"{unknown[0]} is no table; there are: {', '.join(known)}")
    given.tables = [known[name] for name in given.tables] or (TABLES + LONG_TABLES if given.long else TABLES)
    return given


def main():
    given = arguments()
    folder = pathlib.Path(given.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for table in given.tables:
        make(table, folder, given)


if __name__ == "__main__":
    main()
