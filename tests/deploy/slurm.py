#!/usr/bin/env python3
"""docker/slurm/minnow-workers.sbatch under a real Slurm: four nodes on this machine.

  tests/deploy/slurm.py      (as root; `./dev deploy slurm` installs Slurm and runs it)

Three workers join from three nodes while questions are asked. One node is killed: its work is taken over, its task is
requeued on the fourth node, and a worker joins from there. One task is given the signal that comes before the end of its
time. Good when all answers and their evidence are those of `minnow run`. Then, while all train slices that have no end, the
time of one task ends, one is requeued and joins again, and the rest is cancelled: each time the worker hands back what it
holds at once, long before its leases would end, and exits with 0. Exit code 1 when anything is not so, 77 when this machine
cannot do it.

All of it runs in namespaces of this process, and ends with it.
"""

import json
import os
import pathlib
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from asker import Asker
from authority import Authority
from evidence import BIN, ROOT

SKIPPED = 77
NODES = ["n1", "n2", "n3", "n4"]
WORKERS = 3
LEASE_SECONDS = 10
AT_ONCE_SECONDS = 2  # with what Slurm itself takes
MOST_SECONDS = 60
MOST_SECONDS_OF_A_LIMIT = 180  # Slurm counts in minutes, and looks every half a minute
PATIENCE_SECONDS = 0.05
MOST_COMPARED = 20  # questions
SERVER = "127.0.0.1:7077"
ENDLESS = ["data/digits.csv", "--target", "digit", "--good-enough", "accuracy >= 0.99", "--search", "grid", "--early-stop", "off",
           "--layers", "1", "--units", "64", "--epochs", "100000"]


def call(*arguments):
    """What the command printed."""
    done = subprocess.run(list(map(str, arguments)), cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


def wait_for(what, condition, seconds=MOST_SECONDS):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"not within {seconds} s: {what}")
        time.sleep(PATIENCE_SECONDS)


class Slurm:
    """The daemons, in the foreground and under this process."""

    def __init__(self, folder):
        self.folder = folder
        for name in ["munge", "state", "run", *(f"spool/{node}" for node in NODES)]:
            (folder / name).mkdir(parents=True)
        conf = (ROOT / "tests/deploy/slurm.conf").read_text().replace("@FOLDER@", str(folder))
        (folder / "slurm.conf").write_text(conf)
        os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
        self.start_munge()
        self.start("slurmctld", "slurmctld", "-D", "-c", "-f", folder / "slurm.conf")
        self.nodes = {node: self.start(f"slurmd-{node}", "slurmd", "-D", "-f", folder / "slurm.conf", "-N", node)
                      for node in NODES}
        wait_for("all nodes are idle", lambda: self.idle_nodes() == len(NODES), seconds=30)

    def start_munge(self):
        munge = self.folder / "munge"
        (munge / "key").write_bytes(secrets.token_bytes(128))
        call("chown", "-R", "munge:munge", munge)
        call("chmod", "400", munge / "key")
        munge.chmod(0o711)
        self.start("munged", "setpriv", "--reuid=munge", "--regid=munge", "--clear-groups", "munged", "--foreground",
                   f"--key-file={munge}/key", f"--socket={munge}/munge.sock", f"--pid-file={munge}/pid",
                   f"--log-file={munge}/log", f"--seed-file={munge}/seed")
        wait_for("munge is there", (munge / "munge.sock").exists)

    def start(self, name, *command):
        with open(self.folder / f"{name}.out", "ab") as log:
            return subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)

    @staticmethod
    def idle_nodes():
        shown = subprocess.run(["sinfo", "--noheader", "--Node", "--format=%T"], capture_output=True, text=True).stdout
        return shown.split().count("idle")

    def kill_node(self, node):
        """With everything that runs on it."""
        self.nodes[node].kill()
        self.nodes[node].wait()
        for environment in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                if f"SLURMD_NODENAME={node}\0".encode() not in environment.read_bytes():
                    continue
                process = int(environment.parent.name)
                parent = int((environment.parent / "stat").read_text().rsplit(")", 1)[1].split()[1])
                for victim in [parent, process]:  # slurmstepd first, which would tell of the end of the other
                    os.kill(victim, signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                continue
        call("scontrol", "update", f"nodename={node}", "state=down", "reason=killed")


class Service:
    """A server that asks for certificates and tokens, and what it says of its workers."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = Authority(folder)
        for name in ["server", "worker", "client"]:
            self.authority.certify(name, "IP:127.0.0.1")
        log = open(folder / "server.log", "ab")
        flags = ["--db", folder / "minnow.db", "--listen", SERVER, "--http", "127.0.0.1:7078", "--lease-seconds", LEASE_SECONDS]
        self.process = subprocess.Popen(list(map(str, [BIN / "minnow-server", *flags, *self.authority.server_flags()])),
                                        stdout=log, stderr=log)
        self.asker = Asker(folder, ["--server", SERVER, *self.authority.caller_flags("client", "alice")])
        wait_for("the server answers", lambda: self.asker.minnow("jobs").returncode == 0)

    def connected(self):
        """The names of the workers that are."""
        shown = self.asker.minnow("workers", "--json")
        if shown.returncode:
            raise RuntimeError(shown.stderr)
        workers = json.loads(shown.stdout)
        return {worker["worker"] for worker in workers if worker["connected"]}

    def leases_of(self, worker):
        """How many it holds, as stored."""
        with sqlite3.connect(f"file:{self.folder / 'minnow.db'}?mode=ro", uri=True) as database:
            return database.execute("SELECT count(*) FROM leases WHERE worker = ? AND ended = 0", [worker]).fetchone()[0]

    def worker_of(self, job, task):
        """Its name; None while there is none."""
        return next((worker for worker in self.connected() if worker.endswith(f"-{job}-{task}")), None)


def submit(folder, authority):
    """The array job; its number."""
    settings = {"PATH": f"{BIN}:{os.environ['PATH']}", "MINNOW_SERVER": SERVER, "MINNOW_TLS_CA": authority.file("ca.pem"),
                "MINNOW_TOKEN_FILE": authority.file("farm.token"), "MINNOW_TLS_CERT": authority.file("worker.pem"),
                "MINNOW_TLS_KEY": authority.file("worker.key"), "MINNOW_CACHE": folder / "cache"}
    os.environ.update({name: str(value) for name, value in settings.items()})
    return call("sbatch", "--parsable", f"--array=0-{WORKERS - 1}", "--exclusive", f"--chdir={folder}",
                ROOT / "docker/slurm/minnow-workers.sbatch").strip()


def kill_a_node(slurm, service, job):
    """Its worker is missed; its task begins again on the node that was idle."""
    victim = sorted(service.connected())[0]
    node, _, task = victim.split("-")
    say(f"killing node {node} with worker {victim}")
    slurm.kill_node(node)
    wait_for("the worker is missed", lambda: victim not in service.connected())
    ask_for(service, questions=2)
    begin_at_once(job, task)
    wait_for("a worker joins from the fourth node", lambda: f"n4-{job}-{task}" in service.connected(), seconds=150)
    say(f"its task goes on as n4-{job}-{task}")


def end_a_task(service, job):
    """As Slurm does before the end of a task's time."""
    worker = sorted(service.connected())[-1]
    task = worker.split("-")[-1]
    call("scancel", "--batch", "--signal=TERM", f"{job}_{task}")
    begin = time.monotonic()
    wait_for("the worker has handed back its work", lambda: worker not in service.connected(), AT_ONCE_SECONDS)
    say(f"{worker} left {time.monotonic() - begin:.1f} s after the signal")


def tasks_of(service):
    return sorted(worker.split("-")[-1] for worker in service.connected())


def begin_at_once(job, task):
    """Not in two minutes, as Slurm has it for what was requeued."""
    wait_for("the task is requeued", lambda: "PENDING" in call("squeue", "--noheader", "--format=%T", f"--jobs={job}_{task}"))
    call("scontrol", "update", f"jobid={job}_{task}", "StartTime=now")


def see_it_hand_back(service, job, task, end, seconds=AT_ONCE_SECONDS):
    """`end` is what ends the task of a worker, which is at work. How long it took to leave."""
    worker = service.worker_of(job, task)
    log = service.folder / f"minnow-workers-{job}_{task}.log"
    wait_for(f"{worker} is at work", lambda: service.leases_of(worker) > 0)
    stops = log.read_text().count("stopped\n")
    begin = time.monotonic()
    end()
    wait_for(f"{worker} has stopped by itself", lambda: log.read_text().count("stopped\n") > stops, seconds)
    if service.leases_of(worker) != 0:
        raise RuntimeError(f"{worker} has stopped and not handed back its leases")
    return worker, time.monotonic() - begin


def ended_well(job, task):
    shown = call("scontrol", "show", "job", f"{job}_{task}")
    if "ExitCode=0:0" not in shown:
        raise RuntimeError(f"a worker that is told to stop exits with 0: {shown}")


def end_of_time(service, job, task):
    """Slurm sends its signal half a minute before, as the script asks."""
    run_minutes = int(call("squeue", "--noheader", "--format=%M", f"--jobs={job}_{task}").strip().split(":")[-2])
    limit = ["scontrol", "update", f"jobid={job}_{task}", f"TimeLimit={run_minutes + 2}"]
    worker, _ = see_it_hand_back(service, job, task, lambda: call(*limit), MOST_SECONDS_OF_A_LIMIT)
    running = ["squeue", "--noheader", "--array", "--format=%i", "--states=running"]
    wait_for("the task has ended", lambda: f"{job}_{task}" not in call(*running).split())
    ended_well(job, task)
    say(f"the time of {worker} ended: it handed back and exited with 0")


def requeue(service, job, task):
    worker, seconds = see_it_hand_back(service, job, task, lambda: call("scontrol", "requeue", f"{job}_{task}"))
    say(f"{worker} was requeued, and handed back after {seconds:.1f} s")
    wait_for("it is not connected any more", lambda: service.worker_of(job, task) is None)
    begin_at_once(job, task)
    wait_for("it joins again", lambda: service.worker_of(job, task), seconds=150)
    say(f"it joins again as {service.worker_of(job, task)}")


def cancel(service, job, task):
    worker, seconds = see_it_hand_back(service, job, task, lambda: call("scancel", job))
    wait_for("the task has ended", lambda: not call("squeue", "--noheader", f"--jobs={job}").strip())
    ended_well(job, task)
    say(f"{worker} was cancelled, and handed back after {seconds:.1f} s")


def ask_for(service, questions):
    enough = len(service.asker.answers) + questions
    wait_for("questions are answered", lambda: service.asker.error or len(service.asker.answers) >= enough)
    if service.asker.error:
        raise RuntimeError(service.asker.error)


def run(folder):
    os.chmod(folder, 0o711)
    slurm = Slurm(folder)
    say(f"a Slurm of {len(NODES)} nodes is there")
    service = Service(folder)
    job = submit(folder, service.authority)
    wait_for("all workers are connected", lambda: len(service.connected()) == WORKERS)
    say(f"connected: {', '.join(sorted(service.connected()))}")
    with service.asker as asker:
        ask_for(service, questions=2)
        kill_a_node(slurm, service, job)
        ask_for(service, questions=2)
        end_a_task(service, job)
        ask_for(service, questions=2)
        asker.stop()
    compared, trials = asker.check(MOST_COMPARED)
    if service.asker.minnow("submit", *ENDLESS).returncode:
        raise RuntimeError("a question that has no end is taken")
    first, second = tasks_of(service)
    end_of_time(service, job, first)
    requeue(service, job, second)
    cancel(service, job, second)
    wait_for("all workers have left", lambda: not service.connected())
    service.process.terminate()
    if service.process.wait() != 0:
        raise RuntimeError("a clean stop of the server ends with 0")
    print(f"{len(asker.answers)} questions while a node died and a task ended; {compared} compared, with {trials} trials as of "
          "`minnow run`")


def say(what):
    print(f"slurm: {what}", file=sys.stderr)


def why_not():
    if os.geteuid() != 0:
        return "a Slurm with nodes of its own takes root"
    for program in ["slurmctld", "slurmd", "sbatch", "munged", "openssl", "unshare"]:
        if not shutil.which(program):
            return f"{program} is not installed; `./dev deploy slurm` installs it"
    return None


def main():
    if sys.argv[1:] in (["--help"], ["-h"]):
        print(__doc__)
        return 0
    if sys.argv[1:] != ["--inside"]:
        reason = why_not()
        if reason:
            print(f"SKIPPED: slurm: {reason}")
            return SKIPPED
        os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable,
                              __file__, "--inside"])
    # Names are not resolved on a machine that has no address but loopback.
    for words in ["link set lo up", "link add nodes type bridge", "addr add 10.92.0.1/24 dev nodes", "link set nodes up"]:
        call("ip", *words.split())
    with tempfile.TemporaryDirectory(prefix="minnow_slurm_") as name:
        try:
            run(pathlib.Path(name))
        except RuntimeError as error:
            say(f"FAILED: {error}")
            for log in sorted([*pathlib.Path(name).glob("*.log"), *pathlib.Path(name).glob("*.out")]):
                print(f"{log.name}:", *log.read_text().splitlines()[-5:], sep="\n  ", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
