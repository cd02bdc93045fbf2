#!/usr/bin/python3
"""scikit-learn's MLPClassifier as a peer. It trains whole epochs only; with warm_start one fit() is a number of epochs, and what
fit() does once (checks, one-hot labels) is shared by all of them."""

import warnings

import sklearn
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

import serve

EPOCHS = 10  # of one fit()


class SklearnPeer:
    def __init__(self, problem):
        self.problem = problem
        self.model = MLPClassifier(
            problem.shape[1:-1], activation="relu", solver="sgd", alpha=0, batch_size=problem.batch,
            learning_rate_init=serve.LEARNING_RATE, momentum=serve.MOMENTUM, nesterovs_momentum=False, shuffle=False,
            max_iter=1, tol=0, n_iter_no_change=10**9, warm_start=True, random_state=1)
        self.model.fit(problem.inputs, problem.labels)
        self.model.max_iter = EPOCHS

    def train_epoch(self):
        self.model.fit(self.problem.inputs, self.problem.labels)
        return self.problem.rows * EPOCHS

    def mean_loss(self):
        return log_loss(self.problem.labels, self.model.predict_proba(self.problem.inputs))


warnings.simplefilter("ignore")  # that a fit of few epochs has not converged
sklearn.set_config(assume_finite=True)
serve.serve(SklearnPeer)
