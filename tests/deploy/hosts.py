#!/usr/bin/env python3
"""Several hosts for real: a server and three workers, each in a network namespace of its own, over mutual TLS and tokens.

  tests/deploy/hosts.py [--short] [--json]     (as root; `./dev deploy hosts` installs what it needs and runs it)

While one question after the other is asked, the network fails: a link so slow that the data set takes its time, a link
that is cut and healed, a link that loses everything in one direction (each of the two), and the server killed, its name
unknown for a minute, and then of another address. Good when the answers and all their evidence are those of `minnow run`, no stored result was ever lost or
changed, every fault was felt, all workers came back by themselves, and all processes end with 0. --short has the same
faults for seconds. Exit code 1 when anything is not so, 77 when this machine cannot do it.

Everything happens in namespaces of this process: nothing is left of them when it ends, however it ends.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

from asker import Asker
from authority import Authority
from evidence import BIN, ROOT, StoredResults

SKIPPED = 77
SERVER = "server"
WORKERS = ["w1", "w2", "w3"]
ADDRESS = {"server": "10.91.0.1", "w1": "10.91.0.2", "w2": "10.91.0.3", "w3": "10.91.0.4"}
NEW_ADDRESS = "10.91.0.5"  # of the server when it comes back
NAME = "coordinator"  # of the server, for workers and clients
SWITCH = "10.91.0.254"  # where the client and this script are
PORT, HTTP_PORT = 7077, 7078
SLOW = {"rate": "1mbit", "burst": "32kbit", "latency": "400ms"}
MOST_SECONDS_TO_COME_BACK = 60
MOST_COMPARED, MOST_COMPARED_IN_SHORT = 100, 5  # questions; each is asked of `minnow run` again
PATIENCE_SECONDS = 0.05


def call(*arguments, text=None):
    """What the command printed."""
    done = subprocess.run(list(map(str, arguments)), input=text, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


def ip(*arguments):
    call("ip", *arguments)


class Host:
    """A network namespace with one cable to the switch."""

    def __init__(self, name):
        self.name = name
        ip("netns", "add", name)
        ip("link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", f"to-{name}", "master", "switch", "up")
        ip("-n", name, "addr", "add", f"{ADDRESS[name]}/24", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "link", "set", "lo", "up")

    def command(self, *arguments):
        return ["ip", "netns", "exec", self.name, *map(str, arguments)]

    def run(self, *arguments, text=None):
        return call(*self.command(*arguments), text=text)

    def move(self, address):
        """From the address that it has."""
        ip("-n", self.name, "addr", "flush", "dev", "eth0", "scope", "global")
        ip("-n", self.name, "addr", "add", f"{address}/24", "dev", "eth0")

    def cut(self):
        ip("link", "set", f"to-{self.name}", "down")

    def heal(self):
        ip("link", "set", f"to-{self.name}", "up")

    def lose(self, direction, peer):
        """Packets from ("saddr", on their way in) or to ("daddr", on their way out) the peer vanish, without a word."""
        hook = {"saddr": "input", "daddr": "output"}[direction]
        self.run("nft", "-f", "-", text=f"table inet loss {{\n chain drops {{\n  type filter hook {hook} priority 0; policy accept;\n"
                                        f"  ip {direction} {peer} counter drop\n }}\n}}\n")

    def lose_nothing(self):
        """How many packets were lost."""
        lost = int(re.search(r"counter packets (\d+)", self.run("nft", "list", "ruleset")).group(1))
        self.run("nft", "delete", "table", "inet", "loss")
        return lost

    def slow_down(self):
        flags = [word for flag in SLOW.items() for word in flag]
        self.run("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", *flags)
        call("tc", "qdisc", "add", "dev", f"to-{self.name}", "root", "tbf", *flags)

    def speed_up(self):
        """How many packets had to wait."""
        shown = call("tc", "-s", "qdisc", "show", "dev", f"to-{self.name}")
        self.run("tc", "qdisc", "del", "dev", "eth0", "root")
        call("tc", "qdisc", "del", "dev", f"to-{self.name}", "root")
        return int(re.search(r"overlimits (\d+)", shown).group(1))


class Farm:
    """The switch, the hosts, and the processes on them."""

    def __init__(self, folder, lease_seconds):
        self.folder, self.lease_seconds = folder, lease_seconds
        self.database = folder / "minnow.db"
        self.stored = StoredResults(self.database)
        self.processes = {}
        ip("link", "set", "lo", "up")
        ip("link", "add", "switch", "type", "bridge")
        ip("link", "set", "switch", "up")
        ip("addr", "add", f"{SWITCH}/24", "dev", "switch")
        self.hosts = {name: Host(name) for name in [SERVER, *WORKERS]}
        self.names = folder / "hosts"
        self.names.write_text("")
        call("mount", "--bind", self.names, "/etc/hosts")
        self.authority = Authority(folder)
        self.authority.certify(SERVER, f"DNS:{NAME},IP:{ADDRESS[SERVER]},IP:{NEW_ADDRESS}")
        for name in [*WORKERS, "client"]:
            self.authority.certify(name, f"IP:{ADDRESS.get(name, SWITCH)}")

    def start_server(self, address):
        self.address = address
        self.name_server(address)
        flags = ["--db", self.database, "--listen", f"{address}:{PORT}", "--http", f"{address}:{HTTP_PORT}",
                 "--lease-seconds", self.lease_seconds]
        self.start(SERVER, "minnow-server", *flags, *self.authority.server_flags())
        self.wait_for("the server answers", lambda: self.metric("minnow_store_healthy") == 1)

    def name_server(self, address):
        """Its name means this address on all hosts from now on, or nothing."""
        self.names.write_text(f"{address} {NAME}\n" if address else "")

    def start_worker(self, name):
        self.start(name, "minnow-worker", "--name", name, "--threads", 1, "--server", f"{NAME}:{PORT}",
                   "--cache", self.folder / f"cache-{name}", *self.authority.caller_flags(name, "farm"))

    def start(self, host, program, *flags):
        with open(self.folder / f"{host}.log", "ab") as log:
            self.processes[host] = subprocess.Popen(self.hosts[host].command(BIN / program, *flags), cwd=ROOT, stdout=log,
                                                    stderr=log)

    def client_flags(self):
        return ["--server", f"{NAME}:{PORT}", *self.authority.caller_flags("client", "alice")]

    def metric(self, name):
        """Of /metrics; None when the server does not answer."""
        trust = ssl.create_default_context(cafile=self.authority.file("ca.pem"))
        trust.load_cert_chain(self.authority.file("client.pem"), self.authority.file("client.key"))
        request = urllib.request.Request(f"https://{self.address}:{HTTP_PORT}/metrics")
        request.add_header("Authorization", "Bearer " + self.authority.file("watcher.token").read_text().strip())
        try:
            with urllib.request.urlopen(request, context=trust, timeout=5) as answer:
                return float(re.search(rf"^{name} (\S+)", answer.read().decode(), re.MULTILINE).group(1))
        except OSError:
            return None

    def connected(self):
        return self.metric("minnow_workers_connected")

    def wait_for(self, what, condition):
        end = time.monotonic() + MOST_SECONDS_TO_COME_BACK
        while not condition():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended by itself with {process.returncode}: {self.last_lines(name)}")
            if time.monotonic() > end:
                raise RuntimeError(f"not within {MOST_SECONDS_TO_COME_BACK} s: {what}. The server: {self.last_lines(SERVER)}")
            time.sleep(PATIENCE_SECONDS)

    def last_lines(self, name):
        return "\n".join((self.folder / f"{name}.log").read_text().splitlines()[-5:])

    def end(self):
        for name in [*WORKERS, SERVER]:
            self.processes[name].terminate()
            if self.processes[name].wait() != 0:
                raise RuntimeError(f"a clean stop of {name} ends with {self.processes[name].returncode}: {self.last_lines(name)}")


def with_a_slow_link(farm, asker, seconds):
    """Before its first work, so that the data set comes through it. Work is done there all the same."""
    host = farm.hosts["w3"]
    host.slow_down()
    farm.start_worker("w3")
    farm.wait_for("the slow worker is connected", lambda: farm.connected() == len(WORKERS))
    farm.wait_for("the slow worker has its data set", lambda: any((farm.folder / "cache-w3").glob("*")))
    work_for(farm, asker, seconds)
    if host.speed_up() == 0:
        raise RuntimeError("the link was not slow")


def with_a_cut_link(farm, asker, seconds):
    farm.hosts["w1"].cut()
    away(farm, asker, seconds)
    farm.hosts["w1"].heal()


def with_loss_in_one_direction(farm, asker, seconds):
    for direction in ["saddr", "daddr"]:
        farm.hosts["w2"].lose(direction, ADDRESS[SERVER])
        away(farm, asker, seconds)
        if farm.hosts["w2"].lose_nothing() == 0:
            raise RuntimeError("no packet was lost")
        back(farm)


def without_a_server(farm, asker, seconds):
    """Killed: whatever it had not committed is gone, and nobody was told otherwise. It comes back as a container does that
    was placed anew: unknown meanwhile, and under its name at another address."""
    farm.stored.look()
    farm.processes[SERVER].send_signal(signal.SIGKILL)
    farm.processes[SERVER].wait()
    farm.name_server(None)
    farm.hosts[SERVER].move(NEW_ADDRESS)
    time.sleep(seconds)
    farm.start_server(NEW_ADDRESS)
    farm.stored.look()


def work_for(farm, asker, seconds):
    """Looks at what is stored meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        farm.stored.look()
        if asker.error:
            raise RuntimeError(asker.error)
        time.sleep(PATIENCE_SECONDS)


def away(farm, asker, seconds):
    """One worker is missed, and the others work on."""
    farm.wait_for("the worker is missed", lambda: farm.connected() == len(WORKERS) - 1)
    work_for(farm, asker, seconds)


def back(farm):
    farm.wait_for("all workers are back", lambda: farm.connected() == len(WORKERS))


def fail_and_heal(farm, asker, seconds, server_away_seconds):
    """How long after each fault all workers were back, by its name."""
    recovered = {}
    for fault, lasts in [(with_a_slow_link, seconds), (with_a_cut_link, seconds), (with_loss_in_one_direction, seconds),
                         (without_a_server, server_away_seconds)]:
        name = fault.__name__.removeprefix("with_").replace("_", " ")
        print(f"{name}, {lasts} s", file=sys.stderr)
        fault(farm, asker, lasts)
        healed = time.monotonic()
        back(farm)
        recovered[name] = round(time.monotonic() - healed, 1)
        work_for(farm, asker, seconds)
    return recovered


def run(folder, short):
    farm = Farm(folder, lease_seconds=1 if short else 10)
    farm.start_server(ADDRESS[SERVER])
    farm.start_worker("w1")
    farm.start_worker("w2")
    with Asker(folder, farm.client_flags()) as asker:
        recovered = fail_and_heal(farm, asker, seconds=1 if short else 20, server_away_seconds=3 if short else 60)
        asker.stop()
    farm.stored.look()
    missing = set(WORKERS) - set().union(*(asker.workers_of(job) for *_, job in asker.answers))
    if missing:
        raise RuntimeError(f"no result of {missing}")
    compared, trials = asker.check(MOST_COMPARED_IN_SHORT if short else MOST_COMPARED)
    expired = farm.metric("minnow_leases_expired_total")
    farm.end()
    return {"questions": len(asker.answers), "questions_compared": compared, "trials_compared": trials, "results_stored": len(farm.stored.seen), "lost": 0,
            "leases_expired_since_restart": int(expired), "back_after_seconds": recovered}


def why_not():
    if os.geteuid() != 0:
        return "making network namespaces takes root"
    for program in ["ip", "tc", "nft", "openssl", "unshare"]:
        if not shutil.which(program):
            return f"{program} is not installed; `./dev deploy hosts` installs it"
    probe = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "ip", "link", "add", "switch", "type", "bridge"],
                           capture_output=True, text=True)
    return f"no namespaces or no bridges here: {probe.stderr.strip()}" if probe.returncode else None


def enter_namespaces():
    """Runs this script again as the first process of its own namespaces; with its end all processes in them end."""
    reason = why_not()
    if reason:
        print(f"SKIPPED: several hosts: {reason}")
        sys.exit(SKIPPED)
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable,
                          __file__, "--inside", *sys.argv[1:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="every fault for seconds")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        enter_namespaces()
    os.makedirs("/run/netns", exist_ok=True)
    call("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
    with tempfile.TemporaryDirectory(prefix="minnow_hosts_") as name:
        try:
            result = run(pathlib.Path(name), arguments.short)
        except RuntimeError as error:
            print(f"several hosts: {error}", file=sys.stderr)
            return 1
    if arguments.json:
        print(json.dumps(result))
    else:
        print(f"{result['questions']} questions; {result['questions_compared']} compared, with {result['trials_compared']} trials as of "
              f"`minnow run`; {result['results_stored']} results stored, none lost. All workers back: " +
              ", ".join(f"{seconds} s after {fault}" for fault, seconds in result["back_after_seconds"].items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
