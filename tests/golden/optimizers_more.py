"""Reference trajectories for the optimizers and schedules that optimizers.json does not hold.

    pip install torch==2.15.0 numpy
    python optimizers_more.py        # writes optimizers_more.json beside itself

Every rule and schedule is torch's own code in float64, on ½xᵀAx − bᵀx, whose gradient is Ax − b; Lion, which torch does
not have, is written from the paper's algorithm (Chen et al. 2023, Algorithm 2), in numpy.
torch.optim.Muon orthogonalizes in bfloat16; here that type's name is bound to float64, and nothing else is changed.
"""

import json
import pathlib

import numpy
import torch

torch.set_default_dtype(torch.float64)
torch.bfloat16 = torch.float64
HERE = pathlib.Path(__file__).parent
GIVEN = json.loads((HERE / "optimizers.json").read_text())

A, B, START = (torch.tensor(GIVEN[key]) for key in ("quadratic_matrix_rows", "linear_term", "start"))
STEPS = 40

# Muon: some entries that are no matrix, a tall one, a square one, some more entries, a wide one.
BLOCKS = [{"offset": 2, "rows": 5, "cols": 3}, {"offset": 17, "rows": 3, "cols": 3}, {"offset": 29, "rows": 2, "cols": 4}]
MUON_SIZE = 38


def torch_trajectory(name, options, schedule=None):
    x = START.clone().requires_grad_()
    optimizer = getattr(torch.optim, name)([x], **options)
    scheduler = schedule and getattr(torch.optim.lr_scheduler, schedule[0])(optimizer, **schedule[1])
    trajectory, rates = [], []
    for _ in range(STEPS):
        x.grad = A @ x.detach() - B
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if scheduler:
            scheduler.step()
        trajectory.append(x.tolist())
    return trajectory, rates


def lion_trajectory(lr, betas, weight_decay):
    a, b, x = A.numpy(), B.numpy(), START.numpy().copy()
    m, trajectory = numpy.zeros_like(x), []
    for _ in range(STEPS):
        g = a @ x - b
        c = betas[0] * m + (1 - betas[0]) * g
        x = x - lr * (numpy.sign(c) + weight_decay * x)
        m = betas[1] * m + (1 - betas[1]) * g
        trajectory.append(x.tolist())
    return trajectory


def muon(options):
    generator = torch.Generator().manual_seed(5)
    draw = lambda *shape: torch.randn(*shape, generator=generator)
    factor = draw(MUON_SIZE, MUON_SIZE)
    a, b, start = factor @ factor.T / MUON_SIZE, draw(MUON_SIZE), draw(MUON_SIZE)
    a = (a + a.T) / 2
    in_block = torch.zeros(MUON_SIZE, dtype=torch.bool)
    slices = [slice(k["offset"], k["offset"] + k["rows"] * k["cols"]) for k in BLOCKS]
    for s in slices:
        in_block[s] = True
    matrices = [start[s].reshape(k["rows"], k["cols"]).clone().requires_grad_() for s, k in zip(slices, BLOCKS)]
    rest = start[~in_block].clone().requires_grad_()
    muon_part = torch.optim.Muon(matrices, lr=options["lr"], momentum=options["momentum"], weight_decay=options["weight_decay"])
    adam_part = torch.optim.AdamW([rest], lr=options["lr"], weight_decay=options["weight_decay"])
    trajectory = []

    def gathered():
        x = torch.empty(MUON_SIZE)
        x[~in_block] = rest.detach()
        for s, m in zip(slices, matrices):
            x[s] = m.detach().flatten()
        return x

    for _ in range(STEPS):
        g = a @ gathered() - b
        rest.grad = g[~in_block]
        for s, m in zip(slices, matrices):
            m.grad = g[s].reshape(m.shape)
        muon_part.step()
        adam_part.step()
        trajectory.append(gathered().tolist())
    return {
        "blocks": BLOCKS,
        "quadratic_matrix_rows": a.tolist(),
        "linear_term": b.tolist(),
        "start": start.tolist(),
        "settings": {"name": "muon", **options},
        "trajectory": trajectory,
    }


RULES = [
    ("momentum_weight_decay", "sgd", "SGD", dict(lr=0.05, momentum=0.8, weight_decay=0.03)),
    ("nesterov_weight_decay", "sgd", "SGD", dict(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.03)),
    ("adagrad_weight_decay", "adagrad", "Adagrad", dict(lr=0.2, eps=1e-6, weight_decay=0.03)),
    ("rmsprop_weight_decay", "rmsprop", "RMSprop", dict(lr=0.005, alpha=0.9, eps=1e-5, weight_decay=0.03)),
    ("adam_weight_decay", "adam", "Adam", dict(lr=0.05, weight_decay=0.03)),
    ("adam_decoupled", "adam", "Adam", dict(lr=0.05, weight_decay=0.2, decoupled_weight_decay=True)),
    ("adamw_amsgrad", "adamw", "AdamW", dict(lr=0.05, betas=(0.7, 0.9), weight_decay=0.1, amsgrad=True)),
    ("nadam_weight_decay", "nadam", "NAdam", dict(lr=0.05, momentum_decay=0.2, weight_decay=0.03)),
    ("nadam_decoupled", "nadam", "NAdam", dict(lr=0.05, weight_decay=0.2, decoupled_weight_decay=True)),
    ("adamax_weight_decay", "adamax", "Adamax", dict(lr=0.05, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.03)),
    # torch's own defaults, all but the learning rate
    ("momentum_defaults", "momentum", "SGD", dict(lr=0.05, momentum=0.9)),
    ("adagrad_defaults", "adagrad", "Adagrad", dict(lr=0.05)),
    ("rmsprop_defaults", "rmsprop", "RMSprop", dict(lr=0.05)),
    ("adamw_defaults", "adamw", "AdamW", dict(lr=0.05)),
    ("nadam_defaults", "nadam", "NAdam", dict(lr=0.05)),
    ("adamax_defaults", "adamax", "Adamax", dict(lr=0.05)),
]
# ours, torch's scheduler, torch's options; the learning rate before the schedule is 0.2
SCHEDULES = [
    ({"name": "warmup", "steps": 12, "start_factor": 0.05}, "LinearLR", dict(start_factor=0.05, total_iters=12)),
    ({"name": "warmup", "steps": 5}, "LinearLR", {}),
    ({"name": "cosine", "steps": 40, "final_factor": 0.1}, "CosineAnnealingLR", dict(T_max=40, eta_min=0.02)),
    ({"name": "step", "every": 9, "factor": 0.5}, "StepLR", dict(step_size=9, gamma=0.5)),
    ({"name": "step", "every": 7}, "StepLR", dict(step_size=7)),
]

rules = []
for name, rule, torch_name, options in RULES:
    given = {"lr": options["lr"]} if name.endswith("_defaults") else options
    rules.append({"name": name, "settings": {"name": rule, **given}, "trajectory": torch_trajectory(torch_name, options)[0]})
for name, options in [
    ("lion", dict(lr=0.02, betas=(0.9, 0.99), weight_decay=0.0)),
    ("lion_weight_decay", dict(lr=0.02, betas=(0.8, 0.95), weight_decay=0.5)),
]:
    rules.append({"name": name, "settings": {"name": "lion", **options}, "trajectory": lion_trajectory(**options)})

schedules = []
for schedule, torch_schedule, torch_options in SCHEDULES:
    trajectory, rates = torch_trajectory("Adam", {"lr": 0.2}, (torch_schedule, torch_options))
    settings = {"name": "adam", "lr": 0.2, "schedule": schedule}
    schedules.append({"settings": settings, "learning_rates": rates, "trajectory": trajectory})

result = {
    "torch_version": torch.__version__,
    "rules": rules,
    "schedules": schedules,
    "muon": [muon(dict(lr=0.05, momentum=0.95, weight_decay=0.0)), muon(dict(lr=0.03, momentum=0.9, weight_decay=0.1))],
}
(HERE / "optimizers_more.json").write_text(json.dumps(result))
