#!/usr/bin/env python3
"""Predicts the rows of a CSV file by what docs/models.md says of the JSON format, and by nothing else.

    predict_by_document.py MODEL.json DATA.csv     prints what `minnow predict` prints, but for the last digits
"""

import csv
import json
import math
import struct
import sys


def as_float(number):
    return struct.unpack("f", struct.pack("f", number))[0]


def coded(column, field):
    """The inputs of one field before standardisation, dropped ones among them."""
    gap = field == ""
    if column["kind"] == "number":
        values = [column["fill"] if gap else float(field)]
    else:
        values = [float(field == category) for category in column["categories"]]
        if column.get("other"):
            values.append(float(not gap and field not in column["categories"]))
    return values + ([float(gap)] if column["gap_indicator"] else [])


def inputs(columns, row):
    numbers = []
    for column in columns:
        if column["kind"] in ("number", "category"):
            for value, given in zip(coded(column, row[column["name"]]), column["inputs"], strict=True):
                if not given["dropped"]:
                    numbers.append(as_float((value - given["mean"]) / given["scale"]))
    return numbers


ACTIVATIONS = {
    "relu": lambda z: max(z, 0),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "tanh": math.tanh,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
}


def outputs(network, numbers):
    for place, layer in enumerate(network["layers"], start=1):
        numbers = [sum(w * x for w, x in zip(unit, numbers, strict=True)) + bias
                   for unit, bias in zip(layer["weights"], layer["biases"], strict=True)]
        if place < len(network["layers"]):
            numbers = [ACTIVATIONS[network["activation"]](z) for z in numbers]
    return numbers


def answer(preparation, raw):
    if preparation["task"] == "regression":
        return [preparation["target_mean"] + preparation["target_scale"] * raw[0]]
    logits = raw if len(raw) > 1 else [0, raw[0]]
    exps = [math.exp(z - max(logits)) for z in logits]
    probabilities = [e / sum(exps) for e in exps]
    return [preparation["classes"][probabilities.index(max(probabilities))]] + probabilities


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        model = json.load(file)
    preparation = model["preparation"]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["prediction"] + [f"probability_{name}" for name in preparation["classes"]])
    with open(sys.argv[2], encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            writer.writerow(answer(preparation, outputs(model["network"], inputs(preparation["columns"], row))))


main()
