"""`analyze` against torch.func.hessian and LAPACK, and how it reads and hands out arrays."""

import json

import numpy
import pytest
import torch
from reference import FUNCTIONS, gradient, hessian, logits, loss, plain, random_case, subspace_gap

import eigendrift

LOSSES = ["cross_entropy", "mean_squared_error"]

# Both programs add a few hundred products of numbers of order 1 to an entry of H, in different orders: the difference is
# about 1e2 · ε ≈ 2e-14 in units of ‖H‖, which is below 1e2 here.
CLOSE = 1e-12


@pytest.mark.parametrize("loss_function", LOSSES)
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_everything_is_what_torch_and_lapack_give(activation, loss_function):
    smoothing = 0.1 if loss_function == "cross_entropy" else 0.0
    for seed in range(3):
        case = random_case(activation, loss_function, seed=seed, label_smoothing=smoothing)
        found = eigendrift.analyze(case)
        theta = torch.tensor(case["parameters"])
        h = hessian(case)
        assert abs(found["loss"] - loss(case, theta).item()) < CLOSE
        assert abs(found["logits"] - logits(case, theta).numpy()).max() < CLOSE
        assert abs(found["gradient"] - gradient(case)).max() < CLOSE
        assert abs(found["hessian_rows"] - h).max() < CLOSE * max(1, abs(h).max())

        eigenvalues, vectors = numpy.linalg.eigh(h)
        eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1].T
        scale = abs(eigenvalues).max()
        # Weyl: an eigenvalue moves by at most the norm of what is added to H.
        assert abs(found["eigenvalues_descending"] - eigenvalues).max() < CLOSE * scale
        assert abs(found["trace"] - numpy.trace(h)) < CLOSE * scale * len(h)
        gaps = subspace_gap(eigenvalues, 5)
        compared = 0
        for i in range(5):
            # Davis and Kahan: a vector turns by at most that norm over the gap, and IPR changes by at most 4 times as much.
            turned = CLOSE * scale / gaps[i]
            if turned < 1e-6:
                sign = numpy.sign(vectors[i] @ found["leading_eigenvectors"][i])
                assert numpy.linalg.norm(sign * found["leading_eigenvectors"][i] - vectors[i]) < 2 * turned
                assert abs(found["leading_ipr"][i] - (vectors[i] ** 4).sum()) < 8 * turned
                compared += 1
        assert compared >= 3


def test_sequences_of_floats_are_arrays_and_others_are_lists():
    case = random_case("tanh", "cross_entropy")
    found = eigendrift.analyze(case, leading=4)
    count = len(case["parameters"])
    shapes = {
        "gradient": (count,),
        "logits": (12, 3),
        "hessian_rows": (count, count),
        "eigenvalues_descending": (count,),
        "leading_eigenvalues": (4,),
        "leading_eigenvectors": (4, count),
        "leading_ipr": (4,),
    }
    for field, shape in shapes.items():
        assert isinstance(found[field], numpy.ndarray) and found[field].dtype == numpy.float64
        assert found[field].shape == shape and found[field].flags.c_contiguous and found[field].flags.writeable
    assert found["determination"]["directions"] == [True] * 4
    assert type(found["loss"]) is float and found["spectrum"] == "full"


def test_an_undetermined_direction_has_no_ipr():
    # Of a network whose hidden units are dead only the last biases have curvature: rank 1 for two classes.
    case = random_case("relu", "cross_entropy", layers=(2, 3, 2))
    case["parameters"] = numpy.concatenate([numpy.zeros(6), numpy.full(3, -1.0), case["parameters"][9:]])
    found = eigendrift.analyze(case, leading=3)
    assert numpy.isfinite(found["leading_ipr"]).tolist() == [True, False, False]
    assert found["determination"]["directions"] == [True, False, False]
    # (v_1 is (1, −1)/√2 on the two biases.)
    assert abs(found["leading_ipr"][0] - 0.5) < 1e-12


def test_no_other_eigenvalue_is_none():
    found = eigendrift.analyze(random_case("tanh", "cross_entropy", layers=(1, 2)), leading=4)
    assert found["next_eigenvalue"] is None


@pytest.mark.parametrize(
    "convert",
    [
        lambda rows: rows.tolist(),
        lambda rows: [tuple(row) for row in rows.tolist()],
        list,
        numpy.asfortranarray,
        lambda rows: numpy.repeat(rows, 2, axis=0)[::2],
        torch.tensor,
        lambda rows: [torch.tensor(row) for row in rows],
        lambda rows: [[numpy.float64(x) for x in row] for row in rows],
        lambda rows: rows.astype(object),
    ],
)
def test_numbers_may_come_in_any_container(convert):
    case = random_case("tanh", "cross_entropy")
    expected = eigendrift.analyze(case)["hessian_rows"]
    assert (eigendrift.analyze(case, inputs=convert(case["inputs"]))["hessian_rows"] == expected).all()


@pytest.mark.parametrize("kind", ["uint8", "int32", "int64", "uint64", "float32", "float64", "object"])
def test_whole_numbers_may_be_of_any_kind(kind):
    case = random_case("tanh", "cross_entropy")
    expected = eigendrift.analyze(case)["hessian_rows"]
    layers = numpy.array(case["layers"], dtype=kind)
    found = eigendrift.analyze(case, layers=layers, labels=case["labels"].astype(kind), leading=layers[1])
    assert (found["hessian_rows"] == expected).all() and len(found["leading_ipr"]) == 4


def test_single_precision_is_cast_exactly():
    case = random_case("tanh", "cross_entropy")
    single = {**case, "inputs": case["inputs"].astype("float32"), "parameters": case["parameters"].astype("float32")}
    double = {name: value.astype("float64") if name in ("inputs", "parameters") else value for name, value in single.items()}
    assert (eigendrift.analyze(single)["hessian_rows"] == eigendrift.analyze(double)["hessian_rows"]).all()


def test_keywords_stand_in_place_of_fields():
    case = random_case("tanh", "cross_entropy")
    found = eigendrift.analyze(case, activation="sin", leading=2)
    assert (found["hessian_rows"] == eigendrift.analyze({**case, "activation": "sin"})["hessian_rows"]).all()
    assert len(found["leading_ipr"]) == 2
    assert eigendrift.analyze(**case)["loss"] == eigendrift.analyze(case)["loss"] != found["loss"]
    with pytest.raises(TypeError, match="lable_smoothing"):
        eigendrift.analyze(case, lable_smoothing=0.1)


def test_threads_do_not_change_the_result():
    case = random_case("tanh", "cross_entropy", layers=(10, 20, 20, 4), samples=100)
    one, two = (eigendrift.analyze(case, jobs=jobs)["hessian_rows"] for jobs in (1, 2))
    assert (one == two).all()


def test_it_is_what_the_native_program_prints(native):
    case = random_case("gelu", "cross_entropy", layers=(5, 8, 3), samples=20)
    printed = json.loads(native("analyze", json.dumps(plain(case))).stdout)
    assert plain(eigendrift.analyze(case)) == printed


def test_the_leading_pairs_alone():
    case = random_case("tanh", "cross_entropy", layers=(6, 10, 4), samples=40)
    all_of_it, leading = eigendrift.analyze(case), eigendrift.analyze(case, spectrum="leading")
    assert "hessian_rows" not in leading
    scale = all_of_it["eigenvalues_descending"][0]
    # Lanczos ends when residuals are below about 1e-10 ‖H‖, and the error of an eigenvalue is at most its residual.
    assert abs(leading["leading_eigenvalues"] - all_of_it["eigenvalues_descending"][:5]).max() < 1e-9 * scale
    density = leading["spectral_density"]
    for nodes, weights in zip(density["nodes"], density["weights"]):
        assert nodes.shape == weights.shape and abs(weights.sum() - 1) < 1e-10


def test_a_large_hessian():
    """P = 1,210, H against two products with it by torch, and as one block of memory."""
    case = random_case("tanh", "cross_entropy", layers=(64, 16, 10), samples=50)
    h = eigendrift.analyze(case)["hessian_rows"]
    assert h.shape == (1210, 1210) and h.strides == (8 * 1210, 8)
    theta = torch.tensor(case["parameters"])
    for seed in range(2):
        v = torch.randn(1210, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        _, product = torch.autograd.functional.hvp(lambda theta: loss(case, theta), theta, v)
        assert abs(h @ v.numpy() - product.numpy()).max() < CLOSE * numpy.linalg.norm(h)
