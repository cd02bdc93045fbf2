#!/usr/bin/env python3
"""A large data set on its way to many workers: how long that takes, and what it costs the server.

  ./dev bench large [--json] [--workers 16] [--rows 310000]

Makes a table of 1,000 columns, of which 310,000 rows are 1 GB of prepared training data, and submits a question about it
to a real server. Then as many workers as are asked for fetch the data at once, each into a cache of its own, as on machines
of their own. From before the upload on the memory of the server is looked at fifty times a second, and as often it is
asked for its counts, which its ledger answers between two commits.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
COLUMNS = 1000
DIGITS = bytes(ord("0") + byte % 10 for byte in range(256))
QUESTION = ["--target", "y", "--good-enough", "accuracy >= 0.99", "--search", "random", "--budget-trials", "2000",
            "--layers", "0", "--epochs", "2", "--batch-size", "1024", "--splits", "1"]
MOST_SECONDS = 900
BETWEEN_LOOKS = 0.02  # seconds
SETTLED_MEGABYTES = 1  # memory that changes less than this in five seconds has settled


def write_table(path, rows):
    """Single digits, since their spelling takes a quarter of what they become."""
    with open(path, "wb") as table:
        table.write(",".join(f"x{column}" for column in range(COLUMNS)).encode() + b",y\n")
        for row in range(rows):
            digits = os.urandom(COLUMNS).translate(DIGITS).decode()
            table.write((",".join(digits) + (",yes\n" if row % 2 else ",no\n")).encode())


class Server:
    def __init__(self, folder):
        log = folder / "server.log"
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                [BIN / "minnow-server", "--db", folder / "minnow.db", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"],
                stdout=file, stderr=file)
        while not (serving := re.search(r"serving address=(\S+) http=(\S+)", log.read_text())):
            if self.process.poll() is not None:
                sys.exit(log.read_text())
            time.sleep(0.05)
        self.address, self.http = serving.groups()

    def megabytes(self):
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1e6

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def settle(self):
        before = self.megabytes()
        while True:
            time.sleep(5)
            now = self.megabytes()
            if abs(now - before) < SETTLED_MEGABYTES:
                return now
            before = now


class Watch:
    """The most memory that a server had, and the longest it took to answer, while this is entered."""

    def __init__(self, server):
        self.server, self.peak, self.longest_answer = server, 0, 0
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.repeat, args=[look]) for look in [self.look, self.ask]]

    def repeat(self, what):
        while not self.ended.wait(BETWEEN_LOOKS):
            what()

    def look(self):
        self.peak = max(self.peak, self.server.megabytes())

    def ask(self):
        begin = time.monotonic()
        try:
            urllib.request.urlopen(f"http://{self.server.http}/metrics", timeout=MOST_SECONDS).read()
        except urllib.error.HTTPError:
            pass  # it has taken too long, which counts
        self.longest_answer = max(self.longest_answer, time.monotonic() - begin)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def measure(folder, workers, rows):
    print("large_data: making the table", file=sys.stderr)
    write_table(folder / "table.csv", rows)
    server = Server(folder)
    try:
        before = server.settle()
        print("large_data: submitting", file=sys.stderr)
        with Watch(server) as upload:
            subprocess.run([BIN / "minnow", "submit", folder / "table.csv", *QUESTION, "--server", server.address],
                           check=True, stdout=sys.stderr, stderr=sys.stderr)
        with Watch(server) as fetch:
            seconds, size = fetch_data(server, [folder / f"cache-{number}" for number in range(workers)])
        after = server.megabytes()
    finally:
        server.stop()
    return {"workers": workers, "data_mb": size / 1e6, "seconds": seconds, "mb_per_second": workers * size / 1e6 / seconds,
            "before_mb": before, "upload_peak_mb": upload.peak, "fetch_peak_mb": fetch.peak, "after_mb": after,
            "upload_growth_mb": upload.peak - before, "growth_mb": max(upload.peak, fetch.peak) - before,
            "upload_longest_answer_ms": 1000 * upload.longest_answer, "fetch_longest_answer_ms": 1000 * fetch.longest_answer}


def fetch_data(server, caches):
    """Seconds until a worker with each of the caches has the data, and the size of these."""
    begin = time.monotonic()
    running = [subprocess.Popen([BIN / "minnow-worker", "--server", server.address, "--threads", "1", "--name", cache.name,
                                 "--cache", cache], stderr=subprocess.DEVNULL) for cache in caches]
    try:
        while (have := sum(any(cache.glob("*.data")) for cache in caches)) < len(caches):
            if time.monotonic() - begin > MOST_SECONDS:
                sys.exit(f"after {MOST_SECONDS} s {have} of {len(caches)} workers have the data")
            time.sleep(0.1)
        return time.monotonic() - begin, max(file.stat().st_size for file in caches[0].glob("*.data"))
    finally:
        for worker in running:
            worker.kill()
        for worker in running:
            worker.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--rows", type=int, default=310_000)
    parser.add_argument("--json", action="store_true")
    flags = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="large-", dir=ROOT / "build"))
    try:
        figures = measure(folder, flags.workers, flags.rows)
    finally:
        shutil.rmtree(folder)
    if flags.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<24} {value:.1f}")


if __name__ == "__main__":
    main()
