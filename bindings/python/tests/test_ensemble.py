"""`ensemble` against single runs and the native program."""

import json

import numpy
import pytest
from reference import plain

import eigendrift

SHARED = {
    "data": {"name": "moons", "samples": 60},
    "hidden": [5],
    "steps": 60,
    "checkpoint_every": 5,
    "leading": 2,
    "null_model": {"kind": "random_weights", "samples": 2},
}
ENSEMBLE = {
    "experiment": SHARED,
    "a": {"name": "sgd", "learning_rate": 0.1},
    "b": {"name": "adam", "learning_rate": 0.02},
    "rotated": False,
    "first_seed": 4,
    "seed_count": 3,
}


def test_seeds_are_what_single_runs_give():
    found = eigendrift.ensemble(ENSEMBLE)
    assert [seed["seed"] for seed in found["seeds"]] == [4, 5, 6]
    localizes = []
    for seed in found["seeds"]:
        ipr = {}
        for member in ("a", "b"):
            report = eigendrift.run(SHARED, optimizer=ENSEMBLE[member], seed=seed["seed"])
            checkpoints, summary = report["checkpoints"], seed[member]
            for field in ("loss", "accuracy"):
                assert summary[field].tolist() == [checkpoint[field] for checkpoint in checkpoints]
            assert numpy.isnan(summary["test_loss"]).all()
            values = numpy.array([checkpoint["leading_eigenvalues"] for checkpoint in checkpoints]).T
            # The k largest are found by another method than all of them: both are exact to some ε ‖H‖.
            assert summary["leading_eigenvalues"].shape == (2, 13)
            assert abs(summary["leading_eigenvalues"] - values).max() < 1e-12 * abs(values).max()
            ipr[member] = numpy.array([numpy.nanmean(checkpoint["leading_ipr"]) for checkpoint in checkpoints])
            assert abs(summary["mean_ipr"] - ipr[member]).max() < 1e-8
        # The geometric mean over the last fifth of the checkpoints.
        localizes.append(numpy.exp(numpy.log(ipr["b"] / ipr["a"])[-2:].mean()))
    claims = {claim["name"]: claim for claim in found["claims"]}
    values = [value["value"] for value in claims["b_localizes"]["per_seed"]]
    assert claims["b_localizes"]["unit"] == "factor" and abs(numpy.array(values) - localizes).max() < 1e-6
    assert abs(claims["b_localizes"]["estimate"] - numpy.exp(numpy.log(localizes).mean())) < 1e-6
    assert [curve["run"] for curve in found["curves"]] == ["a", "b"]
    loss = [numpy.mean([seed["a"]["loss"][t] for seed in found["seeds"]]) for t in range(13)]
    assert abs(found["curves"][0]["loss"]["mean"] - loss).max() < 1e-14


def test_it_depends_neither_on_threads_nor_on_the_program(native):
    printed = json.loads(native("ensemble", json.dumps(ENSEMBLE)).stdout)
    one, two = (plain(eigendrift.ensemble(ENSEMBLE, jobs=jobs)) for jobs in (1, 2))
    assert one == two == printed


def test_a_rotated_basis_and_other_fields_by_keywords():
    found = eigendrift.ensemble(ENSEMBLE, rotated=True, seed_count=1, pairing="rank")
    assert len(found["seeds"]) == 1 and found["seeds"][0]["rotated"]["steps"] == list(range(0, 61, 5))
    assert sorted(found["claims_by_pairing"]) == ["subspace", "tracked"]
    assert found["ensemble"]["pairing"] == "rank"


def test_progress_is_reported_up_to_the_last_run():
    reported = []
    eigendrift.ensemble(ENSEMBLE, progress=lambda done, total: reported.append((done, total)))
    assert reported[-1] == (6, 6) and reported == sorted(set(reported))


def test_a_failing_run_is_named_with_its_seed():
    with pytest.raises(ValueError, match=r"^experiment\.steps: is "):
        eigendrift.ensemble(ENSEMBLE, experiment={**SHARED, "steps": 10**9})
    with pytest.raises(ValueError, match="^seed 4: hidden"):
        eigendrift.ensemble(ENSEMBLE, experiment={**SHARED, "hidden": [0]}, jobs=1)
