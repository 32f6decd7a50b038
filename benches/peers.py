"""The peers that scripts/bench compares with: native torch, jax and LAPACK on one thread, one stage at a time.

Follows the same protocol as benches/stages.rs: `size 2-12-12-3 300`, then `time STAGE REPETITIONS`, answered by milliseconds
per repetition.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
# Left by some machines for older OpenBLAS builds; they would slow the peer down.
os.environ.pop("OPENBLAS_CORETYPE", None)
os.environ.pop("OPENBLAS_L2_SIZE", None)

import sys
import time

import jax
import jax.numpy as jnp
import numpy
import scipy.linalg
import torch

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def unpack(theta, layers):
    """Weight matrix and bias of every layer, in the order of parameters_to_vector."""
    at = 0
    for inputs, outputs in zip(layers, layers[1:]):
        weights = theta[at : at + inputs * outputs].reshape(outputs, inputs)
        at += inputs * outputs
        yield weights, theta[at : at + outputs]
        at += outputs


def size(layers, samples):
    rng = numpy.random.default_rng(1)
    x = rng.normal(size=(samples, layers[0]))
    y = numpy.arange(samples) % layers[-1]
    count = sum((a + 1) * b for a, b in zip(layers, layers[1:]))
    theta = rng.normal(size=count) / numpy.sqrt(layers[0])

    tx, ty = torch.tensor(x), torch.tensor(y)

    def torch_loss(parameters):
        a = tx
        for weights, bias in unpack(parameters, layers):
            z = a @ weights.T + bias
            a = torch.tanh(z)
        return torch.nn.functional.cross_entropy(z, ty)

    torch_hessian = torch.func.hessian(torch_loss)
    torch_theta = torch.tensor(theta)

    jx, jy = jnp.asarray(x), jnp.asarray(y)

    def jax_loss(parameters):
        a = jx
        for weights, bias in unpack(parameters, layers):
            z = a @ weights.T + bias
            a = jnp.tanh(z)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), jy[:, None], 1))

    jax_hessian = jax.jit(jax.hessian(jax_loss))
    jax_theta = jnp.asarray(theta)
    matrix = numpy.asfortranarray(torch_hessian(torch_theta).numpy())
    difference = numpy.abs(matrix - numpy.asarray(jax_hessian(jax_theta))).max()
    assert difference < 1e-12, f"torch and jax differ by {difference}"

    def lapack():
        """All eigenvalues and the ten leading eigenvectors after one reduction to tridiagonal form."""
        h, d, e, tau, _ = scipy.linalg.lapack.dsytrd(matrix, lower=1, lwork=32 * count)
        scipy.linalg.eigvalsh_tridiagonal(d, e, lapack_driver="sterf")
        _, v = scipy.linalg.eigh_tridiagonal(d, e, select="i", select_range=(count - 10, count - 1), lapack_driver="stemr")
        v = numpy.asfortranarray(v)
        v[1:], _, _ = scipy.linalg.lapack.dormqr("L", "N", h[1:, :-1], tau, v[1:], 32 * 10)
        return v

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


stages = {}
for line in sys.stdin:
    match line.split():
        case ["size", layers, samples]:
            stages = size([int(n) for n in layers.split("-")], int(samples))
            print("0 0", flush=True)
        case ["time", stage, repetitions]:
            start = time.perf_counter()
            for _ in range(int(repetitions)):
                stages[stage]()
            print(1e3 * (time.perf_counter() - start) / int(repetitions), 0, flush=True)
