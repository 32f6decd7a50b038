"""`run` against training loops in PyTorch, and the native program."""

import json

import numpy
import pytest
import torch
from reference import hessian, loss, plain, subspace_gap

import eigendrift

RANDOM = numpy.random.default_rng(3)
EXPERIMENT = {
    "data": {"inputs": RANDOM.normal(size=(40, 3)), "labels": RANDOM.integers(0, 3, 40), "preparation": "none"},
    "hidden": [5, 4],
    "batch_size": "full",
    "steps": 100,
    "checkpoint_every": 25,
    "leading": 3,
    "null_model": None,
}


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.02, betas=(0.8, 0.99), eps=1e-6)


OPTIMIZERS = {
    "sgd": ({"name": "sgd", "learning_rate": 0.3}, lambda parameters: torch.optim.SGD(parameters, lr=0.3)),
    "adam": ({"name": "adam", "learning_rate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6}, adam),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_and_hessians_are_those_of_torch(optimizer):
    settings, make = OPTIMIZERS[optimizer]
    report = eigendrift.run(EXPERIMENT, optimizer=settings, activation="tanh")
    case = {**EXPERIMENT["data"], "layers": report["layers"], "activation": "tanh", "loss_function": "cross_entropy"}
    theta = torch.tensor(report["checkpoints"][0]["parameters"], requires_grad=True)
    rule = make([theta])
    step, vectors = 0, []
    assert [checkpoint["step"] for checkpoint in report["checkpoints"]] == [0, 25, 50, 75, 100]
    for checkpoint in report["checkpoints"]:
        while step < checkpoint["step"]:
            rule.zero_grad()
            loss(case, theta).backward()
            rule.step()
            step += 1
        # Each step adds about ε |θ| of rounding, and 100 steps of a stable descent do not amplify it; Adam's quotient
        # m/√v amplifies that of the gradient by 1/√v < 1e3.
        assert abs(checkpoint["parameters"] - theta.detach().numpy()).max() < 1e-11
        assert abs(checkpoint["loss"] - loss(case, theta).item()) < 1e-11
        eigenvalues, found = numpy.linalg.eigh(hessian(case, theta.detach()))
        assert abs(checkpoint["eigenvalues_descending"] - eigenvalues[::-1]).max() < 1e-10
        # The bound of Davis and Kahan for differences of 1e-10 in H.
        assert 1e-10 / subspace_gap(eigenvalues[::-1], 3).min() < 1e-7
        vectors.append(found[:, ::-1][:, :3].T)
        assert abs(checkpoint["leading_ipr"] - (vectors[-1] ** 4).sum(1)).max() < 1e-6
    overlap = [[((a @ b.T) ** 2).sum() / 3 for a in vectors] for b in vectors]
    assert abs(report["subspace_overlap"] - numpy.array(overlap)).max() < 1e-6


def test_matrices_over_pairs_of_checkpoints():
    report = eigendrift.run(EXPERIMENT, null_model={"kind": "random_weights", "samples": 3})
    for field in ("subspace_overlap", "displacement_by_rank", "displacement_tracked", "weight_displacement"):
        assert report[field].shape == (5, 5) and (report[field] == report[field].T).all()
    first, last = report["checkpoints"][0], report["checkpoints"][-1]
    assert last["leading_eigenvectors"].shape == (3, report["parameter_count"])
    assert [row.shape for row in last["group_mass"]] == [(6,)] * 3
    assert first["update_share"] is None and 0 < last["update_share"] <= 1
    assert last["two_time"]["subspace_overlap"].shape == (5,)
    assert report["null_model"]["mean_ipr"]["count"] == 3


def test_undetermined_numbers_are_nan_in_arrays_and_none_alone():
    # Zero weights: all samples have the same logits, and only the last biases have curvature, with rank 2 for 3 classes.
    start = numpy.concatenate([numpy.zeros(56), [0.0, 1.0, -1.0]])
    report = eigendrift.run(EXPERIMENT, initial_parameters=start, activation="relu", leading=3, steps=0)
    (checkpoint,) = report["checkpoints"]
    assert numpy.isnan(checkpoint["leading_ipr"]).tolist() == [False, False, True]
    assert [row is None for row in checkpoint["group_mass"]] == [False, False, True]
    assert numpy.isnan(report["subspace_overlap"]).all() and report["subspace_overlap"].shape == (1, 1)
    assert checkpoint["gradient_share"] is None


def test_the_experiment_of_a_report_gives_the_same_bits():
    report = eigendrift.run(EXPERIMENT, seed=5, optimizer={"name": "adam"})
    again = eigendrift.run(report["experiment"])
    assert plain(again) == plain(report)
    assert plain(report)["checkpoints"][-1]["parameters"] != plain(report)["checkpoints"][0]["parameters"]


def test_it_is_what_the_native_program_prints(native):
    experiment = {
        "data": {"name": "moons", "samples": 60},
        "hidden": [6],
        "steps": 60,
        "checkpoint_every": 20,
        "optimizer": {"name": "adam"},
        "null_model": {"kind": "block_gaussian", "samples": 3},
    }
    printed = native("run", json.dumps(experiment)).stdout
    assert plain(eigendrift.run(experiment)) == plain(eigendrift.run(experiment, jobs=1)) == json.loads(printed)


def test_divergence_is_part_of_the_report():
    report = eigendrift.run(EXPERIMENT, loss_function="mean_squared_error", optimizer={"name": "sgd", "learning_rate": 1e6})
    assert report["diverged"].startswith("training diverged at step ")
    assert 1 <= len(report["checkpoints"]) < 5


def test_progress_is_reported_up_to_the_last_step():
    reported = []
    eigendrift.run(EXPERIMENT, progress=lambda done, total: reported.append((done, total)))
    assert reported[-1] == (100, 100) and reported == sorted(reported) and {total for _, total in reported} == {100}


def test_a_bar_shows_progress(capsys):
    eigendrift.run(EXPERIMENT, progress=True)
    assert "100/100" in capsys.readouterr().err
    eigendrift.run(EXPERIMENT)
    eigendrift.run(EXPERIMENT, progress=False)
    assert capsys.readouterr().err == ""


def test_without_tqdm_there_is_a_warning(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    with pytest.warns(UserWarning, match="tqdm is not installed"):
        assert eigendrift.run(EXPERIMENT, steps=1, progress=True)["diverged"] is None


def test_what_progress_raises_ends_the_run():
    class Enough(Exception):
        pass

    def stop(done, total):
        raise Enough

    with pytest.raises(Enough):
        eigendrift.run(steps=10_000_000, checkpoint_every=10_000, progress=stop)
    with pytest.raises(TypeError, match="progress"):
        eigendrift.run(EXPERIMENT, progress=5)
