"""Exact Hessians of small multilayer perceptrons, and how their leading eigenvectors move and localize in training.

The network has layers n_0, …, n_L and logits f. θ ∈ R^P holds per layer the weight matrix (outputs × inputs) row by row,
then the bias. L(θ) is the mean over samples of the softmax cross-entropy or of ½‖f − onehot(y)‖²; H = ∇²L(θ) is exact, and
H v_i = λ_i v_i with ‖v_i‖ = 1. All numbers are float64.

Records are dicts with the fields of the native program's JSON; `eigendrift.records` has their types and what each field
holds. Wherever numbers are passed in, they may be in numpy arrays, or in what converts to one. Of what is handed out, each
sequence of floats is a numpy array and each sequence of such rows of equal length an array of two dimensions, in which NaN
stands for what is not determined; a sequence without entries is an empty list. A single number that is not determined is None.

What is wrong with a record is a ValueError, whose sentence names the field as a path such as `optimizer.learning_rate` and
says what is allowed. Other Python threads go on during a computation. Interrupted from the keyboard, a call raises
KeyboardInterrupt at once; its threads end where they next look whether they are still wanted (those of `analyze` at its end).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from . import _eigendrift, records
from ._progress import Progress, listener
from ._torch import from_torch
from .records import Activation, Analysis, Case, Ensemble, EnsembleReport, Experiment, LossFunction, Numbers, Order
from .records import Report, Rows, SpectrumMode

__all__ = [
    "Analysis",
    "Case",
    "Ensemble",
    "EnsembleReport",
    "Experiment",
    "Report",
    "analyze",
    "ensemble",
    "from_torch",
    "records",
    "run",
]


def analyze(
    case: Case | Mapping[str, Any] | None = None,
    /,
    *,
    layers: Numbers | None = None,
    activation: Activation | None = None,
    loss_function: LossFunction | None = None,
    label_smoothing: float | None = None,
    inputs: Rows | None = None,
    labels: Numbers | None = None,
    parameters: Numbers | None = None,
    leading: int | None = None,
    leading_order: Order | None = None,
    spectrum: SpectrumMode | None = None,
    jobs: int | None = None,
) -> Analysis:
    """Loss, gradient, exact Hessian and spectrum of one network at one point θ.

    A case is given as a dict, by keywords, or as a dict with keywords in place of some of its fields; further fields of the
    dict are ignored.

    Args:
        layers: n_0, …, n_L.
        activation: φ of the hidden layers.
        loss_function: `cross_entropy` or `mean_squared_error`.
        label_smoothing: α ∈ [0, 1) of the cross-entropy; 0 unless given.
        inputs: N × n_0.
        labels: N classes below n_L.
        parameters: θ, P numbers.
        leading: k, how many leading eigenvectors are wanted; 5 unless given.
        leading_order: whether `algebraic` (the largest λ, unless given) or by `magnitude`.
        spectrum: `full` for H and all eigenvalues, `leading` for the k leading pairs from products H v, `auto`
            (unless given) for `full` up to P = 3000.
        jobs: how many threads compute; as many as there are cores unless given. The result does not depend on it.

    Returns:
        `loss`, `accuracy`, `gradient` (P), `logits` (N × n_L), `hessian_rows` (P × P), `eigenvalues_descending` (P),
        `leading_eigenvalues` (k), `leading_eigenvectors` (k × P, each with its largest entry positive), `leading_ipr`
        (k; IPR(v) = Σ_a v_a⁴) and more: see `records.Analysis`.

    Raises:
        ValueError: names the field that is missing or not allowed, or what overflows.
    """
    given = {
        "layers": layers,
        "activation": activation,
        "loss_function": loss_function,
        "label_smoothing": label_smoothing,
        "inputs": inputs,
        "labels": labels,
        "parameters": parameters,
        "leading": leading,
        "leading_order": leading_order,
        "spectrum": spectrum,
    }
    return _eigendrift.analyze(_joined(case, {name: value for name, value in given.items() if value is not None}), jobs)


def run(
    experiment: Experiment | Mapping[str, Any] | None = None,
    /,
    *,
    progress: Progress = None,
    jobs: int | None = None,
    **fields: Any,
) -> Report:
    """Trains a network and follows its Hessian from checkpoint to checkpoint.

    An experiment is given as a dict, by keywords, or as a dict with keywords in place of some of its fields; what is left
    out has its default (`headless defaults` prints them; `run(steps=0)["experiment"]` has them as well). The same experiment
    gives the same bits, also as the native program.

    Args:
        experiment: see `records.Experiment` for the fields.
        progress: True for a bar of tqdm, or a function that is called at checkpoints, with the steps taken and the steps
            in all. What it raises ends the run.
        jobs: how many threads compute; as many as there are cores unless given. The result does not depend on it.
        fields: fields of the experiment.

    Returns:
        `checkpoints`, each with `step`, `loss`, `eigenvalues_descending` (P), `leading_eigenvectors` (k × P), `leading_ipr` (k),
        `parameters` (P) and more; for all pairs of the T checkpoints, T × T, `subspace_overlap`
        Q_k(t, t′) = (1/k) Σ_{i,j ≤ k} (v_i(t)·v_j(t′))², the mean squared displacements `displacement_by_rank` and
        `displacement_tracked`, and `weight_displacement` (1/P) ‖θ(t) − θ(t′)‖²; the bands of the `null_model`: see
        `records.Report`. Where training diverges, `diverged` is a sentence, and the checkpoints up to there stand.

    Raises:
        ValueError: names the field that is not allowed.
    """
    with listener(progress, "steps") as listening:
        return _eigendrift.run(_joined(experiment, fields), listening, jobs)


def ensemble(
    ensemble: Ensemble | Mapping[str, Any] | None = None,
    /,
    *,
    progress: Progress = None,
    jobs: int | None = None,
    **fields: Any,
) -> EnsembleReport:
    """Compares two optimizers, A and B, over many seeds: claims with intervals and verdicts.

    For each of `seed_count` seeds from `first_seed` on, `experiment` is run with the optimizer `a`, with `b`, and, where
    `rotated` is true, with `b` in a rotated basis; these runs share start, data and batches. The ensemble is given as a
    dict, by keywords, or as a dict with keywords in place of some of its fields; what is left out has its default.

    Args:
        ensemble: see `records.Ensemble` for the fields.
        progress: True for a bar of tqdm, or a function that is called with the runs that have ended and the runs in all.
            What it raises ends the computation.
        jobs: how many runs are computed at the same time; as many as there are cores unless given. The result does not
            depend on it.
        fields: fields of the ensemble.

    Returns:
        `claims`, each with its `estimate`, the mean over seeds, its 95 % interval from `low` to `high` by Student's t, and a
        `verdict`; `claims_by_pairing` in the other two pairings of directions; `curves` over seeds; and in `seeds` what each
        seed gave: see `records.EnsembleReport`.

    Raises:
        ValueError: names the field that is not allowed, or the seed whose run failed.
    """
    with listener(progress, "runs") as listening:
        return _eigendrift.ensemble(_joined(ensemble, fields), listening, jobs)


def _joined(record: object, fields: dict[str, Any]) -> dict[str, Any]:
    """A mapping with some of its fields replaced. What is none is left for the reader to refuse."""
    if record is None:
        return fields
    if isinstance(record, Mapping):
        return {**record, **fields}
    return cast("dict[str, Any]", record)
