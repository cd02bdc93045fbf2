#!/usr/bin/python3
"""One process of the whole job in Optuna and PyTorch, as a user of both would write it.

    bench/job/optuna_grid.py DATA.csv DATABASE create     makes the study
    bench/job/optuna_grid.py DATA.csv DATABASE work       trains until the grid is done; several may work at once
    bench/job/optuna_grid.py DATA.csv DATABASE report     what the study holds, as JSON

The question, which bench/job/run.py asks Minnow too, stands in question.py.
"""

import json
import statistics
import sys

import optuna

import question

STUDY = "digits"


def storage(database):
    return f"sqlite:///{database}"


def load_parts(path):
    """Inputs and labels of the training and of the validation rows, as tensors."""
    import torch
    parts = question.read_parts(path)
    return [(torch.tensor(inputs, dtype=torch.float32), torch.tensor(labels)) for inputs, labels in (parts["train"], parts["validation"])]


def network(hidden, init):
    from torch import nn
    widths = [question.INPUTS, *hidden, question.CLASSES]
    fill = nn.init.xavier_normal_ if init == "xavier" else nn.init.kaiming_normal_
    layers = []
    for fan_in, fan_out in zip(widths, widths[1:]):
        layer = nn.Linear(fan_in, fan_out)
        fill(layer.weight)
        nn.init.zeros_(layer.bias)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def train(hidden, init, seed, train_rows, validation_rows):
    """The validation accuracy after the last epoch."""
    import torch
    torch.manual_seed(seed)
    model, loss = network(hidden, init), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=question.LEARNING_RATE)
    inputs, labels = train_rows
    accuracy = 0.0
    for _ in range(question.EPOCHS):
        for rows in torch.randperm(len(labels)).split(question.BATCH_SIZE):
            optimizer.zero_grad()
            loss(model(inputs[rows]), labels[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            accuracy = (model(validation_rows[0]).argmax(1) == validation_rows[1]).float().mean().item()
    return accuracy


def work(path, database):
    import torch
    torch.set_num_threads(1)
    train_rows, validation_rows = load_parts(path)
    shapes = {question.name_of(hidden): hidden for hidden in question.shapes()}

    def objective(trial):
        hidden = shapes[trial.suggest_categorical("hidden", list(shapes))]
        init = trial.suggest_categorical("init", question.INITS)
        seed = trial.suggest_categorical("seed", question.SEEDS)
        return train(hidden, init, seed, train_rows, validation_rows)

    grid = optuna.samplers.GridSampler({"hidden": list(shapes), "init": question.INITS, "seed": question.SEEDS})
    study = optuna.load_study(study_name=STUDY, storage=storage(database), sampler=grid)
    study.optimize(objective)


def report(database):
    """Trainings stored, distinct grid points among them, and the smallest network that is good enough: the mean accuracy
    over its seeds meets the threshold."""
    study = optuna.load_study(study_name=STUDY, storage=storage(database))
    done = study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.COMPLETE])
    scores = {}
    for trial in done:
        scores.setdefault((trial.params["hidden"], trial.params["init"]), {})[trial.params["seed"]] = trial.value
    means = {candidate: statistics.fmean(by_seed.values()) for candidate, by_seed in scores.items()
             if len(by_seed) == len(question.SEEDS)}
    shapes = {question.name_of(hidden): hidden for hidden in question.shapes()}
    print(json.dumps({"trainings": len(done), "distinct": sum(map(len, scores.values())),
                      "smallest": question.smallest({(tuple(shapes[hidden]), init): mean for (hidden, init), mean in means.items()},
                                                    question.INPUTS)}))


def main():
    path, database, what = sys.argv[1:]
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if what == "create":
        optuna.create_study(study_name=STUDY, storage=storage(database), direction="maximize")
    elif what == "work":
        work(path, database)
    else:
        report(database)


main()
