"""Networks in safetensors files as PyTorch and Keras keep them, by torch and the safetensors package.

    pip install torch==2.15.0 numpy safetensors==0.8.0
    python networks.py               # writes networks/*.safetensors, networks/data.csv and networks/expected.json

What each file has to be read as is taken from the very numbers that were written, as float64, in the order of θ: per layer the
weight matrix (outputs × inputs) row by row, then the bias. Loss, logits and the largest eigenvalues of the Hessian on data.csv
are those of torch.func in float64.
"""

import json
import pathlib

import numpy
import safetensors.numpy
import safetensors.torch
import torch

OUT = pathlib.Path(__file__).parent / "networks"
ACTIVATIONS = {"tanh": torch.nn.Tanh, "silu": torch.nn.SiLU, "relu": torch.nn.ReLU}


def sequential(sizes, activation, dtype):
    """Linear, φ, Linear, …: the names of a state_dict are 0, 2, 4, …"""
    parts = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        parts += [torch.nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
    return torch.nn.Sequential(*parts[:-1]).to(dtype)


class Named(torch.nn.Module):
    """Layers whose order no number gives: fc2 and fc10 differ in their numbers alone, sizes place the others."""

    def __init__(self):
        super().__init__()
        self.out = torch.nn.Linear(6, 3)
        self.fc10 = torch.nn.Linear(6, 6)
        self.fc2 = torch.nn.Linear(6, 6)
        self.entry = torch.nn.Linear(5, 6)

    def in_order(self):
        return [self.entry, self.fc2, self.fc10, self.out]


def theta(linear):
    """θ of linear layers in their order."""
    return torch.cat([torch.cat([layer.weight.double().flatten(), layer.bias.double()]) for layer in linear]).tolist()


def analysis(layers, activation, parameters, inputs, labels):
    """Loss, logits and the three largest eigenvalues by torch.func."""
    phi = ACTIVATIONS[activation]()

    def logits(p):
        x, at = inputs, 0
        for l, (n, m) in enumerate(zip(layers, layers[1:])):
            w = p[at : at + n * m].reshape(m, n)
            b = p[at + n * m : at + n * m + m]
            at += n * m + m
            x = x @ w.T + b
            if l + 2 < len(layers):
                x = phi(x)
        return x

    p = torch.tensor(parameters, dtype=torch.float64)
    loss = lambda p: torch.nn.functional.cross_entropy(logits(p), labels)
    eigenvalues = torch.linalg.eigvalsh(torch.func.hessian(loss)(p)).flip(0)
    return {"loss": loss(p).item(), "logits": logits(p).tolist(), "leading_eigenvalues": eigenvalues[:3].tolist()}


def main():
    torch.manual_seed(5)
    OUT.mkdir(exist_ok=True)
    inputs = torch.randn(20, 5, dtype=torch.float64)
    labels = torch.arange(20) % 3
    rows = [",".join([*map(repr, x.tolist()), str(y.item())]) for x, y in zip(inputs, labels)]
    (OUT / "data.csv").write_text("a,b,c,d,e,class\n" + "\n".join(rows) + "\n")
    expected = {}

    def record(name, layers, activation, parameters, is_named):
        expected[name] = {"layers": layers, "activation": activation, "is_named": is_named, "parameters": parameters}
        expected[name] |= analysis(layers, activation, parameters, inputs, labels)

    # All widths alike, and more than ten parts: only the numbers give the order, and as numbers.
    for name, dtype, activation in [
        ("torch_f64", torch.float64, "tanh"),
        ("torch_f32", torch.float32, "silu"),
        ("torch_f16", torch.float16, "tanh"),
        ("torch_bf16", torch.bfloat16, "relu"),
    ]:
        layers = [5, 5, 5, 5, 5, 5, 5, 3]
        network = sequential(layers, activation, dtype)
        metadata = {"activation": activation, "loss_function": "cross_entropy"} if dtype == torch.float32 else None
        safetensors.torch.save_file(network.state_dict(), OUT / f"{name}.safetensors", metadata)
        record(name, layers, activation, theta(network[::2]), metadata is not None)

    named = Named()
    safetensors.torch.save_file(named.state_dict(), OUT / "torch_named.safetensors")
    record("torch_named", [5, 6, 6, 6, 3], "tanh", theta(named.in_order()), False)

    # Keras: f(x) = x K + b with K inputs × outputs, layers dense, dense_1, dense_2.
    random = numpy.random.default_rng(7)
    layers, tensors, parameters = [5, 4, 4, 3], {}, []
    for l, (n, m) in enumerate(zip(layers, layers[1:])):
        name = "dense" if l == 0 else f"dense_{l}"
        kernel, bias = (random.standard_normal(size).astype(numpy.float32) for size in ((n, m), m))
        tensors |= {f"sequential/{name}/kernel:0": kernel, f"sequential/{name}/bias:0": bias}
        parameters += kernel.T.astype(float).flatten().tolist() + bias.astype(float).tolist()
    safetensors.numpy.save_file(tensors, OUT / "keras_f32.safetensors")
    record("keras_f32", layers, "tanh", parameters, False)

    (OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
