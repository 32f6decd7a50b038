"""The peers that scripts/bench compares with: native torch, jax and LAPACK on one thread, one stage at a time.

Follows the same protocol as benches/stages.rs: `size 2-12-12-3 300` or `network 64-128-10 1797`, then `time STAGE REPETITIONS`,
answered by milliseconds per repetition and, for eigenpairs, the number of Hessian-vector products.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
# Left by some machines for older OpenBLAS builds; they would slow the peer down.
os.environ.pop("OPENBLAS_CORETYPE", None)
os.environ.pop("OPENBLAS_L2_SIZE", None)

import pathlib
import sys
import time
import warnings

import jax
import jax.numpy as jnp
import numpy
import scipy.linalg
import scipy.sparse.linalg
import torch

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
warnings.filterwarnings("ignore", module="torch")  # torch.func.linearize warns of its own parts
DIGITS = pathlib.Path(__file__).parent.parent / "tests" / "data" / "digits.csv"
LEADING, RESIDUAL, TRAINED = 10, 1e-10, 200


def unpack(theta, layers):
    """Weight matrix and bias of every layer, in the order of parameters_to_vector."""
    at = 0
    for inputs, outputs in zip(layers, layers[1:]):
        weights = theta[at : at + inputs * outputs].reshape(outputs, inputs)
        at += inputs * outputs
        yield weights, theta[at : at + outputs]
        at += outputs


def parameter_count(layers):
    return sum((a + 1) * b for a, b in zip(layers, layers[1:]))


def torch_loss_of(layers, x, y):
    """θ ↦ mean cross-entropy of the tanh network on the samples x with labels y."""

    def loss(parameters):
        a = x
        for weights, bias in unpack(parameters, layers):
            z = a @ weights.T + bias
            a = torch.tanh(z)
        return torch.nn.functional.cross_entropy(z, y)

    return loss


def jax_loss_of(layers, x, y):
    x, y = jnp.asarray(x), jnp.asarray(y)

    def loss(parameters):
        a = x
        for weights, bias in unpack(parameters, layers):
            z = a @ weights.T + bias
            a = jnp.tanh(z)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))

    return loss


def lapack_leading(matrix, leading):
    """All eigenvalues and the leading eigenvectors after one reduction to tridiagonal form."""
    count = len(matrix)
    h, d, e, tau, _ = scipy.linalg.lapack.dsytrd(matrix, lower=1, lwork=32 * count)
    scipy.linalg.eigvalsh_tridiagonal(d, e, lapack_driver="sterf")
    select = (count - leading, count - 1)
    _, v = scipy.linalg.eigh_tridiagonal(d, e, select="i", select_range=select, lapack_driver="stemr")
    v = numpy.asfortranarray(v)
    v[1:], _, _ = scipy.linalg.lapack.dormqr("L", "N", h[1:, :-1], tau, v[1:], 32 * leading)
    return v


def digits(samples):
    """The first images, of 8 × 8 pixels from 0 to 1, and their classes."""
    rows = numpy.loadtxt(DIGITS, delimiter=",", skiprows=1, max_rows=samples)
    return rows[:, :-1] / 16, rows[:, -1].astype(int)


def size(layers, samples):
    rng = numpy.random.default_rng(1)
    if layers[0] == 64:
        x, y = digits(samples)
    else:
        x = rng.normal(size=(samples, layers[0]))
        y = numpy.arange(samples) % layers[-1]
    theta = rng.normal(size=parameter_count(layers)) / numpy.sqrt(layers[0])

    torch_hessian = torch.func.hessian(torch_loss_of(layers, torch.tensor(x), torch.tensor(y)))
    torch_theta = torch.tensor(theta)
    jax_hessian = jax.jit(jax.hessian(jax_loss_of(layers, x, y)))
    jax_theta = jnp.asarray(theta)
    matrix = numpy.asfortranarray(torch_hessian(torch_theta).numpy())
    difference = numpy.abs(matrix - numpy.asarray(jax_hessian(jax_theta))).max()
    assert difference < 1e-12, f"torch and jax differ by {difference}"

    def lapack():
        return lapack_leading(matrix, LEADING)

    v = lapack()
    assert numpy.abs(v.T @ v - numpy.eye(10)).max() < 1e-10
    assert numpy.abs(matrix @ v - v * numpy.sum(v * (matrix @ v), 0)).max() < 1e-10

    def torch_checkpoint():
        torch_hessian(torch_theta)
        lapack()

    return {
        "torch": lambda: torch_hessian(torch_theta),
        "jax": lambda: jax_hessian(jax_theta).block_until_ready(),
        "lapack": lapack,
        "lapack_full": lambda: numpy.linalg.eigh(matrix),
        "torch_checkpoint": torch_checkpoint,
    }


def trained(layers, loss):
    """A Xavier start, trained on all samples by Adam."""
    generator = torch.Generator().manual_seed(1)
    theta = torch.zeros(parameter_count(layers))
    for (weights, _), n, m in zip(unpack(theta, layers), layers, layers[1:]):
        weights.copy_((2 * torch.rand(m, n, generator=generator) - 1) * (6 / (n + m)) ** 0.5)
    theta.requires_grad_()
    optimizer = torch.optim.Adam([theta], lr=0.01)
    for _ in range(TRAINED):
        optimizer.zero_grad()
        loss(theta).backward()
        optimizer.step()
    return theta.detach()


def network(layers, samples):
    """What is computed without the matrix, on the first digits."""
    x, y = digits(samples)
    loss = torch_loss_of(layers, torch.tensor(x), torch.tensor(y))
    theta = trained(layers, loss)
    gradient = torch.func.grad(loss)
    count = len(theta)
    v = torch.randn(count, generator=torch.Generator().manual_seed(2))

    def product(v):
        return torch.func.jvp(gradient, (theta,), (v,))[1]

    _, linearized = torch.func.linearize(gradient, theta)
    jax_gradient = jax.grad(jax_loss_of(layers, x, y))
    jax_theta, jax_v = jnp.asarray(theta.numpy()), jnp.asarray(v.numpy())
    # θ is an argument: as a constant, jax would fold what depends on it alone while it compiles.
    jax_product = jax.jit(lambda theta, v: jax.jvp(jax_gradient, (theta,), (v,))[1])
    expected = product(v)
    for other in (linearized(v), torch.tensor(numpy.asarray(jax_product(jax_theta, jax_v)))):
        assert (other - expected).norm() < 1e-12 * expected.norm()

    def pairs(product):
        calls = 0

        def counted(v):
            nonlocal calls
            calls += 1
            return product(torch.from_numpy(v.reshape(-1))).numpy()

        operator = scipy.sparse.linalg.LinearOperator((count, count), matvec=counted, dtype=numpy.float64)
        values, vectors = scipy.sparse.linalg.eigsh(operator, LEADING, which="LA", tol=RESIDUAL)
        return values, vectors, calls

    values, vectors, _ = pairs(product)
    residuals = [(product(torch.tensor(v)) - x * torch.tensor(v)).norm().item() for x, v in zip(values, vectors.T)]
    assert max(residuals) <= RESIDUAL * values[-1]
    return {
        "product": lambda: product(v),
        "linearized": lambda: linearized(v),
        "jax": lambda: jax_product(jax_theta, jax_v).block_until_ready(),
        "pairs": lambda: pairs(product)[2],
        "pairs_linearized": lambda: pairs(torch.func.linearize(gradient, theta)[1])[2],
    }


def seed(layers, samples):
    """The runs of one seed of an ensemble with the native program's defaults: SGD, Adam, and Adam in a rotated basis."""
    steps, every, batch, leading, null_samples = 2000, 50, 32, 5, 20
    rng = numpy.random.default_rng(1)
    x = torch.tensor(rng.normal(size=(samples, layers[0])))
    y = torch.tensor(numpy.arange(samples) % layers[-1])
    hessian = torch.func.hessian(torch_loss_of(layers, x, y))
    count = parameter_count(layers)
    basis = torch.linalg.qr(torch.tensor(rng.normal(size=(count, count))))[0]

    def spectrum(theta):
        return lapack_leading(numpy.asfortranarray(hessian(theta).numpy()), leading)

    def run(optimizer, rates, basis=None):
        theta = torch.tensor(rng.normal(size=count) / numpy.sqrt(layers[0]))
        coordinates = (theta if basis is None else basis @ theta).requires_grad_()
        optimizer = optimizer([coordinates], **rates)
        kept = []
        order = []
        for step in range(steps + 1):
            if step % every == 0:
                theta = coordinates.detach() if basis is None else basis.T @ coordinates.detach()
                v = spectrum(theta)
                for earlier in kept:
                    (v.T @ earlier) ** 2
                kept.append(v)
            if len(order) < batch:
                order = torch.randperm(samples)
            some, order = order[:batch], order[batch:]
            loss = torch_loss_of(layers, x[some], y[some])
            optimizer.zero_grad()
            loss(coordinates if basis is None else basis.T @ coordinates).backward()
            optimizer.step()

    def all_runs():
        run(torch.optim.SGD, {"lr": 0.1})
        run(torch.optim.Adam, {"lr": 0.01})
        run(torch.optim.Adam, {"lr": 0.01}, basis)
        for _ in range(null_samples):
            spectrum(torch.tensor(rng.normal(size=count) / numpy.sqrt(layers[0])))

    return {"seed": all_runs}


stages = {}
for line in sys.stdin:
    match line.split():
        case ["time", stage, repetitions]:
            start = time.perf_counter()
            for _ in range(int(repetitions)):
                work = stages[stage]()
            milliseconds = 1e3 * (time.perf_counter() - start) / int(repetitions)
            print(milliseconds, work if isinstance(work, int) else 0, flush=True)
        case [("size" | "network" | "seed") as command, layers, samples]:
            prepare = {"size": size, "network": network, "seed": seed}[command]
            stages = prepare([int(n) for n in layers.split("-")], int(samples))
            print("0 0", flush=True)
