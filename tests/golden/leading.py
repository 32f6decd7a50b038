"""Leading eigenpairs of networks that are too large for a dense Hessian, by torch and ARPACK.

    pip install torch==2.15.0 numpy scipy
    python leading.py                # writes leading_*.json beside itself; takes about 20 minutes on one core

Hessian-vector products are torch.func's jvp of grad in float64; eigenpairs are scipy's eigsh (ARPACK) over them. Inputs
are the first rows of tests/data/digits.csv, divided by 16. Parameters and test vectors are not stored: they follow from
a formula in integers that gives the same bits in every language,

    z(seed, a) = splitmix64's output for the state seed·2³² + a       (Steele, Lea and Flood 2014; all modulo 2⁶⁴)
    u(seed, a) = ⌊z/2¹¹⌋ · 2⁻⁵³ ∈ [0, 1)
    θ_a        = s_l (2 u(seed, a) − 1),  s_l = gain √(3/n_{l−1}), for every parameter a = 0, 1, … of layer l
    r_m,a      = 2 u(1000 + m, a) − 1,    m = 0 … 31, against which eigenvectors are projected
    d_a        = 2 u(999, a) − 1,         the direction of the stored Hessian-vector product

so that a unit vector e has on average ‖e‖² = 3 (e·r_m)²: the 32 projections of the difference of two vectors tell how far
they are apart, within a factor of two, without the vectors.
"""

import json
import math
import pathlib
import sys

import numpy
import scipy
import scipy.sparse.linalg
import torch

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
TABLE = HERE.parent / "data" / "digits.csv"

KEPT, PROJECTIONS, TOLERANCE = 12, 32, 1e-13
DIRECTION_SEED, PROJECTION_SEED = 999, 1000
ACTIVATIONS = {"tanh": torch.tanh, "gelu": torch.nn.functional.gelu}
# name, layers, activation, loss, rows, seed, gain, all eigenvalues from the dense matrix
CASES = [
    ("leading_tanh_16", [64, 16, 10], "tanh", "cross_entropy", 512, 1, 1.0, True),
    ("leading_gelu_128", [64, 128, 10], "gelu", "mean_squared_error", 1797, 3, 1.5, False),
    ("leading_tanh_512", [64, 512, 10], "tanh", "cross_entropy", 1797, 4, 1.0, False),
    ("leading_tanh_256_128", [64, 256, 128, 10], "tanh", "cross_entropy", 1797, 5, 1.5, False),
]


def uniform(seed, count):
    """u(seed, a) for a = 0 … count − 1."""
    z = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(seed << 32) + numpy.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    z = z ^ (z >> numpy.uint64(31))
    return (z >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53


def table(rows):
    lines = TABLE.read_text().splitlines()[1 : rows + 1]
    values = numpy.array([[float(cell) for cell in line.split(",")] for line in lines])
    return torch.tensor(values[:, :-1] / 16), torch.tensor(values[:, -1].astype(int))


class Network:
    def __init__(self, layers, activation, loss, rows, seed, gain):
        self.layers, self.phi, self.loss_name = layers, ACTIVATIONS[activation], loss
        self.inputs, self.labels = table(rows)
        self.shapes = list(zip(layers, layers[1:]))
        self.sizes = [(n + 1) * m for n, m in self.shapes]
        self.count = sum(self.sizes)
        self.scales = [gain * math.sqrt(3 / n) for n, _ in self.shapes]
        self.theta = torch.tensor(numpy.repeat(self.scales, self.sizes) * (2 * uniform(seed, self.count) - 1))
        self.gradient = torch.func.grad(self.loss)

    def unpack(self, theta):
        for part, (n, m) in zip(theta.split(self.sizes), self.shapes):
            yield part[: n * m].reshape(m, n), part[n * m :]

    def logits_loss(self, f, y):
        """Mean over the samples that are given."""
        if self.loss_name == "cross_entropy":
            return torch.nn.functional.cross_entropy(f, y)
        return 0.5 * ((f - torch.eye(self.layers[-1])[y]) ** 2).sum(-1).mean()

    def logits(self, theta):
        a = self.inputs
        for weights, bias in self.unpack(theta):
            z = a @ weights.T + bias
            a = self.phi(z)
        return z

    def loss(self, theta):
        return self.logits_loss(self.logits(theta), self.labels)

    def product(self, v):
        """H v."""
        return torch.func.jvp(self.gradient, (self.theta,), (torch.as_tensor(v).reshape(-1),))[1]

    def gauss_newton_product(self, v):
        """(1/N) Σ_n Jᵀ S J v, J = ∂f/∂θ."""
        logits, pull_back = torch.func.vjp(self.logits, self.theta)
        tangent = torch.func.jvp(self.logits, (self.theta,), (torch.as_tensor(v),))[1]
        of_logits = torch.func.grad(lambda f: self.logits_loss(f, self.labels))
        return pull_back(torch.func.jvp(of_logits, (logits,), (tangent,))[1])[0]

    def dense(self):
        """The whole Hessian, column by column; with what does not depend on the column computed once."""
        _, product = torch.func.linearize(self.gradient, self.theta)
        h = numpy.empty((self.count, self.count))
        for a in range(self.count):
            e = torch.zeros(self.count)
            e[a] = 1
            h[a] = product(e).numpy()
        return h

    def traces(self):
        """tr H and the trace of its Gauss-Newton part, exactly.

        z_l is linear in W̃_l, so that ∂²ℓ/∂W̃_l[i,j]² = ∂²ℓ/∂z_l[i]² ã_{l−1}[j]².
        """
        parameters = list(self.unpack(self.theta))
        a, total, gauss_newton = self.inputs, 0.0, 0.0
        for l, (weights, bias) in enumerate(parameters):
            z = a @ weights.T + bias

            def above(z, l=l):
                for weights, bias in parameters[l + 1 :]:
                    z = self.phi(z) @ weights.T + bias
                return z

            def of_logits(f, y):
                return self.logits_loss(f[None], y[None])

            def both(z, y):
                h = torch.func.hessian(lambda z: of_logits(above(z), y))(z)
                jacobian = torch.func.jacrev(above)(z)
                return h.trace(), (jacobian * (torch.func.hessian(of_logits)(above(z), y) @ jacobian)).sum()

            full, part = torch.func.vmap(both, chunk_size=8)(z, self.labels)
            squares = (a**2).sum(1) + 1
            total += (full @ squares).item()
            gauss_newton += (part @ squares).item()
            a = self.phi(z)
        return total / len(self.inputs), gauss_newton / len(self.inputs)


def largest_entries(vector, count):
    return numpy.sort(numpy.argsort(-numpy.abs(vector), kind="stable")[:count])


def spread(vector, count):
    """The count/2 entries of largest modulus, and count/2 at equal distances."""
    return sorted({*largest_entries(vector, count // 2).tolist(), *range(0, len(vector), 2 * len(vector) // count)})


def entries(vector, count):
    at = spread(vector, count)
    return {"indices": at, "values": vector[at].tolist()}


def eigenpairs(network, which, count):
    """(λ, vectors, residual norms, number of products), in descending order of λ, or of |λ| for "LM"."""
    calls = 0

    def product(v):
        nonlocal calls
        calls += 1
        return network.product(v).numpy()

    operator = scipy.sparse.linalg.LinearOperator((network.count,) * 2, matvec=product, dtype=numpy.float64)
    start = 2 * uniform(7, network.count) - 1
    values, vectors = scipy.sparse.linalg.eigsh(operator, count, which=which, tol=TOLERANCE, v0=start, ncv=60)
    order = numpy.argsort(-numpy.abs(values) if which == "LM" else -values)
    values, vectors = values[order], vectors[:, order]
    residuals = [float(numpy.linalg.norm(network.product(v).numpy() - x * v)) for x, v in zip(values, vectors.T)]
    print(f"  {which}: {calls} products, largest residual {max(residuals):.1e}", flush=True)
    return values, vectors, residuals, calls


def described(network, projections, value, vector, residual, gap):
    """One eigenpair; its vector by what depends on all of it."""
    groups, at = [], 0
    for n, m in network.shapes:
        groups += [(vector[at : at + n * m] ** 2).sum(), (vector[at + n * m : at + (n + 1) * m] ** 2).sum()]
        at += (n + 1) * m
    return {
        "eigenvalue": value,
        "residual": residual,
        "gap": gap,
        "ipr": float((vector**4).sum()),
        "group_mass": [float(x) for x in groups],
        "entries": entries(vector, 64),
        "projections": (projections @ vector).tolist(),
    }


def gaps(values):
    """Distance to the nearest other eigenvalue, for all but the last; those not listed are not above the last in modulus."""
    last = abs(values[-1])
    return [min([abs(x) - last, *(abs(x - y) for j, y in enumerate(values) if j != i)]) for i, x in enumerate(values)][:-1]


def case(name, layers, activation, loss, rows, seed, gain, whole):
    print(name, flush=True)
    network = Network(layers, activation, loss, rows, seed, gain)
    p = network.count
    projections = 2 * numpy.array([uniform(PROJECTION_SEED + m, p) for m in range(PROJECTIONS)]) - 1
    gradient = network.gradient(network.theta).numpy()
    direction = 2 * uniform(DIRECTION_SEED, p) - 1
    products = {"product": network.product(direction), "gauss_newton_product": network.gauss_newton_product(direction)}

    values, vectors, residuals, _ = eigenpairs(network, "LA", KEPT + 1)
    pairs = list(zip(values, vectors.T, residuals, gaps(values)))[:KEPT]
    lowest, _, lowest_residuals, _ = eigenpairs(network, "SA", 4)
    # The largest by modulus are among the largest and the smallest; ARPACK's own answer must be the same.
    modulus, modulus_vectors, modulus_residuals, _ = eigenpairs(network, "LM", KEPT + 1)
    modulus_gaps = gaps(modulus)
    negative = [i for i in range(KEPT) if modulus[i] < 0]
    trace, gauss_newton_trace = network.traces()
    print(f"  λ {values}\n  gaps/λ_1 {numpy.array(gaps(values)) / values[0]}\n  |λ| {modulus}", flush=True)
    print(f"  lowest {lowest}, trace {trace}, Gauss-Newton {gauss_newton_trace}", flush=True)

    result = {
        "versions": {"torch": torch.__version__, "scipy": scipy.__version__, "numpy": numpy.__version__},
        "layers": layers,
        "activation": activation,
        "loss_function": loss,
        "data": "the first `rows` rows of tests/data/digits.csv after its header, pixels divided by 16",
        "rows": rows,
        "parameters": "θ_a = scales[l] (2 u(seed, a) − 1) for a in layer l, u as in leading.py",
        "seed": seed,
        "scales": network.scales,
        "direction_seed": DIRECTION_SEED,
        "projection_seed": PROJECTION_SEED,
        "parameter_entries": entries(network.theta.numpy(), 16),
        "loss": network.loss(network.theta).item(),
        "gradient": {"norm": float(numpy.linalg.norm(gradient)), "entries": entries(gradient, 16)},
        **{
            name: {
                "norm": product.norm().item(),
                "entries": entries(product.numpy(), 16),
                "projections": (projections @ product.numpy()).tolist(),
            }
            for name, product in products.items()
        },
        "trace": trace,
        "gauss_newton_trace": gauss_newton_trace,
        "pairs": [described(network, projections, *pair) for pair in pairs],
        "smallest": {"eigenvalues": lowest[::-1].tolist(), "residuals": lowest_residuals[::-1]},
        "by_modulus": {
            "eigenvalues": modulus[:KEPT].tolist(),
            "residuals": modulus_residuals[:KEPT],
            "gaps": modulus_gaps,
            "negative_pairs": [
                described(network, projections, modulus[i], modulus_vectors[:, i], modulus_residuals[i], modulus_gaps[i])
                for i in negative
            ],
        },
    }
    if whole:
        h = network.dense()
        print(f"  asymmetry {numpy.abs(h - h.T).max():.1e}, trace {numpy.trace(h) - trace:.1e} off", flush=True)
        assert abs(numpy.trace(h) - trace) < 1e-11 * numpy.abs(h.diagonal()).sum()
        every = scipy.linalg.eigvalsh((h + h.T) / 2, overwrite_a=True)[::-1]
        print(f"  ARPACK and LAPACK: {numpy.abs(every[: KEPT + 1] - values).max():.1e} off", flush=True)
        assert numpy.abs(every[: KEPT + 1] - values).max() < 1e-12 * every[0]
        assert numpy.abs(every[-4:] - lowest).max() < 1e-12 * every[0]
        thresholds = [sign * every[0] * 10.0**e for sign, es in ((1, range(-1, -8, -1)), (-1, range(-7, 0))) for e in es]
        result["whole_spectrum"] = {
            "moments": [float((every**k).sum()) for k in (1, 2, 3, 4)],
            "thresholds": thresholds,
            "counts_above": [int((every > t).sum()) for t in thresholds],
            "eigenvalues_descending": every.tolist() if p < 2000 else None,
        }
    (HERE / f"{name}.json").write_text(json.dumps(result))


for given in CASES:
    if len(sys.argv) == 1 or given[0] in sys.argv[1:]:
        case(*given)
