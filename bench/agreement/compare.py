#!/usr/bin/python3
"""Does Minnow train as PyTorch does? Repeats its trainings with the same initial weights, rows and order of mini-batches.

    bench/agreement/compare.py [--losses PROGRAM] [--write HEADER]

Each case is one loss, activation and optimizer, with weight decay on the weights and none on the biases, 20 epochs; compared are the
mean losses over all rows after each epoch. PyTorch in double precision is the referee, and PyTorch in single precision shows what
rounding alone does: the largest relative difference of Minnow from the referee may be TIMES_ROUNDING times the largest that
PyTorch's own single precision has in any case. Exit code 1 when it is more. --write stores the referee's losses for Minnow's tests.

Adam is the same formula with the small number in another place. Minnow divides by sqrt(s) + eps (the efficient order of section 2 of
Kingma and Ba), PyTorch by sqrt(s / (1 - b2^t)) + eps; so PyTorch is given eps / sqrt(1 - b2^t) at step t, which makes them equal.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import torch
import torch.nn.functional as F

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
TIMES_ROUNDING = 4
ADAM_BETAS = (0.9, 0.999)
ADAM_EPSILON = 1e-8
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "leaky_relu": F.leaky_relu}


class Network:
    """Weights (out, in) and biases (out) of each layer from Minnow's order: unit by unit, its incoming weights, then its bias."""

    def __init__(self, case, dtype):
        self.activation = ACTIVATIONS[case["activation"]]
        self.weights, self.biases = [], []
        numbers, at = torch.tensor(case["weights"], dtype=dtype), 0
        for fan_in, fan_out in zip(case["units"], case["units"][1:]):
            layer = numbers[at:at + fan_out * (fan_in + 1)].reshape(fan_out, fan_in + 1)
            at += layer.numel()
            self.weights.append(layer[:, :-1].clone().requires_grad_())
            self.biases.append(layer[:, -1].clone().requires_grad_())

    def outputs(self, x):
        for weights, biases in zip(self.weights[:-1], self.biases[:-1]):
            x = self.activation(F.linear(x, weights, biases))
        return F.linear(x, self.weights[-1], self.biases[-1])


class Rows:
    def __init__(self, case, dtype):
        self.x = torch.tensor(case["x"], dtype=dtype).reshape(-1, case["units"][0])
        self.classes = case["classes"]
        labels = dtype if self.classes == 2 else torch.int64
        self.targets = torch.tensor(case["labels"], dtype=labels) if self.classes else torch.tensor(case["values"], dtype=dtype)

    def mean_loss(self, network, rows):
        outputs, targets = network.outputs(self.x[rows]), self.targets[rows]
        if self.classes > 2:
            return F.cross_entropy(outputs, targets)
        if self.classes == 2:
            return F.binary_cross_entropy_with_logits(outputs[:, 0], targets)
        return F.mse_loss(outputs[:, 0], targets) / 2


def make_optimizer(case, network):
    groups = [{"params": network.weights, "weight_decay": case["weight_decay"]},
              {"params": network.biases, "weight_decay": 0}]
    if case["optimizer"] == "sgd":
        return torch.optim.SGD(groups, lr=case["learning_rate"], momentum=case["momentum"])
    return torch.optim.Adam(groups, lr=case["learning_rate"], betas=ADAM_BETAS, eps=ADAM_EPSILON)


def train(case, dtype, adjust_epsilon=True):
    """PyTorch's losses after each epoch."""
    network, rows = Network(case, dtype), Rows(case, dtype)
    optimizer = make_optimizer(case, network)
    step, losses = 0, []
    for order in case["batches"]:
        for batch in order:
            step += 1
            if case["optimizer"] == "adam" and adjust_epsilon:
                for group in optimizer.param_groups:
                    group["eps"] = ADAM_EPSILON / (1 - ADAM_BETAS[1]**step)**0.5
            optimizer.zero_grad()
            rows.mean_loss(network, slice(batch * case["batch_size"], (batch + 1) * case["batch_size"])).backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(float(rows.mean_loss(network, slice(None))))
    return losses


def largest_difference(losses, referee):
    return max(abs(ours - exact) / abs(exact) for ours, exact in zip(losses, referee))


def header_text(referees, tolerance):
    lines = [
        "// Mean training losses after each epoch in PyTorch, double precision, of the cases in bench/agreement/cases.cc.",
        f"// Written by bench/agreement/compare.py --write with PyTorch {torch.__version__}.",
        "#ifndef MINNOW_TESTS_WORKER_NN_PYTORCH_LOSSES_H_",
        "#define MINNOW_TESTS_WORKER_NN_PYTORCH_LOSSES_H_",
        "",
        "#include <string_view>",
        "",
        "namespace minnow::nn {",
        "",
        f"// Relative: {TIMES_ROUNDING} times what PyTorch's own single precision differs at most.",
        f"inline constexpr double kPytorchTolerance = {tolerance:.1e};",
        "",
        "struct PytorchLosses {",
        "  std::string_view name;",
        "  double losses[20];",
        "};",
        "",
        "// clang-format off",
        "inline constexpr PytorchLosses kPytorchLosses[] = {",
    ]
    for name, losses in referees.items():
        numbers = [f"{loss:.9f}" for loss in losses]
        rows = [", ".join(numbers[i:i + 5]) for i in range(0, len(numbers), 5)]
        lines.append(f'    {{"{name}",\n     {{' + ",\n      ".join(rows) + "}},")
    lines += ["};", "// clang-format on", "", "}  // namespace minnow::nn", "",
              "#endif  // MINNOW_TESTS_WORKER_NN_PYTORCH_LOSSES_H_", ""]
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench agreement", description="Minnow's losses beside PyTorch's")
    parser.add_argument("--losses", default=str(SOURCE / "build/release/bench/minnow_losses"), metavar="PROGRAM")
    parser.add_argument("--write", metavar="HEADER", help="store PyTorch's losses for the tests")
    return parser.parse_args()


def main():
    given = arguments()
    torch.set_num_threads(1)
    minnow = json.loads(subprocess.run([given.losses], stdout=subprocess.PIPE, text=True, check=True).stdout)
    cases = minnow["cases"]
    referees = {case["name"]: train(case, torch.float64) for case in cases}
    rounding = {case["name"]: largest_difference(train(case, torch.float32), referees[case["name"]]) for case in cases}
    ours = {case["name"]: largest_difference(case["losses"], referees[case["name"]]) for case in cases}
    tolerance = TIMES_ROUNDING * max(rounding.values())

    print(f"PyTorch {torch.__version__}, Minnow with its {minnow['kernels']} kernels; {len(cases[0]['batches'])} epochs; largest relative")
    print("differences of the mean training loss from PyTorch in double precision\n")
    print("| case | first loss | last loss | Minnow | PyTorch, single precision |\n| --- | ---: | ---: | ---: | ---: |")
    for name, referee in referees.items():
        print(f"| {name} | {referee[0]:.4f} | {referee[-1]:.4f} | {ours[name]:.1e} | {rounding[name]:.1e} |")
    print(f"\nlargest: Minnow {max(ours.values()):.1e}, PyTorch in single precision {max(rounding.values()):.1e}, "
          f"allowed {tolerance:.1e}")
    if given.write:
        pathlib.Path(given.write).write_text(header_text(referees, tolerance))
    failed = [name for name, difference in ours.items() if not difference <= tolerance]
    if failed:
        sys.exit("Minnow does not train as PyTorch does: " + ", ".join(failed))


if __name__ == "__main__":
    main()
