"""Types: those of the records are what their schemas say, the package is typed, and stubs are what there is."""

import collections.abc
import inspect
import pathlib
import subprocess
import sys
import types
import typing

import numpy

import eigendrift
from eigendrift import _eigendrift, records

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent

USE = """
import numpy
import eigendrift
analysis = eigendrift.analyze(
    layers=[2, 2], activation="tanh", loss_function="cross_entropy", inputs=numpy.ones((3, 2)), labels=[0, 1, 1],
    parameters=numpy.zeros(6),
)
reveal_type(analysis["gradient"])
experiment: eigendrift.Experiment = {"steps": 5, "optimizer": {"name": "adam"}, "null_model": None}
reveal_type(eigendrift.run(experiment)["checkpoints"][0]["leading_ipr"])
eigendrift.analyze({"layers": [2, 2]}, activation="tangent")
wrong: eigendrift.Experiment = {"step": 5}
"""


def test_the_types_of_records_are_what_their_schemas_say():
    sys.path.insert(0, str(PROJECT))
    try:
        import write_records
    finally:
        sys.path.pop(0)
    assert write_records.records() == pathlib.Path(records.__file__).read_text(encoding="utf-8")


def fits(value, kind):
    """Whether a value handed out is of a type of `records`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.NotRequired:
        return fits(value, arguments[0])
    if origin in (types.UnionType, typing.Union):
        return any(fits(value, argument) for argument in arguments)
    if origin is typing.Literal:
        return value in arguments
    if origin is dict:
        return isinstance(value, dict) and all(fits(entry, arguments[1]) for entry in value.values())
    if kind in (records.Vector, records.Matrix):
        dimensions = 1 if kind == records.Vector else 2
        if isinstance(value, numpy.ndarray):
            return value.ndim == dimensions and value.dtype == numpy.float64
        return value == [] and isinstance(value, list)
    if origin is list or origin is collections.abc.Sequence:
        return isinstance(value, list) and all(fits(entry, arguments[0]) for entry in value)
    if typing.is_typeddict(kind):
        # With the types that are written as texts.
        fields = typing.get_type_hints(kind, include_extras=True)
        required = {name for name, field in fields.items() if typing.get_origin(field) is not typing.NotRequired}
        assert required <= set(value) <= set(fields), (kind, set(value) ^ set(fields))
        for name, entry in value.items():
            assert fits(entry, fields[name]), (kind, name, entry)
        return True
    if kind in (types.NoneType, None):
        return value is None
    if origin is not None or kind is typing.Any:
        return hasattr(value, "dtype")
    return type(value) is kind or kind is float and type(value) is int


def test_what_is_handed_out_is_of_its_type():
    small = {"hidden": [4], "steps": 40, "checkpoint_every": 20, "leading": 2, "data": {"name": "blobs", "samples": 30}}
    run = {**small, "null_model": {"kind": "goe", "samples": 2}, "test_share": 0.2, "optimizer": {"name": "adam"}}
    report = eigendrift.run(run)
    assert fits(report, records.Report)
    assert fits(eigendrift.run(run, spectrum="leading"), records.Report)
    case = {**report["experiment"], "layers": report["layers"], "parameters": report["checkpoints"][0]["parameters"]}
    data = {"inputs": [[0.0] * report["layers"][0]], "labels": [0]}
    for spectrum in ("full", "leading"):
        assert fits(eigendrift.analyze({**case, **data, "spectrum": spectrum, "leading": 2}), records.Analysis)
    assert fits(eigendrift.ensemble(experiment=small, seed_count=2), records.EnsembleReport)


def checked(*arguments):
    return subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, cwd=PROJECT)


def test_the_package_is_typed_throughout():
    found = checked("mypy")
    assert found.returncode == 0, found.stdout


def test_the_compiled_module_is_as_its_stub_says():
    found = checked("mypy.stubtest", "eigendrift._eigendrift")
    assert found.returncode == 0, found.stdout


def test_checkers_see_the_types(tmp_path):
    program = tmp_path / "use.py"
    program.write_text(USE)
    printed = checked("mypy", "--config-file=", str(program)).stdout
    assert printed.count('Revealed type is "numpy.ndarray[tuple[int], numpy.dtype[numpy.float64]]"') == 2, printed
    assert 'Argument "activation" to "analyze" has incompatible type' in printed
    assert 'Extra key "step" for TypedDict "Experiment"' in printed


def test_every_function_says_what_it_takes_and_returns():
    for function in (eigendrift.analyze, eigendrift.run, eigendrift.ensemble, eigendrift.from_torch):
        text = inspect.getdoc(function)
        for name, parameter in inspect.signature(function).parameters.items():
            assert parameter.kind is parameter.VAR_KEYWORD or name in text, name
        assert "Returns:" in text and "Raises:" in text
    assert {"analyze", "run", "ensemble"} <= set(dir(_eigendrift))
