"""What is wrong is a ValueError with the sentence of the native program, or one that names the field."""

import json

import numpy
import pytest
from reference import plain, random_case

import eigendrift

CASE = random_case("tanh", "cross_entropy", layers=(3, 4, 2), samples=5)

# Of a case or experiment, and the field that its sentence must begin with.
WRONG_CASES = [
    ({"activation": "tan"}, "activation"),
    ({"layers": [3, 4, -2]}, "layers[2]"),
    ({"layers": [3, 4.5, 2]}, "layers[1]"),
    ({"layers": [2, 4, 2]}, "parameters"),
    ({"parameters": CASE["parameters"][:-1]}, "parameters"),
    ({"inputs": CASE["inputs"][:, :2]}, "inputs"),
    ({"inputs": CASE["inputs"][0]}, "inputs[0]"),
    ({"inputs": CASE["inputs"][:0]}, "inputs"),
    ({"labels": CASE["labels"] + 5}, "labels"),
    ({"labels": CASE["labels"] - 9}, "labels[0]"),
    ({"labels": CASE["labels"][1:]}, "labels"),
    ({"labels": CASE["labels"] + 0.5}, "labels[0]"),
    ({"leading": 0}, "leading"),
    ({"leading": True}, "leading"),
    ({"label_smoothing": 1.0}, "label_smoothing"),
    ({"label_smoothing": "much"}, "label_smoothing"),
    ({"parameters": CASE["parameters"] * 1e200, "activation": "identity"}, ""),
]
WRONG_EXPERIMENTS = [
    ({"stepz": 5}, "stepz"),
    ({"steps": -1}, "steps"),
    ({"steps": 2**70}, "steps"),
    ({"optimizer": {"name": "adam", "learning_rate": -1}}, "optimizer.learning_rate"),
    ({"optimizer": {"name": "sgd", "beta1": 0.5}}, "optimizer.beta1"),
    ({"data": {"name": "moon"}}, "data.name"),
    ({"data": {"inputs": [[1.0], [2.0, 3.0]], "labels": [0, 1]}}, "data.inputs"),
    ({"initial_parameters": [0.0, 1.0]}, "initial_parameters"),
    ({"changes": [{"step": 1}]}, "changes[0]"),
    ({"seed": 2**53}, "seed"),
    ({"null_model": {"kind": "none"}}, "null_model.kind"),
]
WRONG_ENSEMBLES = [
    ({"seed_count": 0}, "seed_count"),
    ({"a": {"name": "adam", "beta2": 2}}, "a"),
    ({"experiment": {"hidden": [3], "leading": 0}}, "experiment.leading"),
    ({"seeds": 4}, "seeds"),
]


def shown(changes):
    return json.dumps(plain(changes))[:60]


def check(function, command, record, field, native):
    with pytest.raises(ValueError) as error:
        function(record)
    sentence = str(error.value)
    assert sentence.startswith(f"{field}: " if field else "")
    printed = native(command, json.dumps(plain(record)))
    assert printed.returncode == 2 and printed.stderr == f"{sentence}\n"


@pytest.mark.parametrize("changes, field", WRONG_CASES, ids=lambda value: shown(value))
def test_sentences_about_a_case_are_the_native_program_s(changes, field, native):
    check(eigendrift.analyze, "analyze", {**CASE, **changes}, field, native)


@pytest.mark.parametrize("field", ["layers", "activation", "loss_function", "inputs", "labels", "parameters"])
def test_a_missing_field_is_named(field, native):
    check(eigendrift.analyze, "analyze", {name: value for name, value in CASE.items() if name != field}, field, native)


@pytest.mark.parametrize("changes, field", WRONG_EXPERIMENTS, ids=lambda value: shown(value))
def test_sentences_about_an_experiment_are_the_native_program_s(changes, field, native):
    check(eigendrift.run, "run", changes, field, native)
    with pytest.raises(ValueError):
        eigendrift.run(**changes)


@pytest.mark.parametrize("changes, field", WRONG_ENSEMBLES, ids=lambda value: shown(value))
def test_sentences_about_an_ensemble_are_the_native_program_s(changes, field, native):
    check(eigendrift.ensemble, "ensemble", changes, field, native)


# What JSON cannot hold.
cyclic = []
cyclic.append(cyclic)
ONLY_IN_PYTHON = [
    ({"inputs": numpy.where(numpy.arange(15).reshape(5, 3) == 4, numpy.nan, CASE["inputs"])}, "inputs: "),
    ({"parameters": numpy.where(numpy.arange(26) == 3, numpy.inf, CASE["parameters"])}, "parameters: "),
    ({"inputs": CASE["inputs"] + 1j}, "inputs[0][0]: must consist of numbers, texts, "),
    ({"labels": {1, 2}}, "labels: must consist of numbers, texts, True, False, None, lists, dicts and arrays, not of type set"),
    ({"inputs": [[1.0, object(), 2.0]]}, "inputs[0][1]: must consist of "),
    ({"inputs": cyclic}, "inputs[0]"),
    ({"activation": b"tanh"}, "activation: must consist of "),
    ({"spectrum": {1: 2}}, "spectrum: has the key 1; keys must be texts"),
]


@pytest.mark.parametrize("changes, beginning", ONLY_IN_PYTHON, ids=lambda value: str(value)[:30])
def test_what_json_cannot_hold_is_named(changes, beginning):
    with pytest.raises(ValueError) as error:
        eigendrift.analyze({**CASE, **changes})
    assert str(error.value).startswith(beginning)


def test_what_is_no_record_is_refused():
    for function, name in ((eigendrift.analyze, "case"), (eigendrift.run, "experiment"), (eigendrift.ensemble, "ensemble")):
        with pytest.raises(ValueError, match=f"^{name}: must be an object, not a list$"):
            function([1.0])
        with pytest.raises(ValueError, match=f"^{name}: must be an object, not "):
            function("spirals")


@pytest.mark.parametrize("jobs", [0, -1, 65_536, 1.5, "two"])
def test_a_number_of_threads_is_checked(jobs):
    with pytest.raises(ValueError, match="^jobs: must be a whole number from 1 to 65535, not "):
        eigendrift.analyze(CASE, jobs=jobs)


def test_an_exception_of_an_array_s_own_code_is_passed_on():
    class Strange:
        def __array__(self):
            raise RuntimeError("no array today")

    with pytest.raises(RuntimeError, match="no array today"):
        eigendrift.analyze(CASE, inputs=Strange())
