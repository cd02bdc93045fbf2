#!/usr/bin/python3
"""What coordination costs in Optuna: trials/s of an objective that does nothing, by its SQLite and journal storages.

Two processes share one study, as many as the machine has cores. The clock starts when both have opened it and stops when
the last one ends. Values are drawn by the random sampler, which reads no earlier trials.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(__file__).resolve().parent.parent.parent / "build"
STORAGES = ("sqlite", "journal")
PROCESSES = 2
TRIALS = 500  # of each process


def open_storage(kind, folder):
    import optuna

    if kind == "sqlite":
        return f"sqlite:///{folder}/study.db"
    return optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(f"{folder}/study.log"))


def take_part(kind, folder, trials):
    """Runs in a process of its own: says that it is ready, waits for a line, and runs its trials."""
    import warnings

    warnings.simplefilter("ignore")
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        storage=open_storage(kind, folder), study_name="s", sampler=optuna.samplers.RandomSampler(), load_if_exists=True
    )
    print("ready", flush=True)
    sys.stdin.readline()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=trials)


def start(kind, folder, trials):
    command = [sys.executable, __file__, "--part", kind, "--folder", folder, "--trials", str(trials)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    if process.stdout.readline() != "ready\n":
        sys.exit(f"optuna_peer.py: {kind}: a process ended before it began; is python3-optuna installed?")
    return process


def measure(kind, trials):
    """Trials/s of all processes together; None where one of them failed."""
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:  # on the disk of Minnow's own database
        parts = [start(kind, folder, trials) for _ in range(PROCESSES)]
        begin = time.perf_counter()
        for part in parts:
            part.stdin.write("go\n")
            part.stdin.flush()
        codes = [part.wait() for part in parts]
        seconds = time.perf_counter() - begin
    return None if any(codes) else PROCESSES * trials / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=TRIALS, help=f"of each of {PROCESSES} processes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--part", choices=STORAGES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        return take_part(arguments.part, arguments.folder, arguments.trials)
    rates = {kind: measure(kind, arguments.trials) for kind in STORAGES}
    if arguments.json:
        print(json.dumps(rates))
        return None
    for kind, rate in rates.items():
        print(f"Optuna, {kind} storage, {PROCESSES} processes: " + (f"{rate:.0f} trials/s" if rate else "failed"))
    return None


if __name__ == "__main__":
    main()
