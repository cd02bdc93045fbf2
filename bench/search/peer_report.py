#!/usr/bin/python3
"""What Optuna's samplers spent until they had the smallest good network, as Markdown.

    bench/search/peer_report.py [FILE.csv]     default: the newest of bench/search/results

One line a table and sampler; epochs and Mpe (10^6 parameters x epochs) are means over the studies with 95 % intervals, where a study that
never found it counts with all that it spent.
"""

import csv
import math
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
NORMAL_97_5 = 1.959964


def read_results(path):
    """The comment of the first line, and {(table, sampler): [study]}."""
    text = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    studies = {}
    for line in csv.DictReader(text[1:]):
        studies.setdefault((line["table"], line["sampler"]), []).append(line)
    return text[0].removeprefix("# "), studies


def mean_text(values, digits):
    mean = statistics.fmean(values)
    half = NORMAL_97_5 * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{mean:,.{digits}f} ± {half:,.{digits}f}"


def significant(values):
    """Decimal places that show a mean of these with three digits."""
    return max(0, 2 - math.floor(math.log10(statistics.fmean(values))))


def report(studies):
    lines = ["| table | sampler | found | epochs | Mpe |", "| --- | --- | ---: | ---: | ---: |"]
    for (table, sampler), runs in studies.items():
        epochs, mpe = ([float(run[column]) for run in runs] for column in ("epochs", "mpe"))
        found = sum(run["found"] == "1" for run in runs)
        lines.append(f"| {table} | {sampler} | {found} of {len(runs)} | {mean_text(epochs, 0)} | {mean_text(mpe, significant(mpe))} |")
    return "\n".join(lines)


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else sorted(HERE.glob("results/optuna-*.csv"))[-1]
    about, studies = read_results(path)
    print(about + "\n\n" + report(studies))


if __name__ == "__main__":
    main()
