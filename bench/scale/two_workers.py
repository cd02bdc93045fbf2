#!/usr/bin/env python3
"""Real trials: the same grid by one worker process and by two, with one thread each, beside their server.

  ./dev bench workers [--json] [--seeds 24] [--rounds 3]

Each round asks a server with an empty database. Of all rounds the shortest times count.
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    flags = parser.parse_args()
    times = {workers: min(seconds_with(workers, flags.seeds) for _ in range(flags.rounds)) for workers in (1, 2)}
    figures = {"one_seconds": times[1], "two_seconds": times[2], "speed_up": times[1] / times[2]}
    if flags.json:
        print(json.dumps(figures))
        return
    print(f"one worker {times[1]:.1f} s, two workers {times[2]:.1f} s: {figures['speed_up']:.2f} times as fast")


if __name__ == "__main__":
    main()
