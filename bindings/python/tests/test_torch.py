"""`from_torch` against the Hessian of the very module, by torch.func.functional_call."""

import numpy
import pytest
import torch
from reference import MODULES, loss_of_logits
from torch import nn

import eigendrift

RANDOM = torch.Generator().manual_seed(1)
X = torch.randn(20, 4, generator=RANDOM)
Y = torch.arange(20) % 3


def hessian(model, x, y, loss="cross_entropy", label_smoothing=0.0):
    """∇²L of a module in float64, with parameters in the order in which it has them."""
    import copy

    model = copy.deepcopy(model).double()
    shapes = {name: value.shape for name, value in model.named_parameters()}

    def objective(theta):
        parts = theta.split([shape.numel() for shape in shapes.values()])
        values = {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts)}
        f = torch.func.functional_call(model, values, (x.double(),))
        return loss_of_logits(f, y, loss, label_smoothing)

    theta = nn.utils.parameters_to_vector(model.parameters()).detach()
    return torch.func.hessian(objective)(theta).numpy()


# As in test_analyze.py.
def assert_equal(found, expected):
    assert found.shape == expected.shape
    assert abs(found - expected).max() < 1e-12 * max(1, abs(expected).max())


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("activation", MODULES)
@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
def test_the_hessian_is_that_of_the_module(activation, loss, precision):
    torch.manual_seed(2)
    kind = MODULES[activation]
    model = nn.Sequential(nn.Linear(4, 5), kind(), nn.Linear(5, 4), kind(), nn.Linear(4, 3)).to(precision)
    found = eigendrift.from_torch(model, X.to(precision), Y, loss=loss)
    assert_equal(found["hessian_rows"], hessian(model, X.to(precision), Y, loss))


class Nested(nn.Module):
    """Modules within modules, registered in another order than they are used, and one activation used twice."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, 3)
        self.activation = nn.Tanh()
        self.first = nn.Sequential(nn.Flatten(), nn.Linear(4, 6))
        self.second = nn.Linear(6, 4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.head(self.drop(self.activation(self.second(self.activation(self.first(x))))))


def test_modules_are_taken_in_the_order_of_their_use():
    torch.manual_seed(3)
    model = Nested().eval()
    images = X.view(20, 2, 2)
    found = eigendrift.from_torch(model, images, Y, label_smoothing=0.1, leading=3)
    # The module's parameters have the head first: 15 numbers, which come last here.
    order = numpy.r_[15 : found["gradient"].size, :15]
    expected = hessian(model, images, Y, label_smoothing=0.1)[numpy.ix_(order, order)]
    assert_equal(found["hessian_rows"], expected)
    assert len(found["leading_ipr"]) == 3
    assert not model._modules["head"]._forward_hooks and not model.activation._forward_pre_hooks


def test_layers_without_activation_in_place_activations_and_a_single_layer():
    torch.manual_seed(4)
    for model in (
        nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 3)),
        nn.Sequential(nn.Linear(4, 5), nn.ReLU(inplace=True), nn.Linear(5, 3)),
        nn.Linear(4, 3),
    ):
        assert_equal(eigendrift.from_torch(model, X, Y)["hessian_rows"], hessian(model, X, Y))


def test_a_view_at_the_front_is_a_flattening():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))

        def forward(self, x):
            return self.layers(x.view(len(x), -1))

    torch.manual_seed(5)
    model = Model()
    assert_equal(eigendrift.from_torch(model, X.view(20, 2, 2), Y)["hessian_rows"], hessian(model, X, Y))


def test_frozen_parameters_count_and_gradients_are_left_alone():
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    model[0].weight.requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = eigendrift.from_torch(model, X.clone().requires_grad_(), Y)
    assert found["gradient"].size == 43
    assert all((before[name] == value).all() for name, value in model.state_dict().items())
    assert model[2].weight.grad is None and model.training


class Function(nn.Module):
    """Computes with functions between, before or after its modules."""

    def __init__(self, before=None, between=None, after=None):
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(5, 3)
        self.steps = [step or (lambda x: x) for step in (before, between, after)]

    def forward(self, x):
        before, between, after = self.steps
        return after(self.second(between(self.first(before(x)))))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.same, self.last = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 3)
        self.same.weight = self.first.weight

    def forward(self, x):
        return self.last(self.same(self.first(x)))


class Own(nn.Linear):
    def forward(self, x):
        return super().forward(x) ** 2


STRAY = " something is computed that is no module, such as a function; write it as a module"
REFUSED = [
    (nn.Sequential(nn.Linear(4, 5), nn.Dropout(0.5), nn.Linear(5, 3)), "model.1: Dropout is active; call model.eval() first"),
    (nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5), nn.Linear(5, 3)), "model.1: LayerNorm is not supported; allowed are "),
    (nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 3)), "model.1: BatchNorm1d is not supported; "),
    (nn.Sequential(nn.Linear(4, 5), nn.ELU(), nn.Linear(5, 3)), "model.1: ELU is not supported; "),
    (nn.Sequential(nn.Linear(4, 3), nn.Softmax(1)), "model.1: Softmax is not supported; "),
    (nn.Sequential(nn.Unflatten(1, (1, 4)), nn.Conv1d(1, 3, 4)), "model.0: Unflatten is not supported; "),
    (nn.Sequential(nn.Linear(4, 5, bias=False), nn.Tanh(), nn.Linear(5, 3)), "model.0: has no bias; "),
    (nn.Sequential(nn.Linear(4, 5), nn.GELU("tanh"), nn.Linear(5, 3)), 'model.1: GELU must have approximate="none", not "tanh"'),
    (nn.Sequential(nn.Linear(4, 5), nn.Softplus(2), nn.Linear(5, 3)), "model.1: Softplus must have beta=1 "),
    (nn.Sequential(nn.Linear(4, 3), nn.Tanh()), "model: ends with an activation; "),
    (nn.Sequential(nn.Tanh(), nn.Linear(4, 3)), "model.0: Tanh must follow a Linear layer"),
    (nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Tanh(), nn.Linear(4, 3)), "model.2: Tanh must follow a Linear layer"),
    (
        nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3)),
        "model: has several activations, relu, tanh; all hidden layers must have the same",
    ),
    (
        nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4), nn.Linear(4, 3)),
        "model: has several activations, identity, tanh; ",
    ),
    (nn.Sequential(nn.Linear(4, 3), nn.Flatten()), "model.1: Flatten is allowed only before the first Linear layer"),
    (nn.Sequential(nn.Flatten()), "model: has no Linear layer"),
    (nn.Sequential(Own(4, 3)), "model.0: Own is not supported; "),
    (nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 3))), "model.0."),
    (Function(before=lambda x: x / 2), f"model: before its first module{STRAY}"),
    (Function(between=torch.tanh), f"model: after first{STRAY}"),
    (Function(between=lambda x: x.add_(1)), f"model: after first{STRAY}"),
    (Function(after=lambda x: x.log_softmax(1)), f"model: after second{STRAY}"),
    (Tied(), "model.same: shares parameters with an earlier layer, which is not supported"),
]


@pytest.mark.parametrize("model, beginning", REFUSED, ids=[beginning[:40] for _, beginning in REFUSED])
def test_what_is_not_supported_is_refused(model, beginning):
    with pytest.raises(ValueError) as error:
        eigendrift.from_torch(model, X.clone(), Y)
    assert str(error.value).startswith(beginning)


def test_a_refused_model_is_as_it_was():
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
    with pytest.raises(ValueError):
        eigendrift.from_torch(model, X, Y)
    assert model[1].num_batches_tracked == 0
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_data_are_checked():
    model = nn.Linear(4, 3)
    with pytest.raises(ValueError, match="^x: must have the shape samples × inputs$"):
        eigendrift.from_torch(model, X[0], Y)
    with pytest.raises(ValueError, match=r"^labels: entry 1 is 3; the last layer has the classes 0 to 2$"):
        eigendrift.from_torch(model, X, Y + 3)
    with pytest.raises(ValueError, match="^labels: has 19 entries for 20 rows of inputs$"):
        eigendrift.from_torch(model, X, Y[1:])
    with pytest.raises(ValueError, match="^inputs: "):
        eigendrift.from_torch(model, X * torch.nan, Y)
    with pytest.raises(ValueError, match="^loss_function: must be one of "):
        eigendrift.from_torch(model, X, Y, loss="l1")
