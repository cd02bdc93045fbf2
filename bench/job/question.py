"""The question of the whole job, and its rows; for whoever answers it.

Which is the smallest network with one or two hidden layers whose validation accuracy on the digits is at least 0.95? Units 2 to 64,
two ways to draw initial weights, three seeds: 252 trainings of 30 epochs.
"""

import csv
import itertools
import random

UNITS = [2, 4, 8, 16, 32, 64]
INITS = ["xavier", "he"]
SEEDS = [0, 1, 2]
EPOCHS = 30
LEARNING_RATE = 0.1
BATCH_SIZE = 32
THRESHOLD = 0.95
INPUTS = 64
CLASSES = 10
INK = 16  # the largest value of a pixel
TRAININGS = (len(UNITS) + len(UNITS) ** 2) * len(INITS) * len(SEEDS)

TARGET = "digit"
PART = "part"
SHARES = (0.6, 0.8)  # where the training rows end, and the validation rows


def shapes():
    return [list(hidden) for layers in (1, 2) for hidden in itertools.product(UNITS, repeat=layers)]


def name_of(hidden):
    return "-".join(map(str, hidden))


def parameters(inputs, hidden):
    widths = [inputs, *hidden, CLASSES]
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in zip(widths, widths[1:]))


def smallest(mean_scores, inputs):
    """Of {(hidden, init): mean score} the smallest network that is good enough, the better one of equals; None if there is none."""
    good = [(parameters(inputs, hidden), -score, hidden, init) for (hidden, init), score in mean_scores.items() if score >= THRESHOLD]
    if not good:
        return None
    size, score, hidden, init = min(good)
    return {"hidden": list(hidden), "parameters": size, "init": init, "score": round(-score, 4)}


def write_parts(source, path):
    """Copies the rows of a CSV file and says in a column more which part each belongs to: 60/20/20, digit by digit, by lot."""
    with open(source, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    order = random.Random(0).sample(rows, len(rows))
    for label in sorted({row[TARGET] for row in rows}):
        of_label = [row for row in order if row[TARGET] == label]
        ends = [round(share * len(of_label)) for share in SHARES]
        for place, row in enumerate(of_label):
            row[PART] = "train" if place < ends[0] else "validation" if place < ends[1] else "test"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_parts(path):
    """{part: (inputs from 0 to 1, labels)} of what write_parts wrote."""
    parts = {"train": ([], []), "validation": ([], []), "test": ([], [])}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            inputs, labels = parts[row.pop(PART)]
            labels.append(int(row.pop(TARGET)))
            inputs.append([float(pixel) / INK for pixel in row.values()])
    return parts
