#!/usr/bin/env python3
"""Repeats a run of Eigendrift with PyTorch in float64, and compares the numbers.

The network is a multilayer perceptron, all of whose parameters are one vector θ of P numbers: for each layer its weight matrix
W (outputs × inputs) row by row, then its bias b.

    z_l = W_l a_{l-1} + b_l,   a_l = φ(z_l),   the logits f = z_L               a_0 is the input
    L(θ) = (1/N) Σ_n ℓ(f_n, y_n)
    ℓ = -Σ_c t_c ln softmax(f)_c      cross entropy, t_c = (1 - s) [c = y] + s/C with label smoothing s and C classes
    ℓ = ½ ‖f - onehot(y)‖²            mean squared error

The record of the run holds its start θ_0, data, mini-batches, settings, and what Eigendrift found. From these the run is trained
anew by torch.optim, or by a rule that is written out below. At each checkpoint the Hessian H = ∂²L/∂θ² is computed by
torch.func.hessian and H v = λ v solved by torch.linalg.eigh; with more than 3000 parameters the leading eigenpairs alone are
found by scipy.sparse.linalg.eigsh (ARPACK) from products H v, which are torch.func.jvp of the gradient. Four quantities are
compared:

    loss       L(θ) on all training samples
    λ_i        the k leading eigenvalues, algebraically or by magnitude
    IPR(v_i)   Σ_a v_ia⁴, the inverse participation ratio of each leading eigenvector
    Q_k(s, t)  (1/k) Σ_ij (v_i(s) · v_j(t))², the overlap of the leading subspaces of two checkpoints

How far they may differ. Rounding is amplified by training, and by eigenvectors. With the tolerance ε, 1e-8 unless set:

    loss       ε max(L, 1e-6 L_0), where L_0 is the loss at the start
    λ_i        ε ‖H‖: an error E of H moves an eigenvalue by at most ‖E‖ (Weyl)
    IPR        ε + 4 √2 (Σ_a v_a⁶)^½ ε ‖H‖ / gap: E turns v by at most ‖E‖ / gap, the gap to the nearest other eigenvalue (Davis
               and Kahan), and 4 v³ is the derivative of the IPR
    Q_k        ε + ε ‖H(s)‖ / gap(s) + ε ‖H(t)‖ / gap(t), with the gap between the k leading eigenvalues and the others

Directions and subspaces that H does not determine are not compared: the record has null for them.

It needs Python from 3.9 on, torch from 2.0 on and numpy; beyond 3000 parameters scipy too.
"""

# %% The record: numbers are JSON, long sequences base64 of little-endian float64 ("<f8") or unsigned integers ("<u4")
import argparse
import base64
import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def unpacked(lines, kind):
    """The numbers of a long sequence; None stays None."""
    if lines is None:
        return None
    numbers = np.frombuffer(base64.b64decode("".join(lines)), dtype=kind)
    return torch.from_numpy(numbers.astype(np.float64 if kind == "<f8" else np.int64))


class Run:
    """What the record says, as tensors."""

    def __init__(self, record):
        self.record = record
        self.experiment = record["experiment"]
        self.layers = record["layers"]
        self.labels = torch.tensor(record["labels"])
        self.inputs = unpacked(record["inputs"], "<f8").reshape(-1, self.layers[0])
        self.start = unpacked(record["initial_parameters"], "<f8")
        self.rotation = unpacked(record["rotation"], "<f8")
        if self.rotation is not None:
            self.rotation = self.rotation.reshape(len(self.start), -1)
        self.batches = unpacked(record["batches"], "<u4")
        if self.batches is not None:
            self.batches = self.batches.reshape(-1, record["batch_samples"])
        everything = torch.arange(len(self.labels))
        hessian_samples = unpacked(record["hessian_samples"], "<u4")
        self.hessian_samples = everything if hessian_samples is None else hessian_samples
        self.checkpoints = record["checkpoints"]


# %% The network and its loss
ACTIVATIONS = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "gelu": F.gelu,
    "silu": F.silu,
    # Beyond its threshold, 20 unless set, torch's softplus is the identity.
    "softplus": lambda z: F.softplus(z, threshold=700.0),
    "sin": torch.sin,
    "identity": lambda z: z,
}


def weight_matrices(layers):
    """For each layer: where θ holds its weights, and their shape (outputs, inputs)."""
    start = 0
    for inputs, outputs in zip(layers, layers[1:]):
        yield slice(start, start + outputs * inputs), (outputs, inputs)
        start += outputs * (inputs + 1)


def logits(run, theta, inputs):
    """f, one row for each row of inputs."""
    activation = ACTIVATIONS[run.experiment["activation"]]
    a = inputs
    matrices = list(weight_matrices(run.layers))
    for index, (where, (outputs, width)) in enumerate(matrices):
        bias = theta[where.stop : where.stop + outputs]
        a = a @ theta[where].reshape(outputs, width).T + bias
        if index + 1 < len(matrices):
            a = activation(a)
    return a


def loss(run, theta, inputs, labels):
    """The mean of ℓ over the given samples."""
    f = logits(run, theta, inputs)
    if run.experiment["loss_function"] == "cross_entropy":
        return F.cross_entropy(f, labels, label_smoothing=run.experiment["label_smoothing"])
    return 0.5 * (f - F.one_hot(labels, f.shape[1])).square().sum(1).mean()


def hessian(run, theta):
    """H(θ), P × P. The samples come in portions, as torch.func.hessian keeps P tangents of all activations at a time."""
    samples = run.hessian_samples
    portion = max(1, int(4e7 / (len(theta) * sum(run.layers))))
    total = torch.zeros(len(theta), len(theta))
    for chosen in samples.split(portion):
        inputs, labels = run.inputs[chosen], run.labels[chosen]
        total += len(chosen) * torch.func.hessian(lambda at: loss(run, at, inputs, labels))(theta)
    h = total / len(samples)
    return (h + h.T) / 2


# Up to so many parameters the Hessian is a matrix.
DENSE = 3000


def spectrum(run, theta):
    """All eigenvalues and eigenvectors, or only those with the largest eigenvalues or magnitudes: two more than the k leading
    ones, which tell how far these are from the others."""
    k, by_magnitude = run.experiment["leading"], run.experiment["leading_order"] == "magnitude"
    if len(theta) <= DENSE:
        return torch.linalg.eigh(hessian(run, theta))
    from scipy.sparse.linalg import LinearOperator, eigsh

    inputs, labels = run.inputs[run.hessian_samples], run.labels[run.hessian_samples]
    gradient = torch.func.grad(lambda at: loss(run, at, inputs, labels))

    def product(v):
        return torch.func.jvp(gradient, (theta,), (torch.from_numpy(v.reshape(-1)),))[1].numpy()

    h = LinearOperator((len(theta), len(theta)), matvec=product, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(len(theta))
    values, vectors = eigsh(h, k + 2, which="LM" if by_magnitude else "LA", v0=start)
    return torch.from_numpy(values), torch.from_numpy(vectors.copy())


# %% The optimizer
class Lion(torch.optim.Optimizer):
    """Chen et al. 2023: θ ← (1 - η w) θ - η sign(β₁ m + (1-β₁) g), then m ← β₂ m + (1-β₂) g."""

    def __init__(self, params, lr, betas, weight_decay):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for theta in group["params"]:
                m = self.state[theta].setdefault("momentum", torch.zeros_like(theta))
                theta.mul_(1 - group["lr"] * group["weight_decay"])
                theta.sub_(group["lr"] * torch.sign(beta1 * m + (1 - beta1) * theta.grad))
                m.mul_(beta2).add_((1 - beta2) * theta.grad)


class Muon(torch.optim.AdamW):
    """Jordan et al. 2024: for weight matrices between hidden layers b ← μ b + (1-μ) g, u = (1-μ) g + μ b and
    W ← (1 - η w) W - η √max(1, rows/columns) O(u), where O sends all singular values near 1; AdamW for all else.

    torch.optim.Muon is the same, but iterates in bfloat16.
    """

    def __init__(self, params, layers, momentum, **options):
        super().__init__(params, **options)
        self.hidden = list(weight_matrices(layers))[1:-1]
        self.momentum = momentum
        self.buffers = [torch.zeros(shape) for _, shape in self.hidden]

    @torch.no_grad()
    def step(self):
        group = self.param_groups[0]
        (theta,) = group["params"]
        before, rate, mu = theta.clone(), group["lr"], self.momentum
        super().step()
        for (where, shape), b in zip(self.hidden, self.buffers):
            g = theta.grad[where].reshape(shape)
            b.mul_(mu).add_((1 - mu) * g)
            step = rate * math.sqrt(max(1.0, shape[0] / shape[1])) * orthogonalized((1 - mu) * g + mu * b)
            theta[where] = (1 - rate * group["weight_decay"]) * before[where] - step.flatten()


def orthogonalized(u):
    """Five Newton-Schulz iterations X ← a X + (b X Xᵀ + c (X Xᵀ)²) X from u / ‖u‖."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = u.T if u.shape[0] > u.shape[1] else u
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if u.shape[0] > u.shape[1] else x


def optimizer(run, theta):
    """The rule of the run, on one vector of parameters."""
    settings = run.experiment["optimizer"]
    name, rate, decay = settings["name"], settings["learning_rate"], settings["weight_decay"]
    mu, epsilon = settings.get("momentum", 0.0), settings.get("epsilon")
    betas = (settings.get("beta1"), settings.get("beta2"))
    adam = {"lr": rate, "betas": betas, "eps": epsilon, "weight_decay": decay}
    amsgrad, decoupled = settings.get("amsgrad", False), settings.get("decoupled_weight_decay", False)
    if name in ("sgd", "momentum", "nesterov"):
        nesterov = name == "nesterov" and mu > 0
        return torch.optim.SGD([theta], lr=rate, momentum=mu, weight_decay=decay, nesterov=nesterov)
    if name == "adagrad":
        return torch.optim.Adagrad([theta], lr=rate, eps=epsilon, weight_decay=decay)
    if name == "rmsprop":
        return torch.optim.RMSprop([theta], lr=rate, alpha=settings["alpha"], eps=epsilon, weight_decay=decay)
    if name == "adam" and not decoupled:
        return torch.optim.Adam([theta], amsgrad=amsgrad, **adam)
    if name in ("adam", "adamw"):
        return torch.optim.AdamW([theta], amsgrad=amsgrad, **adam)
    if name == "nadam":
        psi = settings["momentum_decay"]
        return torch.optim.NAdam([theta], momentum_decay=psi, decoupled_weight_decay=decoupled, **adam)
    if name == "adamax":
        return torch.optim.Adamax([theta], **adam)
    if name == "lion":
        return Lion([theta], lr=rate, betas=betas, weight_decay=decay)
    if name == "muon":
        return Muon([theta], run.layers, mu, **adam)
    raise ValueError(f"there is no optimizer {name}")


def learning_rate(run, t):
    """η f(t) of the step after t steps: changes of η or of the schedule apply from their step on."""
    settings = run.experiment["optimizer"]
    rate, schedule = settings["learning_rate"], settings.get("schedule", {"name": "constant"})
    for change in run.experiment.get("changes", []):
        if change["step"] <= t:
            rate, schedule = change.get("learning_rate", rate), change.get("schedule", schedule)
    return rate * schedule_factor(schedule, t)


def schedule_factor(schedule, t):
    """f(t): constant, linear warm-up, half a cosine, or steps downwards."""
    if schedule["name"] == "warmup":
        progress = min(t, schedule["steps"]) / schedule["steps"]
        return 1 - (1 - schedule["start_factor"]) * (1 - progress)
    if schedule["name"] == "cosine":
        last, progress = schedule["final_factor"], min(t, schedule["steps"]) / schedule["steps"]
        return last + (1 - last) * (1 + math.cos(math.pi * progress)) / 2
    if schedule["name"] == "step":
        return schedule["factor"] ** (t // schedule["every"])
    return 1.0


# %% Training
def trained(run, wanted):
    """θ after each number of steps in `wanted`, which ascend.

    In a rotated basis the rule sees Rθ and the gradient R ∇L, with the random orthogonal matrix R.
    """
    rotation = run.rotation
    theta = run.start.clone()
    coordinates = torch.nn.Parameter(theta.clone() if rotation is None else rotation @ theta)
    rule = optimizer(run, coordinates)
    gradient = torch.func.grad(lambda at, inputs, labels: loss(run, at, inputs, labels))
    t = 0
    for step in wanted:
        while t < step:
            chosen = slice(None) if run.batches is None else run.batches[t]
            g = gradient(theta, run.inputs[chosen], run.labels[chosen])
            coordinates.grad = g if rotation is None else rotation @ g
            rule.param_groups[0]["lr"] = learning_rate(run, t)
            rule.step()
            theta = coordinates.detach().clone() if rotation is None else rotation.T @ coordinates.detach()
            t += 1
        yield step, theta


# %% What is measured, and how far it may differ
class Point:
    """Loss and leading eigenpairs at one θ."""

    def __init__(self, run, theta):
        k = run.experiment["leading"]
        self.loss = loss(run, theta, run.inputs, run.labels).item()
        values, vectors = spectrum(run, theta)
        size = values.abs() if run.experiment["leading_order"] == "magnitude" else values
        order = size.argsort(descending=True)
        leading, others = order[:k], order[k:]
        self.norm = values.abs().max().item()
        self.eigenvalues, self.vectors = values[leading], vectors[:, leading]
        self.ipr = self.vectors.pow(4).sum(0)
        distances = (values[leading, None] - values[None, :]).abs()
        distances[torch.arange(k), leading] = math.inf
        if len(values) < len(theta):
            # Those that were not found are at most as large as the smallest that was.
            unknown = (size[leading] - size.min())[:, None]
            distances[:, others] = torch.minimum(distances[:, others], unknown)
        self.gaps = distances.min(1).values
        self.subspace_gap = distances[:, others].min().item() if len(others) else math.inf

    def ipr_slope(self, i):
        """How fast the IPR of v_i changes where v_i turns by a small angle, at most."""
        return 4 * math.sqrt(2 * self.vectors[:, i].pow(6).sum().item())


def subspace_overlap(s, t):
    """Q_k of two points."""
    return ((s.vectors.T @ t.vectors).square().sum() / s.vectors.shape[1]).item()


def ratio(numerator, denominator):
    """Of numbers from 0 on, where 0/0 is 0."""
    return 0.0 if numerator == 0 else math.inf if denominator == 0 else numerator / denominator


QUANTITIES = ("loss", "eigenvalues", "IPR", "subspace overlap")


def differences(points, checkpoints, tolerance):
    """For the newest point: quantity, difference, scale that it is relative to, and how far it may differ."""
    point, found = points[-1], checkpoints[len(points) - 1]
    scale = max(found["loss"], 1e-6 * checkpoints[0]["loss"])
    yield "loss", abs(point.loss - found["loss"]), scale, tolerance * scale
    for i, value in enumerate(found["leading_eigenvalues"]):
        difference = abs(point.eigenvalues[i].item() - value)
        yield "eigenvalues", difference, point.norm, tolerance * point.norm
    for i, value in enumerate(found["leading_ipr"]):
        if value is not None:
            turned = tolerance * ratio(point.norm, point.gaps[i].item())
            yield "IPR", abs(point.ipr[i].item() - value), 1.0, tolerance + point.ipr_slope(i) * turned
    for earlier, value in zip(points, found["subspace_overlap"]):
        if value is not None:
            turned = sum(tolerance * ratio(p.norm, p.subspace_gap) for p in (earlier, point))
            yield "subspace overlap", abs(subspace_overlap(earlier, point) - value), 1.0, tolerance + turned


def is_beyond(difference, allowed):
    """Also for a difference that is not a number."""
    return not difference <= allowed


# %% The comparison
def compare(run, tolerance=1e-8):
    """Trains, prints a line for each checkpoint, and at the end the largest differences. Returns the points, and whether all
    differences are within their tolerances."""
    data, name = run.record["data"], run.experiment["optimizer"]["name"]
    print(f"{data}, layers {run.layers}, {len(run.start)} parameters, {name}")
    print(f"record of Eigendrift {run.record['program']}; torch {torch.__version__}")
    if run.record["link"]:
        print(f"on the page: its address, then {run.record['link']}")
    print("step     loss          λ_1           largest differences: " + ", ".join(QUANTITIES))
    points, everything = [], []
    steps = [found["step"] for found in run.checkpoints]
    for step, theta in trained(run, steps):
        points.append(Point(run, theta))
        rows = list(differences(points, run.checkpoints, tolerance))
        everything += [(step, *row) for row in rows]
        largest = [max((d / s if s else d for q, d, s, _ in rows if q == quantity), default=None) for quantity in QUANTITIES]
        shown = "  ".join("   -   " if number is None else f"{number:7.1e}" for number in largest)
        print(f"{step:<8d} {points[-1].loss:<13.6e} {points[-1].eigenvalues[0].item():<13.6e} {shown}")
    return points, summarize(everything)


def summarize(everything):
    """Prints one line for each quantity; whether all differences are within their tolerances."""
    sound = True
    print()
    for quantity in QUANTITIES:
        rows = [row for row in everything if row[1] == quantity]
        if not rows:
            print(f"{quantity}: nothing is determined that could be compared")
            continue
        step, _, difference, scale, allowed = max(rows, key=lambda row: ratio(row[2], row[3]))
        beyond = sum(is_beyond(row[2], row[4]) for row in rows)
        sound = sound and beyond == 0
        verdict = f"{beyond} beyond their tolerances" if beyond else "all within their tolerances"
        largest, most = ratio(difference, scale), ratio(allowed, scale)
        print(f"{quantity}: largest difference {largest:.1e} (step {step}, allowed there {most:.1e}); {len(rows)} compared, {verdict}")
    return sound


# %% The record of this run
RECORD = None  # the export puts the record here, as JSON

# %% script
def main():
    """python repeat.py [record.json] [--tolerance 1e-8]; the exit status is 1 if any difference is beyond its tolerance."""
    parser = argparse.ArgumentParser(description="Repeats a run of Eigendrift with PyTorch, and compares the numbers.")
    parser.add_argument("record", nargs="?", help="a record as JSON; the one in this file unless given")
    parser.add_argument("--tolerance", type=float, default=1e-8, help="1e-8 unless set")
    options = parser.parse_args()
    text = RECORD
    if options.record is not None:
        with open(options.record, encoding="utf-8") as file:
            text = file.read()
    if text is None:
        parser.error("this file holds no record; name one")
    _, sound = compare(Run(json.loads(text)), options.tolerance)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())

# %% notebook
# run = Run(json.loads(RECORD))
# points, sound = compare(run)
# %% notebook
# import matplotlib.pyplot as plt
#
# steps = [found["step"] for found in run.checkpoints]
# figure, ((losses, values), (ratios, overlaps)) = plt.subplots(2, 2, figsize=(11, 8), constrained_layout=True)
#
#
# def draw(axes, title, ours, theirs):
#     """Lines from PyTorch, circles from Eigendrift; None where a direction is not determined."""
#     for i, (line, dots) in enumerate(zip(ours, theirs)):
#         axes.plot(steps, line, color=f"C{i}", linewidth=1)
#         axes.plot(steps, [math.nan if x is None else x for x in dots], "o", color=f"C{i}", markerfacecolor="none")
#     axes.set(title=title, xlabel="step")
#
#
# k = run.experiment["leading"]
# draw(losses, "loss", [[p.loss for p in points]], [[found["loss"] for found in run.checkpoints]])
# draw(
#     values,
#     "leading eigenvalues",
#     [[p.eigenvalues[i].item() for p in points] for i in range(k)],
#     [[found["leading_eigenvalues"][i] for found in run.checkpoints] for i in range(k)],
# )
# draw(
#     ratios,
#     "IPR of the leading eigenvectors",
#     [[p.ipr[i].item() for p in points] for i in range(k)],
#     [[found["leading_ipr"][i] for found in run.checkpoints] for i in range(k)],
# )
# losses.set_yscale("log")
# image = overlaps.imshow([[subspace_overlap(s, t) for t in points] for s in points], origin="lower", vmin=0, vmax=1)
# overlaps.set(title="overlap of the leading subspaces", xlabel="checkpoint", ylabel="checkpoint")
# figure.colorbar(image, ax=overlaps)
# figure.suptitle("Lines: PyTorch. Circles: Eigendrift.")
# plt.show()
