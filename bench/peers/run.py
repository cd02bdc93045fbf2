#!/usr/bin/python3
"""Measures how many samples a second other tools train on one core, and Minnow beside them.

    bench/peers/run.py [--json] [--build FOLDER] [--minnow PROGRAM] [--rounds N] [SHAPE:BATCH...]

Every tool trains the same networks on the same rows: ReLU, softmax cross-entropy, SGD with momentum 0.9, float32, one thread,
mini-batches that lie in memory ready to use, visited in a new order each epoch. Only training steps are timed. The tools take
turns, a window each; a figure is the median over the windows of samples per second of CPU time. Minnow's figure is what its own
benchmark says right before and right after the others, the mean of both. `./dev bench peers` builds what is needed and runs this.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import numpy

from environment import PYTHON, machine, tools_environment

HERE = pathlib.Path(__file__).resolve().parent
PROBLEMS = ["16-4-3:32", "64-8-10:32", "64-32-10:32", "64-128-10:32", "64-64-64-10:32", "784-32-10:32", "784-128-10:128",
            "784-256-128-10:128"]
ROWS = 1792  # whole mini-batches of 32 and of 128
WINDOW_SECONDS = 0.15
BY_PACKAGE = ["dlib package", "libtorch", "torch", "sklearn"]  # as Debian compiled them; one network at a time
BEST_OF = ["dlib", *BY_PACKAGE]
PACKAGES = ["libdlib-dev", "libtorch-dev", "python3-torch", "python3-sklearn", "python3-numpy", "libopenblas0-pthread", "g++"]


def commands(build):
    """How each tool is started, of those that are there."""
    tools = {
        "dlib": [f"{build}/dlib_peer"],
        "dlib package": [f"{build}/dlib_package_peer"],
        "libtorch": [f"{build}/libtorch_peer"],
        "torch": [PYTHON, f"{HERE}/torch_peer.py"],
        "sklearn": [PYTHON, f"{HERE}/sklearn_peer.py"],
        "torch bmm x16": [PYTHON, f"{HERE}/torch_peer.py", "--together"],
    }
    missing = [tool for tool, command in tools.items() if not os.path.exists(command[0])]
    for tool in missing:
        print(f"left out: {tool}, there is no {tools[tool][0]}", file=sys.stderr)
    return {tool: command for tool, command in tools.items() if tool not in missing}


class Tool:
    """A running peer; serve.h says what it is asked."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=tools_environment())

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            sys.exit(f"{self.process.args} ended at `{request}`")
        return answer

    def blas(self):
        """The library that does its matrix multiplications."""
        mapped = pathlib.Path(f"/proc/{self.process.pid}/maps").read_text()
        paths = re.findall(r"\S*/lib(?:openblas|blas)\S*\.so\S*", mapped)
        return "openblas" if any("openblas" in path for path in paths) else "another"

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def write_data(folder, shape):
    """Rows around one centre for each class, enough apart that the loss must fall, with noise that takes long to learn."""
    inputs, classes = int(shape.split("-")[0]), int(shape.split("-")[-1])
    random = numpy.random.default_rng(1)
    labels = random.integers(0, classes, ROWS)
    centres = 0.5 * random.normal(size=(classes, inputs))
    rows = centres[labels] + random.normal(size=(ROWS, inputs))
    rows.astype("<f4").tofile(f"{folder}/inputs.f32")
    labels.astype("<i8").tofile(f"{folder}/labels.i64")


def measure(tools, shape, batch, rounds):
    """One row for each tool."""
    windows = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        write_data(folder, shape)
        for tool in tools.values():
            tool.ask(f"load {shape} {batch} {folder}")
            tool.ask(f"train {WINDOW_SECONDS}")  # warms up
        for _ in range(rounds):
            for name, tool in tools.items():
                windows[name].append([float(number) for number in tool.ask(f"train {WINDOW_SECONDS}")])
    return [row_of(name, tool, shape, batch, windows[name]) for name, tool in tools.items()]


def row_of(name, tool, shape, batch, windows):
    loss = float(tool.ask("loss")[0])
    untrained = math.log(int(shape.split("-")[-1]))
    if not loss < untrained / 2:
        sys.exit(f"{name} does not train {shape}: its loss is {loss:.3f}, that of equal odds is {untrained:.3f}")
    rates = [samples / cpu for samples, cpu, _ in windows]
    return {"shape": shape, "batch": batch, "tool": name, "samples_per_second": round(statistics.median(rates)),
            "lowest": round(min(rates)), "highest": round(max(rates)), "loss": loss,
            "cpu_share": round(statistics.median(cpu / wall for _, cpu, wall in windows), 3)}


def minnow_rate(program, shape, batch):
    """Minnow's samples per second, as its training benchmark measures them now."""
    done = subprocess.run([program, "--json", f"{shape}:{batch}"], stdout=subprocess.PIPE, text=True, check=True)
    return next(row["samples_per_second"] for row in json.loads(done.stdout)["rows"])


def minnow_row(shape, batch, rates):
    return {"shape": shape, "batch": batch, "tool": "minnow", "samples_per_second": round(statistics.mean(rates)),
            "lowest": round(min(rates)), "highest": round(max(rates))}


def measure_all(tools, minnow, problems, rounds):
    rows = []
    for shape, batch in problems:
        print(f"{shape} batch {batch}", file=sys.stderr)
        before = minnow_rate(minnow, shape, batch) if minnow else 0
        of_peers = measure(tools, shape, batch, rounds)
        if minnow:
            rows.append(minnow_row(shape, batch, [before, minnow_rate(minnow, shape, batch)]))
        rows += of_peers
    return rows


def ratio(rates, tools):
    """Minnow's figure over the best of these."""
    best = max((rates[tool] for tool in tools if tool in rates), default=0)
    return f"{rates['minnow'] / best:.2f}" if best and "minnow" in rates else "-"


def table(rows):
    """Markdown: a line for each problem, a column for each tool, and Minnow's figure over the best of the others."""
    found = collections.defaultdict(dict)
    for row in rows:
        found[row["shape"], row["batch"]][row["tool"]] = row["samples_per_second"]
    tools = list(dict.fromkeys(row["tool"] for row in rows))
    lines = ["| shape | batch | " + " | ".join(tools) + " | minnow / best | / best package |",
             "| --- | ---: |" + " ---: |" * (len(tools) + 2)]
    for (shape, batch), rates in found.items():
        ratios = f"{ratio(rates, BEST_OF)} | {ratio(rates, BY_PACKAGE)}"
        numbers = [f"{rates[tool]:,}" if tool in rates else "-" for tool in tools]
        lines.append(f"| {shape} | {batch} | {' | '.join(numbers)} | {ratios} |")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench peers", description="samples/s of one training thread, tool by tool")
    parser.add_argument("problems", nargs="*", metavar="SHAPE:BATCH", default=PROBLEMS, help="default: all eight")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--rounds", type=int, default=7, help="timed windows of each tool (default 7)")
    parser.add_argument("--build", default=str(HERE.parent.parent / "build/peers"), help="where the C++ peers are")
    parser.add_argument("--minnow", default=str(HERE.parent.parent / "build/release/bench/bench_train"))
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error(f"--rounds {given.rounds}: at least 1")
    for problem in given.problems:
        if problem not in PROBLEMS:
            parser.error(f"{problem} is not measured; there are: {' '.join(PROBLEMS)}")
    return given


def print_report(about, rows):
    print(f"{about['cpu']}, {about['cpus']} CPUs, {about['system']}, {about['time']}, load average {about['load_average']:.1f}")
    print(", ".join(f"{package} {version}" for package, version in about["packages"].items()))
    print(f"OpenBLAS with its kernels for {about['openblas_core']}")
    print("Samples per second of CPU time, one thread; lowest share of a CPU that a tool had: "
          f"{min(row['cpu_share'] for row in rows if 'cpu_share' in row):.2f}\n")
    print(table(rows))


def main():
    given = arguments()
    problems = [(shape, int(batch)) for shape, batch in (problem.split(":") for problem in given.problems)]
    about = machine(PACKAGES)
    minnow = given.minnow if os.path.exists(given.minnow) else ""
    if not minnow:
        print(f"left out: minnow, there is no {given.minnow}", file=sys.stderr)
    tools = {name: Tool(command) for name, command in commands(given.build).items()}
    rows = measure_all(tools, minnow, problems, given.rounds)
    about["blas"] = {name: tool.blas() for name, tool in tools.items()}
    for tool in tools.values():
        tool.end()
    for name in (name for name, blas in about["blas"].items() if blas != "openblas"):
        print(f"{name} does not use OpenBLAS: its figures say little", file=sys.stderr)
    if given.json:
        print(json.dumps({"machine": about, "rows": rows}, indent=1))
    else:
        print_report(about, rows)


main()
