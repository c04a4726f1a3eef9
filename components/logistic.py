"""Multinomial logistic regression on vectors: fitted with scikit-learn, stored as plain arrays."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

SEED = 20261122
Vectors: TypeAlias = np.ndarray | csr_matrix


class LogisticModel:
    """Class probabilities of vectors; holds only arrays, so that it can be stored without pickle."""

    def __init__(self, classes: Sequence[str], weights: np.ndarray, bias: np.ndarray) -> None:
        """Args: `weights` of shape (n_classes, n_dims) and `bias` of shape (n_classes,), float32."""
        self.classes = list(classes)
        self._weights, self._bias = weights, bias

    def predict(self, vector: np.ndarray) -> np.ndarray:
        """Returns the probability of each class for one vector, in the order of `classes`."""
        scores = self._weights @ vector + self._bias
        exponents = np.exp(scores - scores.max())
        return exponents / exponents.sum()

    def save(self, path: Path) -> None:
        """Writes an .npz file."""
        np.savez(path, classes=np.array(self.classes), weights=self._weights, bias=self._bias)

    @classmethod
    def load(cls, path: Path) -> LogisticModel:
        """Reads an .npz file; nothing in it can run code (`allow_pickle` is off).

        Raises:
            OSError, KeyError, ValueError: if the file is absent or not such a model.
        """
        with np.load(path, allow_pickle=False) as arrays:
            return cls([str(name) for name in arrays["classes"]], arrays["weights"], arrays["bias"])


def _estimator(c: float, balanced: bool, max_iter: int) -> LogisticRegression:
    return LogisticRegression(
        C=c,
        solver="lbfgs",
        multi_class="multinomial",
        tol=1e-3,
        max_iter=max_iter,
        random_state=SEED,
        class_weight="balanced" if balanced else None,
    )


def fit(vectors: Vectors, labels: Sequence[str], c: float, balanced: bool = True) -> LogisticModel:
    """Fits a model. `vectors` is float32 of shape (n, n_dims), dense or sparse; `c` the inverse regularisation."""
    estimator = _estimator(c, balanced, 300).fit(vectors, labels)
    weights, bias = estimator.coef_, estimator.intercept_
    if len(weights) == 1:  # scikit-learn stores two classes as one row of the difference
        weights, bias = np.vstack([-weights[0], weights[0]]), np.array([-bias[0], bias[0]])
    return LogisticModel(list(estimator.classes_), weights.astype(np.float32), bias.astype(np.float32))


def out_of_fold(vectors: Vectors, labels: Sequence[str], c: float, folds: int, balanced: bool = True) -> np.ndarray:
    """Returns for each example the probabilities by a model that has not seen it, shape (n, n_classes).

    Columns are in the sorted order of the classes, as in `fit`.
    """
    splitter = StratifiedKFold(folds, shuffle=True, random_state=SEED)
    estimator = _estimator(c, balanced, 60)
    with warnings.catch_warnings():
        # Stopped early on purpose: the order of the candidates is settled long before the last digits are.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return cross_val_predict(estimator, vectors, labels, cv=splitter, method="predict_proba")


def log_loss(probabilities: np.ndarray, classes: Sequence[str], labels: Sequence[str]) -> float:
    """Returns the mean negative log probability of the right class; lower is better."""
    index = {name: i for i, name in enumerate(classes)}
    right = probabilities[np.arange(len(labels)), [index[label] for label in labels]]
    return float(-np.log(np.clip(right, 1e-9, None)).mean())
