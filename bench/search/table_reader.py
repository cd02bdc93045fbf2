"""Reads a training table; training_table.h says what the file looks like."""

import hashlib
import pathlib
import re
from dataclasses import dataclass, field

GOOD_RATE = 0.05  # a shape is good when so many trials pass, over the mix of its recipes: what the ladder's test excludes


@dataclass
class Trial:
    pass_epoch: int  # 0: none
    best_at_rungs: list  # None from the pass epoch on
    best_pair: float  # the best value met at two consecutive epochs; 0 when there was none


@dataclass
class Table:
    name: str
    threshold: float
    inputs: int
    outputs: int
    epochs: int
    rungs: list
    recipes: list  # (init, learning rate), by number
    sha256: str
    trials: dict = field(default_factory=dict)  # shape: [recipe: [Trial]]

    def parameters(self, shape):
        widths = [self.inputs, *shape, self.outputs]
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in zip(widths, widths[1:]))

    def shapes(self):
        return sorted(self.trials, key=lambda shape: (self.parameters(shape), len(shape), shape))

    def pass_rate(self, shape):
        shares = [sum(trial.pass_epoch > 0 for trial in trials) / len(trials) for trials in self.trials[shape]]
        return sum(shares) / len(shares)

    def smallest_good(self):
        """The parameters of the smallest shape that is good."""
        return min(self.parameters(shape) for shape in self.trials if self.pass_rate(shape) >= GOOD_RATE)


def number(cell):
    return float(cell) if cell and cell != "nan" else None


def read_table(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    recipes = [(init, float(rate)) for init, rate in re.findall(r"^# recipe \d+: (\S+), learning rate (\S+)$", text, re.M)]
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    start = next(at for at, line in enumerate(lines) if line.startswith("shape,"))
    header = dict(line.split(" ", 1) for line in lines[:start])
    if header["minnow-table"] != "1":
        raise ValueError(f"{path}: a table of format {header['minnow-table']}, this reads format 1")
    table = Table(name=header["name"], threshold=float(header["threshold"]), inputs=int(header["inputs"]), outputs=int(header["outputs"]),
                  epochs=int(header["epochs"]), rungs=[int(rung) for rung in header["rungs"].split()], recipes=recipes,
                  sha256=hashlib.sha256(text.encode()).hexdigest())
    for line in lines[start + 1:]:
        shape, recipe, _, pass_epoch, *rungs, _, pair = line.split(",")
        units = tuple(int(unit) for unit in shape.split("-") if unit)
        by_recipe = table.trials.setdefault(units, [[] for _ in range(int(header["recipes"]))])
        by_recipe[int(recipe)].append(Trial(int(pass_epoch), [number(cell) for cell in rungs], number(pair) or 0.0))
    return table
