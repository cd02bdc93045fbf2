"""What the Python peers share: serve.h says what they are asked and what they answer."""

import random
import sys
import time

import numpy

# The recipe of every tool: ReLU, softmax cross-entropy, heavy ball.
LEARNING_RATE = 0.01
MOMENTUM = 0.9


class Problem:
    def __init__(self, shape, batch, folder):
        self.shape = [int(units) for units in shape.split("-")]
        self.batch = int(batch)
        self.inputs = numpy.fromfile(f"{folder}/inputs.f32", numpy.float32).reshape(-1, self.shape[0])
        self.labels = numpy.fromfile(f"{folder}/labels.i64", numpy.int64)
        self.rows = len(self.labels)
        self.batches = self.rows // self.batch

    def batch_of(self, index, *arrays):
        return [array[index * self.batch:(index + 1) * self.batch] for array in arrays]


class StepPeer:
    """A peer with problem, step(batch) and mean_loss()."""

    networks = 1  # trained together

    def train_epoch(self):
        """Visits the mini-batches in a new order; the rows that were trained."""
        order = list(range(self.problem.batches))
        random.shuffle(order)
        for batch in order:
            self.step(batch)
        return self.problem.rows * self.networks


def train(peer, seconds):
    """Whole epochs for at least `seconds`. CPU time is that of all threads, so a hidden helper thread is no gain."""
    wall, cpu, samples = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - wall < seconds:
        samples += peer.train_epoch()
    print(samples, time.process_time() - cpu, time.perf_counter() - wall, flush=True)


def serve(make):
    """Answers until stdin ends. make(problem) gives an object with train_epoch() and mean_loss()."""
    peer = None
    for line in sys.stdin:
        what, *words = line.split()
        if what == "load":
            peer = make(Problem(*words))
            print("ok", flush=True)
        elif what == "train":
            train(peer, float(words[0]))
        elif what == "loss":
            print(peer.mean_loss(), flush=True)
        else:
            sys.exit(f"unknown request: {line}")
