#!/usr/bin/python3
"""How soon do the samplers of Optuna come upon the smallest good network? They replay the training tables of `./dev bench search`.

    bench/search/optuna_tables.py [--tables FOLDER] [--studies N] [--jobs N] [--sampler NAME]... [-o FILE.csv] [TABLE...]

A trial of a study names a shape, an init and a learning rate (log-uniform, snapped to the table's); its training is drawn with replacement
from the table's trainings of that candidate, as Minnow's search draws it. Every sampler is given what Minnow has: a training that passes
stops there. Optuna has no "smallest that is good enough", so the objective is what a user would invent: the log of the parameters (1 for
the largest shape) where the training passes, else 1 plus what is missing to the threshold. NSGA-II and MOTPE have two objectives, the
parameters and 1 - accuracy. Hyperband hears the best score at the table's rungs, with a reduction factor of 3, its default, and of 2, by which
its own rungs are the table's.

Found is a study once its best network is as small as the smallest good shape, one that passes in 5 % of the trials over the mix of
recipes. A study that never gets there counts with all that it spent. One line a study in the CSV file; cost in epochs and in Mpe, 10^6
parameters x epochs.
"""

import argparse
import concurrent.futures
import csv
import datetime
import itertools
import math
import os
import pathlib
import random
import sys
import time
import warnings

import table_reader

HERE = pathlib.Path(__file__).resolve().parent
TRIALS = 220
TRIALS_WITH_PRUNING = 450  # pruned trials are cheap
POPULATION = 30  # NSGA-II's default of 50 would be a quarter of the study
# name: (sampler, reduction factor of Hyperband, two objectives)
SAMPLERS = {"random": ("random", None, False), "tpe": ("tpe", None, False), "tpe+hyperband/3": ("tpe", 3, False),
            "tpe+hyperband/2": ("tpe", 2, False), "nsga2": ("nsga2", None, True), "motpe": ("tpe", None, True)}
COLUMNS = ["table", "table_sha256", "sampler", "study", "found", "epochs", "mpe", "trials", "best_parameters", "smallest_good", "sampler_seconds"]


def make_sampler(optuna, kind, seed):
    if kind == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    if kind == "nsga2":
        return optuna.samplers.NSGAIISampler(seed=seed, population_size=POPULATION)
    return optuna.samplers.TPESampler(seed=seed)


def make_study(optuna, table, name, seed):
    kind, factor, two_objectives = SAMPLERS[name]
    pruner = optuna.pruners.NopPruner()
    if factor:
        pruner = optuna.pruners.HyperbandPruner(min_resource=table.rungs[0], max_resource=table.epochs, reduction_factor=factor)
    return optuna.create_study(directions=["minimize"] * (1 + two_objectives), sampler=make_sampler(optuna, kind, seed), pruner=pruner)


class Space:
    """Shapes as a user writes them: the number of layers, then the place of each layer's units in a list."""

    def __init__(self, table):
        self.recipes = table.recipes
        self.inits = list(dict.fromkeys(init for init, _ in table.recipes))
        self.rates = sorted({rate for _, rate in table.recipes})
        self.by_depth = {}
        for shape in table.shapes():
            self.by_depth.setdefault(len(shape), []).append(shape)

    def suggest(self, trial):
        """A shape and the number of a recipe."""
        depths = sorted(self.by_depth)
        shape = self.suggest_shape(trial, trial.suggest_int("layers", depths[0], depths[-1]))
        init = trial.suggest_categorical("init", self.inits)
        wish = math.log(trial.suggest_float("learning_rate", self.rates[0], self.rates[-1], log=True))
        rate = min(self.rates, key=lambda rate: abs(math.log(rate) - wish))
        return shape, self.recipes.index((init, rate))

    def suggest_shape(self, trial, depth):
        shapes = self.by_depth[depth]
        choices = [sorted({shape[layer] for shape in shapes}) for layer in range(depth)]
        if len(shapes) == math.prod(map(len, choices)):  # every combination
            return tuple(units[trial.suggest_int(f"units_{layer}_of_{depth}", 0, len(units) - 1)] for layer, units in enumerate(choices))
        ordered = sorted(shapes)  # of equal widths, or a selection
        return ordered[trial.suggest_int(f"shape_of_{depth}", 0, len(ordered) - 1)]


def replay(optuna, table, trial, training, prunes):
    """Epochs that the training costs, and whether it was pruned."""
    if prunes:
        for rung, best in zip(table.rungs, training.best_at_rungs):
            if training.pass_epoch and rung >= training.pass_epoch:
                break
            trial.report(1 + table.threshold - (best or 0.0), rung)
            if trial.should_prune():
                return rung, True
    return training.pass_epoch or table.epochs, False


def run_study(path, name, number, trials):
    """One line of the results."""
    warnings.filterwarnings("ignore")
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    table = table_reader.read_table(path)
    space, draw, smallest = Space(table), random.Random(number), table.smallest_good()
    largest = math.log(max(map(table.parameters, table.trials)))
    study, two_objectives = make_study(optuna, table, name, number), SAMPLERS[name][2]
    start, epochs, work, best = time.perf_counter(), 0, 0, None
    for count in range(1, trials + 1):
        trial = study.ask()
        shape, recipe = space.suggest(trial)
        training, size = draw.choice(table.trials[shape][recipe]), table.parameters(shape)
        took, pruned = replay(optuna, table, trial, training, prunes=SAMPLERS[name][1] is not None)
        passed = training.pass_epoch > 0 and not pruned
        epochs, work = epochs + took, work + took * size
        if pruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        elif two_objectives:
            study.tell(trial, [float(size), 1 - training.best_pair])
        else:
            study.tell(trial, math.log(size) / largest if passed else 1 + table.threshold - training.best_pair)
        if passed and (best is None or size < best):
            best = size
            if best <= smallest:
                break
    return dict(zip(COLUMNS, [table.name, table.sha256, name, number, int(best is not None and best <= smallest), epochs, round(work / 1e6, 4),
                              count, best or "", smallest, round(time.perf_counter() - start, 2)]))


def arguments():
    parser = argparse.ArgumentParser(description="replays training tables through the samplers of Optuna")
    parser.add_argument("names", nargs="*", metavar="TABLE", help="default: all tables of the folder")
    parser.add_argument("--tables", default=str(HERE.parent.parent / "build/search"), metavar="FOLDER")
    parser.add_argument("--studies", type=int, default=20, help="of each sampler and table (default 20)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: one for each core)")
    parser.add_argument("--sampler", action="append", choices=list(SAMPLERS), help="default: all")
    parser.add_argument("-o", "--output", help="default: bench/search/results/optuna-DATE.csv")
    given = parser.parse_args()
    given.paths = [path for path in sorted(pathlib.Path(given.tables).glob("*.table")) if not given.names or path.stem in given.names]
    if not given.paths:
        parser.error(f"no such table in {given.tables}; bench/search/make_tables.py makes them")
    given.output = given.output or str(HERE / f"results/optuna-{datetime.date.today().isoformat()}.csv")
    return given


def main():
    given = arguments()
    import optuna
    plan = [(str(path), name, number, TRIALS_WITH_PRUNING if SAMPLERS[name][1] else TRIALS)
            for path, name, number in itertools.product(given.paths, given.sampler or SAMPLERS, range(1, given.studies + 1))]
    pathlib.Path(given.output).parent.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ProcessPoolExecutor(given.jobs) as pool, open(given.output, "w", encoding="utf-8", newline="") as file:
        file.write(f"# {datetime.date.today().isoformat()}, Optuna {optuna.__version__}, {given.studies} studies each, "
                   f"{TRIALS} trials ({TRIALS_WITH_PRUNING} with pruning)\n")
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for done, line in enumerate(pool.map(run_study, *zip(*plan)), 1):
            writer.writerow(line)
            print(f"\r{done} of {len(plan)} studies", end="", file=sys.stderr)
    print(f"\n{given.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
