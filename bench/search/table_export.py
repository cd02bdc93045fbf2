"""From the database of complete grids to a training table; training_table.h says what the file looks like.

In a grid a trial trains on after its pass, so the database knows more than a search would see. A table holds what a search sees:
scores up to the pass epoch, or else to the last one.
"""

import json
import sqlite3
from dataclasses import dataclass

RUNG_PERCENTS = (8, 15, 30, 60)

QUERY = """
    SELECT t.job, t.trial, t.hidden, t.init, t.learning_rate, t.seed, t.state, t.epochs, t.pass_epoch, t.validation_score, t.best_score,
           s.epoch, s.best_score
    FROM trials AS t LEFT JOIN scores AS s ON s.job = t.job AND s.trial = t.trial
    ORDER BY t.parameters, t.hidden, t.job, t.trial, s.epoch"""


class BadDatabase(Exception):
    pass


@dataclass
class Header:
    name: str
    threshold: float  # accuracy
    inputs: int
    outputs: int
    validation_rows: int
    epochs: int
    recipes: list  # (init, learning rate), by number

    def rungs(self):
        return sorted({self.epochs * percent // 100 for percent in RUNG_PERCENTS} - {0})


@dataclass
class Trial:
    hidden: tuple
    recipe: int
    seed: int
    diverged: bool
    epochs: int
    pass_epoch: int  # 0: none
    score: float  # at the pass epoch or else the last one
    best_pair: float  # the best value met at two consecutive epochs, over all epochs
    best: dict  # the best score of one epoch so far, by epoch


def read_trials(database, header):
    """All trials of all jobs of the database, ascending by size. BadDatabase when it has no best scores or other recipes."""
    trials = {}
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as stored:
        if "best_score" not in {row[1] for row in stored.execute("PRAGMA table_info(scores)")}:
            raise BadDatabase(f"{database}: its learning curves have no best_score; it was written by an older Minnow")
        for job, number, hidden, init, rate, seed, state, epochs, passed, score, pair, epoch, best in stored.execute(QUERY):
            if (init, rate) not in header.recipes:
                raise BadDatabase(f"{database}: jobs/{job}/trials/{number} has the recipe {init}, {rate}, which the table has not")
            trial = trials.setdefault((job, number), Trial(tuple(json.loads(hidden)), header.recipes.index((init, rate)), seed,
                                                           state == "DIVERGED", epochs, passed or 0, score, pair, {}))
            if epoch is not None:
                trial.best[epoch] = best
    return list(trials.values())


def check_complete(trials, header, seeds):
    """Every candidate has every seed once, and every trial what the table needs. One that diverged after its pass has that."""
    seen = {}
    for trial in trials:
        seen.setdefault((trial.hidden, trial.recipe), set()).add(trial.seed)
        if not trial.diverged and not trial.pass_epoch and trial.epochs != header.epochs:
            raise BadDatabase(f"{header.name}: a trial of {list(trial.hidden)} trained {trial.epochs} of {header.epochs} epochs")
    shapes = {trial.hidden for trial in trials}
    if len(trials) != len(shapes) * len(header.recipes) * seeds:
        raise BadDatabase(f"{header.name}: {len(trials)} trials, {len(shapes)} shapes x {len(header.recipes)} recipes x {seeds} seeds are expected")
    for hidden in shapes:
        for recipe in range(len(header.recipes)):
            if len(seen.get((hidden, recipe), ())) != seeds:
                raise BadDatabase(f"{header.name}: {list(hidden)} has {len(seen.get((hidden, recipe), ()))} of {seeds} seeds of recipe {recipe}")


def cell(score):
    return "" if score is None else repr(score)


def line_of(trial, header):
    """A trial as a search sees it."""
    before_pass = [rung if not trial.pass_epoch or rung < trial.pass_epoch else None for rung in header.rungs()]
    at_rungs = [trial.best.get(rung) for rung in before_pass]
    end = trial.pass_epoch or max(trial.best, default=0)
    pair = trial.best_pair
    if trial.pass_epoch and pair is not None:
        pair = min(pair, trial.score)  # what it met later does not count
    if not trial.diverged and (trial.best.get(end) is None or any(trial.best.get(rung) is None for rung in before_pass if rung)):
        raise BadDatabase(f"{header.name}: a trial of {list(trial.hidden)} has no best score at a rung or at epoch {end}")
    shape = "-".join(map(str, trial.hidden)) or "-"
    return ",".join([shape, str(trial.recipe), str(trial.seed), str(trial.pass_epoch), *map(cell, at_rungs), cell(trial.best.get(end)), cell(pair)])


def table_text(trials, header, seeds):
    check_complete(trials, header, seeds)
    rungs = header.rungs()
    recipes = [f"# recipe {number}: {init}, learning rate {rate}" for number, (init, rate) in enumerate(header.recipes)]
    lines = ["minnow-table 1", f"name {header.name}", "metric accuracy", f"threshold {header.threshold}", f"inputs {header.inputs}",
             f"outputs {header.outputs}", f"validation_rows {header.validation_rows}", f"epochs {header.epochs}",
             f"rungs {' '.join(map(str, rungs))}", f"recipes {len(header.recipes)}", *recipes,
             ",".join(["shape", "recipe", "seed", "pass_epoch", *(f"best_at_rung_{k + 1}" for k in range(len(rungs))), "best_at_end", "best_two_epoch"])]
    return "\n".join(lines + [line_of(trial, header) for trial in trials]) + "\n"
