"""Networks of PyTorch as cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy
import numpy.typing

from . import _eigendrift
from .records import Activation, Analysis, LossFunction, Order, SpectrumMode

if TYPE_CHECKING:
    import torch


def from_torch(
    model: torch.nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    *,
    loss: LossFunction = "cross_entropy",
    label_smoothing: float = 0.0,
    leading: int = 5,
    leading_order: Order = "algebraic",
    spectrum: SpectrumMode = "auto",
    jobs: int | None = None,
) -> Analysis:
    """Loss, gradient, exact Hessian and spectrum of a PyTorch network at its parameters.

    The model is a chain of `Linear` layers with biases, and between each two of them the same activation: `Tanh`, `Sigmoid`,
    `ReLU`, `GELU` (exact), `SiLU`, `Softplus` (β = 1; above its threshold, where torch returns z, φ stays ln(1 + e^z), which
    differs by at most e^−20), `Identity` or none. It need not be a `Sequential`: the order of its modules is seen in one
    forward pass over `x`. `Flatten` at the front, `Identity`, and `Dropout` in evaluation mode may be part of it. Its
    outputs are the logits. Everything else is refused, such as other modules, or functions between modules.

    θ has the order of `torch.nn.utils.parameters_to_vector(model.parameters())` where layers are registered in the order of
    their use. Parameters are copied and cast to float64; all count, also where they do not require a gradient.

    Args:
        model: the network; it is not changed.
        x: N × n_0, or N × … with n_0 numbers per sample where the model flattens.
        y: N classes below n_L.
        loss: `cross_entropy`, as `torch.nn.CrossEntropyLoss`, or `mean_squared_error`, the mean over samples of
            ½‖f − onehot(y)‖²: n_L/2 times `torch.nn.MSELoss`.
        label_smoothing, leading, leading_order, spectrum, jobs: as for `analyze`.

    Returns:
        As `analyze`.

    Raises:
        ValueError: names the module that is not supported, or the field that is not allowed.
    """
    linears, activation = _chain(model, x)
    parameters = [tensor for linear in linears for tensor in (linear.weight, linear.bias)]
    case = {
        "layers": [linears[0].in_features, *(linear.out_features for linear in linears)],
        "activation": activation,
        "loss_function": loss,
        "label_smoothing": label_smoothing,
        "inputs": _numbers(x.flatten(1)),
        "labels": y.detach().cpu().numpy(),
        "parameters": numpy.concatenate([_numbers(tensor).ravel() for tensor in parameters]),
        "leading": leading,
        "leading_order": leading_order,
        "spectrum": spectrum,
    }
    return _eigendrift.analyze(case, jobs)


def _numbers(tensor: torch.Tensor) -> numpy.typing.NDArray[numpy.float64]:
    return cast("numpy.typing.NDArray[numpy.float64]", tensor.detach().cpu().double().numpy())


def _refused(name: str, problem: str) -> ValueError:
    return ValueError(f"model{'.' if name else ''}{name}: {problem}")


def _chain(model: torch.nn.Module, x: torch.Tensor) -> tuple[list[torch.nn.Linear], Activation]:
    """The layers of `model` in the order of their use, and what is between them."""
    from torch import nn

    layers: list[nn.Linear] = []
    between: list[Activation] = []
    for name, module, activation in _calls(model, x):
        if isinstance(module, nn.Linear):
            if any(module.weight is other.weight or module.bias is other.bias for other in layers):
                raise _refused(name, "shares parameters with an earlier layer, which is not supported")
            if len(between) < len(layers):
                between.append("identity")
            layers.append(module)
        elif isinstance(module, nn.Flatten) and layers:
            raise _refused(name, "Flatten is allowed only before the first Linear layer")
        elif activation is not None:
            if len(between) == len(layers):
                raise _refused(name, f"{type(module).__name__} must follow a Linear layer")
            between.append(activation)
    if not layers:
        raise _refused("", "has no Linear layer")
    if len(between) == len(layers):
        raise _refused("", "ends with an activation; the last layer must be Linear, since the loss takes logits")
    kinds = sorted(set(between))
    if len(kinds) > 1:
        raise _refused("", f"has several activations, {', '.join(kinds)}; all hidden layers must have the same")
    return layers, between[0] if between else "identity"


def _activation(name: str, module: torch.nn.Module) -> Activation | None:
    """φ, or None for what is no activation; what is not supported is refused."""
    from torch import nn

    plain: dict[type[nn.Module], Activation] = {
        nn.Tanh: "tanh",
        nn.Sigmoid: "sigmoid",
        nn.ReLU: "relu",
        nn.SiLU: "silu",
    }
    # A class derived from one of these may compute something else.
    kind = type(module)
    if kind in plain:
        return plain[kind]
    if kind in (nn.Identity, nn.Flatten):
        return None
    if kind is nn.Linear:
        if "weight" not in module._parameters or "bias" not in module._parameters:
            raise _refused(name, "its weight or bias is computed from other parameters, which is not supported")
        if module.bias is None:
            raise _refused(name, "has no bias; every layer must have one")
        return None
    if kind is nn.Dropout:
        if module.training and module.p != 0:
            raise _refused(name, "Dropout is active; call model.eval() first")
        return None
    if kind is nn.GELU:
        if module.approximate != "none":
            raise _refused(name, f'GELU must have approximate="none", not "{module.approximate}"')
        return "gelu"
    if isinstance(module, nn.Softplus) and kind is nn.Softplus:
        if module.beta != 1 or module.threshold < 20:
            raise _refused(name, "Softplus must have beta=1 and a threshold of at least 20")
        return "softplus"
    allowed = "Linear, Tanh, Sigmoid, ReLU, GELU, SiLU, Softplus and Identity, and Flatten at the front"
    raise _refused(name, f"{kind.__name__} is not supported; allowed are {allowed}")


def _calls(model: torch.nn.Module, x: torch.Tensor) -> list[tuple[str, torch.nn.Module, Activation | None]]:
    """The innermost modules in the order in which a forward pass calls them, each with its name and φ.

    Each must be given what the one before it returned, and the model return what the last one did: otherwise it computes
    something that is not in its modules.
    """
    import torch

    if x.dim() < 2:
        raise ValueError("x: must have the shape samples × inputs")
    calls: list[tuple[str, torch.nn.Module, Activation | None]] = []
    # What the last module returned, and how often that had been changed in place by then.
    last: torch.Tensor | None = None
    version = 0

    def fits(given: torch.Tensor) -> bool:
        if last is None:
            return numpy.array_equal(_numbers(given.flatten(1)), _numbers(x.flatten(1)), equal_nan=True)
        return given is last and given._version == version

    def stray() -> ValueError:
        where = f"after {calls[-1][0] or 'its only module'}" if calls else "before its first module"
        return _refused("", f"{where} something is computed that is no module, such as a function; write it as a module")

    def before(name: str) -> Callable[[torch.nn.Module, Any], None]:
        def check(module: torch.nn.Module, given: Any) -> None:
            # Before it runs: modules such as BatchNorm change what they hold.
            activation = _activation(name, module)
            if len(given) != 1 or not fits(given[0]):
                raise stray()
            calls.append((name, module, activation))

        return check

    def after(module: torch.nn.Module, given: Any, returned: torch.Tensor) -> None:
        nonlocal last, version
        last, version = returned, returned._version

    hooks = []
    for name, module in model.named_modules():
        if next(module.children(), None) is None:
            hooks += [module.register_forward_pre_hook(before(name)), module.register_forward_hook(after)]
    try:
        with torch.no_grad():
            returned = model(x)
    finally:
        for hook in hooks:
            hook.remove()
    if not calls or not fits(returned):
        raise stray()
    return calls
