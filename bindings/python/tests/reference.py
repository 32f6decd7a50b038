"""Networks, losses and Hessians in PyTorch, float64, written from their definitions."""

import numpy
import torch

MODULES = {
    "tanh": torch.nn.Tanh,
    "sigmoid": torch.nn.Sigmoid,
    "relu": torch.nn.ReLU,
    "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU,
    "softplus": torch.nn.Softplus,
    "identity": torch.nn.Identity,
}
FUNCTIONS = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "softplus": torch.nn.functional.softplus,
    "sin": torch.sin,
    "identity": lambda z: z,
}


def random_case(activation, loss_function, layers=(3, 4, 4, 3), samples=12, seed=0, **more):
    """A case with normally distributed inputs and parameters."""
    random = numpy.random.default_rng([seed, *activation.encode(), *loss_function.encode()])
    count = sum((n + 1) * m for n, m in zip(layers, layers[1:]))
    return {
        "layers": list(layers),
        "activation": activation,
        "loss_function": loss_function,
        "inputs": random.normal(size=(samples, layers[0])),
        "labels": random.integers(0, layers[-1], samples),
        "parameters": random.normal(scale=0.7, size=count),
        **more,
    }


def logits(case, theta):
    """f(x; θ), N × n_L."""
    layers, a, at = case["layers"], torch.tensor(case["inputs"]), 0
    for l, (n, m) in enumerate(zip(layers, layers[1:])):
        weights = theta[at : at + n * m].reshape(m, n)
        bias = theta[at + n * m : at + (n + 1) * m]
        at += (n + 1) * m
        a = a @ weights.T + bias
        if l < len(layers) - 2:
            a = FUNCTIONS[case["activation"]](a)
    return a


def loss_of_logits(f, labels, loss_function, label_smoothing=0.0):
    labels = torch.as_tensor(labels)
    if loss_function == "cross_entropy":
        return torch.nn.functional.cross_entropy(f, labels, label_smoothing=label_smoothing)
    onehot = torch.nn.functional.one_hot(labels, f.shape[1]).to(f.dtype)
    return 0.5 * ((f - onehot) ** 2).sum(1).mean()


def loss(case, theta):
    """L(θ)."""
    return loss_of_logits(logits(case, theta), case["labels"], case["loss_function"], case.get("label_smoothing", 0.0))


def hessian(case, theta=None):
    """∇²L(θ), P × P."""
    theta = torch.tensor(case["parameters"]) if theta is None else theta
    return torch.func.hessian(lambda theta: loss(case, theta))(theta).numpy()


def gradient(case):
    return torch.func.grad(lambda theta: loss(case, theta))(torch.tensor(case["parameters"])).numpy()


def subspace_gap(eigenvalues, k):
    """The distance from each of the k largest eigenvalues to the nearest other one; `eigenvalues` descend."""
    gaps = -numpy.diff(eigenvalues)
    return numpy.array([min(gaps[max(i - 1, 0) : i + 1]) for i in range(k)])


def plain(value):
    """A record as it is in JSON."""
    if isinstance(value, numpy.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return None if isinstance(value, float) and value != value else value
