"""Somebody who asks a server one question after the other, whatever happens to it, and wants to see the truth each time."""

import json
import subprocess
import sys
import threading
import time

from evidence import BIN, ROOT, answer_of, evidence_of, truth_of

QUESTION = ["data/digits.csv", "--target", "digit", "--good-enough", "accuracy >= 0.95", "--layers", "0..1",
            "--units", "1,2,3,4,5,6,7,8"]
MOST_SECONDS_WITHOUT_A_SERVER = 180
PAUSE_SECONDS = 0.1  # a refused connection is known at once


class Asker:
    """The flags of `minnow` that reach the server are given as `server`. Questions differ in their seed."""

    def __init__(self, folder, server):
        self.folder, self.server = folder, [str(flag) for flag in server]
        self.answers = []  # (seed, exit code, answer, job)
        self.error = None
        self.client = None  # the process that asks
        self.enough = threading.Event()
        self.thread = threading.Thread(target=self.ask_until_enough)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, failure, *_):
        self.enough.set()
        if failure and self.client:
            self.client.kill()
        self.thread.join()

    def stop(self):
        """After the answer of the question under way."""
        self.__exit__(None)
        if self.error:
            raise RuntimeError(self.error)

    def ask_until_enough(self):
        seed = 0
        while not self.enough.is_set() and not self.error:
            seed += 1
            try:
                self.answers.append((seed, *self.ask(seed)))
            except RuntimeError as error:
                self.error = str(error)

    def ask(self, seed):
        end = time.monotonic() + MOST_SECONDS_WITHOUT_A_SERVER
        while time.monotonic() < end:
            command = self.command("submit", *QUESTION, "--seed", str(seed), "--follow", "--json")
            self.client = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            out, err = self.client.communicate()
            code = self.client.returncode
            if code in (0, 3):
                return code, answer_of(out), json.loads(out)["job"]
            if code != 1:  # 1: the server is away; the same command goes on
                break
            time.sleep(PAUSE_SECONDS)
        raise RuntimeError(f"no answer: {err}")

    def command(self, *arguments):
        return [str(BIN / "minnow"), *arguments, *self.server]

    def minnow(self, *arguments):
        return subprocess.run(self.command(*arguments), cwd=ROOT, capture_output=True, text=True)

    def workers_of(self, job):
        """The names of the workers whose results the evidence of a job has."""
        query = "SELECT DISTINCT worker FROM trials WHERE job = " + job.split("/")[1]
        return {row["worker"] for row in json.loads(self.minnow("query", query, "--json").stdout)}

    def check(self, most=10_000):
        """Compares the answers, or so many evenly over the time, and their evidence with `minnow run`. Returns how many
        questions and trials that were."""
        step = -(-len(self.answers) // most)
        trials = 0
        for seed, code, answer, job in self.answers[::-step]:
            true_code, true_answer, true_evidence = truth_of(self.folder, [*QUESTION, "--seed", str(seed)])
            if (code, answer) != (true_code, true_answer):
                raise RuntimeError(f"{job}: the answer is {json.dumps(answer)} and not {json.dumps(true_answer)}")
            read = self.minnow("trials", job, "--csv")
            if read.returncode not in (0, 3) or evidence_of(read.stdout) != true_evidence:
                raise RuntimeError(f"{job}: the evidence is another. {read.stderr}")
            print(f"{job}: answer and {len(true_evidence)} trials as of `minnow run`", file=sys.stderr)
            trials += len(true_evidence)
        return len(self.answers[::-step]), trials
