#!/usr/bin/env python3
"""Runs the commands in the documents and compares, or pastes, what they print.

A block that begins with ```console holds lines "$ COMMAND", each followed by what the command prints on stdout. The commands
of one document run in order in one fresh folder in which `data` and `dev` are those of the source tree. One line "..." in what a
command prints stands for lines that are left out, and stays. Durations, dates and the number of tests are masked
before comparing.

    docs/examples.py --check FILE...   exit 1 and a diff when a document does not show what its commands print
    docs/examples.py --paste FILE...   rewrite the documents with what the commands print now
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
MASKS = [
    (re.compile(r"\b\d[\d,]*(\.\d+)? ?(s|ms|sec|seconds)\b"), "<duration>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?"), "<date>"),
    (re.compile(r"(tests failed out of) \d+"), r"\1 <count>"),
    # How much was trained beside the evidence depends on what the other threads were at when it was complete.
    (re.compile(r"(Spent: [\d,]+ trials?).*"), r"\1"),
]


def environment():
    binaries = os.environ.get("MINNOW_BIN", str(SOURCE / "build/release/bin"))
    return os.environ | {"PATH": f"{binaries}:{os.environ['PATH']}", "MINNOW_NO_SETUP": "1", "NO_COLOR": "1", "COLUMNS": "120"}


def run(command, folder):
    """What the command prints on stdout, as lines without trailing blanks."""
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, check=False)
    if done.returncode in (1, 2):
        sys.exit(f"`{command}` failed:\n{done.stderr}")
    return [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")] if done.stdout.strip() else []


def test_summary(folder, shown):
    """The closing lines of the test run, with the number of tests that there are now."""
    count = re.search(r"Total Tests: (\d+)", "\n".join(run(f"ctest --test-dir {SOURCE}/build/release -N", folder)))[1]
    log = SOURCE / "build/release/tests.log"
    took = re.findall(r"Total Test time.*", log.read_text() if log.exists() else "")
    past = [line for line in shown if line.startswith("Total Test time")]
    times = took or past or ["Total Test time (real) = 0 sec"]
    return ["...", f"100% tests passed, 0 tests failed out of {count}", "", times[-1]]


def keep_elisions(shown, printed):
    """Keeps one "..." of `shown` in place of the lines between as many lines before and after it as `shown` has."""
    if "..." not in shown:
        return printed
    before = shown.index("...")
    after = len(shown) - before - 1
    return printed[:before] + ["..."] + printed[len(printed) - after:]


def blocks(text):
    """Splits a document into (is_console, lines)."""
    part, inside = [], False
    for line in text.split("\n"):
        if not inside and line == "```console":
            yield False, part + [line]
            part, inside = [], True
        elif inside and line == "```":
            yield True, part
            part, inside = [line], False
        else:
            part.append(line)
    yield False, part


def refresh(text):
    """The document with what its commands print now."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("data", "dev"):
            os.symlink(SOURCE / name, pathlib.Path(folder) / name)
        for is_console, part in blocks(text):
            if not is_console:
                lines += part
                continue
            starts = [i for i, line in enumerate(part) if line.startswith("$ ")]
            for begin, end in zip(starts, starts[1:] + [len(part)]):
                command, shown = part[begin][2:], part[begin + 1:end]
                while shown and not shown[-1]:
                    shown.pop()
                printed = test_summary(folder, shown) if command == "./dev test" else run(command, folder)
                lines += [part[begin]] + (printed if command == "./dev test" else keep_elisions(shown, printed))
                if end != len(part):
                    lines.append("")
    return "\n".join(lines)


def masked(text):
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return [re.sub(r" +", " ", line) for line in text.split("\n")]


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("--check", "--paste"):
        sys.exit(__doc__)
    differs = False
    for name in sys.argv[2:]:
        path = pathlib.Path(name)
        old = path.read_text()
        new = refresh(old)
        if sys.argv[1] == "--paste":
            path.write_text(new)
            continue
        diff = list(difflib.unified_diff(masked(old), masked(new), f"{name} as it stands", f"{name} as it would be", lineterm=""))
        print("\n".join(diff))
        differs |= bool(diff)
    sys.exit(1 if differs else 0)


if __name__ == "__main__":
    main()
