#!/usr/bin/env python3
"""Real processes under random faults: a server and workers that are killed, stopped and started again during real jobs.

  ./dev bench chaos --rounds 50 [--seed 1] [--json]

Each round asks another question of one server with `minnow submit --follow`, and has faults happen until it is answered:
`kill -9` of the server or of a worker, SIGSTOP and SIGCONT of either. A round is good when the client's answer and the
evidence are those of `minnow run`, byte for byte, and when every result that was ever stored is there to the end with the
hash that it had. At the end every answer is asked for once more. Exit code 1 when anything was lost or differs.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/deploy"))
from evidence import BIN, ROOT, StoredResults, answer_of, evidence_of, truth_of  # noqa: E402 (found by the line above)

QUESTION = ["data/digits.csv", "--target", "digit", "--good-enough", "accuracy >= 0.95", "--layers", "0..1",
            "--units", "1,2,3,4,5,6,7,8"]
LEASE_SECONDS = 2
WORKERS = 3
MOST_TRIES_OF_A_CLIENT = 20
MOST_SECONDS_OF_A_ROUND = 300


class Process:
    """A program of Minnow that is started again whenever it was killed."""

    def __init__(self, folder, name, arguments):
        self.folder, self.name, self.arguments = folder, name, arguments
        self.process = None

    def start(self):
        log = open(self.folder / f"{self.name}.log", "ab")
        self.process = subprocess.Popen([str(argument) for argument in self.arguments], cwd=ROOT, stdout=log, stderr=log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop_for(self, seconds):
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def died_by_itself(self):
        return self.process.poll() is not None


class World:
    def __init__(self, folder, seed):
        self.folder = folder
        self.random = random.Random(seed)
        self.faults = collections.Counter()
        self.database = folder / "minnow.db"
        self.stored = StoredResults(self.database)
        self.server = Process(folder, "server", self.server_arguments("127.0.0.1:0"))
        self.server.start()
        self.address = self.wait_for_address()
        self.server.arguments = self.server_arguments(self.address)
        self.workers = [
            Process(folder, f"worker{n}", [BIN / "minnow-worker", "--server", self.address, "--threads", 1, "--name", f"w{n}",
                                           "--cache", folder / f"cache{n}"])
            for n in range(WORKERS)
        ]
        for worker in self.workers:
            worker.start()

    def server_arguments(self, listen):
        return [BIN / "minnow-server", "--db", self.database, "--listen", listen, "--http", "127.0.0.1:0",
                "--lease-seconds", LEASE_SECONDS]

    def wait_for_address(self):
        for _ in range(200):
            match = re.search(r" address=(\S+)", (self.folder / "server.log").read_text())
            if match:
                return match.group(1)
            time.sleep(0.05)
        raise RuntimeError("the server did not start: " + (self.folder / "server.log").read_text())

    def have_a_fault(self):
        kinds = ["kill_worker"] * 5 + ["kill_server"] * 3 + ["stop_worker"] * 2 + ["stop_server"]
        kind = self.random.choice(kinds)
        process = self.server if kind.endswith("server") else self.random.choice(self.workers)
        if kind.startswith("kill"):
            self.stored.look()
            process.kill()
            time.sleep(self.random.choice([0, 0, 0.2, 1.5 * LEASE_SECONDS if process is not self.server else 0.5]))
            process.start()
        else:
            process.stop_for(self.random.choice([0.1, 0.5, 1.2 * LEASE_SECONDS]))
        self.faults[kind] += 1

    def client(self, *arguments):
        return [str(BIN / "minnow"), *arguments, "--server", self.address]

    def ask(self, question):
        """The last answer of a client that asks until it is answered, and faults happen."""
        begin = time.monotonic()
        for _ in range(MOST_TRIES_OF_A_CLIENT):
            client = subprocess.Popen(self.client("submit", *question, "--follow", "--json"), cwd=ROOT,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            while client.poll() is None:
                time.sleep(self.random.uniform(0.02, 0.5))
                self.have_a_fault()
                for process in [self.server, *self.workers]:
                    if process.died_by_itself():
                        raise RuntimeError(f"{process.name} ended by itself; see {self.folder}/{process.name}.log")
                if time.monotonic() - begin > MOST_SECONDS_OF_A_ROUND:
                    client.kill()
                    raise RuntimeError("no answer came")
            out, err = client.communicate()
            if client.returncode in (0, 3):
                return client.returncode, answer_of(out)
            if client.returncode != 1:
                raise RuntimeError(f"the client ended with {client.returncode}: {err}")
            self.faults["client_gave_up"] += 1  # the server was away for too long; the same command goes on
        raise RuntimeError("no client was patient enough")

    def read(self, *arguments):
        for _ in range(MOST_TRIES_OF_A_CLIENT):
            done = subprocess.run(self.client(*arguments), cwd=ROOT, capture_output=True, text=True)
            if done.returncode in (0, 3):
                return done.stdout
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr}")

    def end(self):
        for process in [*self.workers, self.server]:
            process.process.send_signal(signal.SIGCONT)
            process.process.terminate()
        codes = [process.process.wait() for process in [*self.workers, self.server]]
        if any(codes):
            raise RuntimeError(f"a clean stop ends with 0, not with {codes}")
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
            leases = database.execute("SELECT count(*) FROM leases").fetchone()[0]
        if integrity != "ok" or leases != 0:
            raise RuntimeError(f"integrity: {integrity}; {leases} leases are left")


def run_rounds(folder, rounds, seed):
    world = World(folder, seed)
    answers = {}
    try:
        for number in range(1, rounds + 1):
            question = [*QUESTION, "--seed", str(1000 * seed + number)]
            code, answer, evidence = truth_of(folder, question)
            begin = time.monotonic()
            found_code, found = world.ask(question)
            world.stored.look()
            job = max(key[0] for key in world.stored.seen)
            answers[job] = answer
            if (found_code, found) != (code, answer):
                raise RuntimeError(f"round {number}: the answer is {json.dumps(found)} and not {json.dumps(answer)}")
            if evidence_of(world.read("trials", f"jobs/{job}", "--csv")) != evidence:
                raise RuntimeError(f"round {number}: the evidence of jobs/{job} is another")
            print(f"round {number}: jobs/{job} as it should be, {time.monotonic() - begin:.1f} s", file=sys.stderr)
        for job, answer in answers.items():
            if answer_of(world.read("answer", f"jobs/{job}", "--json")) != answer:
                raise RuntimeError(f"the answer of jobs/{job} has changed")
        world.stored.look()
        world.end()
    finally:
        for process in [*world.workers, world.server]:
            if process.process.poll() is None:
                process.kill()
    return world


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="minnow_chaos_") as name:
        try:
            world = run_rounds(pathlib.Path(name), arguments.rounds, arguments.seed)
        except RuntimeError as error:
            print(f"chaos of seed {arguments.seed}: {error}", file=sys.stderr)
            return 1
    result = {"rounds": arguments.rounds, "lost": 0, "results": len(world.stored.seen), "faults": dict(sorted(world.faults.items()))}
    if arguments.json:
        print(json.dumps(result))
    else:
        faults = ", ".join(f"{count} {kind}" for kind, count in result["faults"].items())
        print(f"{result['rounds']} rounds, {result['results']} results stored, none lost, every answer as of `minnow run`; {faults}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
