"""What may not differ between `minnow run` and a job on any number of machines, however they failed meanwhile."""

import csv
import io
import json
import pathlib
import sqlite3
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"


def answer_of(text):
    """`answer --json` without what differs between databases and runs."""
    answer = json.loads(text)
    answer.pop("seconds")
    answer.pop("job")
    if answer.get("answer"):
        answer["answer"].pop("trial")
    return answer


def evidence_of(text):
    """The rows of `trials --csv` without times, workers and attempts."""
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        row["trial"] = row["trial"].split("/")[-1]
        for column in list(row):
            if column.endswith(("_time", "_seconds")) or column in ("worker", "attempt"):
                del row[column]
    return rows


def truth_of(folder, question):
    """Exit code, answer and evidence of `minnow run` for the flags of the question."""
    database = folder / "alone.db"
    database.unlink(missing_ok=True)
    run = subprocess.run([str(BIN / "minnow"), "run", *question, "--json", "--db", str(database)], cwd=ROOT,
                         capture_output=True, text=True)
    if run.returncode not in (0, 3):
        raise RuntimeError(run.stderr)
    trials = subprocess.run([str(BIN / "minnow"), "trials", "jobs/1", "--csv", "--db", str(database)], cwd=ROOT,
                            capture_output=True, text=True, check=True)
    return run.returncode, answer_of(run.stdout), evidence_of(trials.stdout)


class StoredResults:
    """Every result that was ever seen in a database, and whether all are still there with the hash that they had."""

    def __init__(self, database):
        self.database = database
        self.seen = {}  # (job, trial): hash

    def look(self):
        if not self.database.exists():
            return
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT job, trial, weights_sha256 FROM trials").fetchall()
        stored = {(job, trial): sha256 for job, trial, sha256 in rows}
        for key, sha256 in self.seen.items():
            if stored.get(key) != sha256:
                raise RuntimeError(f"jobs/{key[0]}/trials/{key[1]} was stored and is lost or another")
        self.seen = stored
