#!/usr/bin/env python3
"""Real trials: the same grid by one worker process and by two, with one thread each, beside their server.

  ./dev bench workers [--json] [--seeds 24] [--rounds 3]

Each round asks a server with an empty database. Of all rounds the shortest times count. The same question is also asked of
`minnow run` by one process and by two at once, which share nothing: what the machine itself gives for a second core.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
QUESTION = ["data/digits.csv", "--target", "digit", "--good-enough", "accuracy >= 0.95", "--search", "grid", "--layers",
            "0..1"]


def wait_for(process, pattern):
    """The first group of the pattern in what the process writes to stderr."""
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found.group(1)
    sys.exit(f"{process.args[0]} ended")


def start(arguments):
    return subprocess.Popen([str(argument) for argument in arguments], stderr=subprocess.PIPE, text=True)


def seconds_with(workers, seeds):
    """From the submission to the answer."""
    with tempfile.TemporaryDirectory(prefix="workers-", dir=ROOT / "build") as folder:
        server = start([BIN / "minnow-server", "--db", pathlib.Path(folder) / "minnow.db", "--listen", "127.0.0.1:0",
                        "--http", "127.0.0.1:0"])
        address = wait_for(server, r"serving address=(\S+)")
        running = [start([BIN / "minnow-worker", "--server", address, "--threads", "1", "--name", f"w{number}"])
                   for number in range(workers)]
        try:
            for worker in running:
                wait_for(worker, "(connected)")
            begin = time.monotonic()
            done = subprocess.run([BIN / "minnow", "submit", *QUESTION, "--seeds", str(seeds), "--follow", "--server", address],
                                  cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            seconds = time.monotonic() - begin
            if done.returncode not in (0, 3):
                sys.exit(done.stderr)
            return seconds
        finally:
            for process in [*running, server]:
                process.kill()
                process.wait()


def seconds_alone(processes, seeds):
    """Until the last of so many processes of `minnow run` has its answer."""
    with tempfile.TemporaryDirectory(prefix="workers-", dir=ROOT / "build") as folder:
        begin = time.monotonic()
        running = [subprocess.Popen([BIN / "minnow", "run", *QUESTION, "--seeds", str(seeds), "--threads", "1", "--db", f"{folder}/{number}.db"],
                                    cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for number in range(processes)]
        if any([process.wait() not in (0, 3) for process in running]):
            sys.exit("minnow run gave no answer")
        return time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    flags = parser.parse_args()
    times = {}
    for _ in range(flags.rounds):  # in turns, since the speed of a shared machine comes and goes
        for measure in (seconds_with, seconds_alone):
            for count in (1, 2):
                times.setdefault((measure, count), []).append(measure(count, flags.seeds))
    best = {what: min(seconds) for what, seconds in times.items()}
    figures = {"one_seconds": best[seconds_with, 1], "two_seconds": best[seconds_with, 2],
               "speed_up": best[seconds_with, 1] / best[seconds_with, 2],
               "speed_up_sharing_nothing": 2 * best[seconds_alone, 1] / best[seconds_alone, 2]}
    if flags.json:
        print(json.dumps(figures))
        return
    print(f"one worker {figures['one_seconds']:.1f} s, two workers {figures['two_seconds']:.1f} s: {figures['speed_up']:.2f} times as "
          f"fast; two processes that share nothing: {figures['speed_up_sharing_nothing']:.2f} times")


if __name__ == "__main__":
    main()
