"""The kind of an optimizer, told by its name."""

import pytest

from tb_lrfinder.curves.optimizer_kind import kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Adam", "adaptive"),
        ("AdamW (d_optimizer)", "adaptive"),
        ("RMSprop", "adaptive"),
        ("Muon", "adaptive"),
        ("MyAdamWithClipping", "adaptive"),
        ("Lion", "sign"),
        ("SGD", "plain"),
        ("SGD, momentum 0.9", "momentum"),
        ("SGD, momentum 0.9 (g_optimizer)", "momentum"),
        ("Adam (d_optimizer) and AdamW (g_optimizer)", "adaptive"),
        ("Adam and SGD", None),
        ("SGD, momentum 0", "plain"),
        ("SGD, momentum=0.0, nesterov=False", "plain"),
        ("SGD(momentum=0.05)", "momentum"),
        ("SGD, nesterov", "momentum"),
        ("{'name': 'SGD', 'momentum': 0.0, 'nesterov': False}", "plain"),
        ("{'name': 'SGD', 'momentum': 0.9, 'nesterov': False}", "momentum"),
        ("<keras.src.optimizers.adamw.AdamW object at 0x7f0>", "adaptive"),
        ("Adagrad", None),
        ("Adafactor", None),
        ("Ftrl and Ftrl", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_tells_the_kind(name, kind):
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("SGD", {}, "plain"),
        ("SGD", {"momentum": 0.9}, "momentum"),
        ("SGD", {"momentum": 0.9, "nesterov": True}, "momentum"),
        ("ASGD", {}, "plain"),
        ("Adam", {}, "adaptive"),
        ("AdamW", {}, "adaptive"),
        ("NAdam", {}, "adaptive"),
        ("RMSprop", {}, "adaptive"),
        ("RMSprop", {"momentum": 0.9}, "adaptive"),
        ("Adagrad", {}, None),
        ("Rprop", {}, None),
    ],
)
def test_the_text_of_an_optimizer_of_pytorch_tells_its_kind(name, arguments, kind):
    torch = pytest.importorskip("torch")
    optimizer = getattr(torch.optim, name)([torch.zeros(1, requires_grad=True)], lr=0.1, **arguments)
    assert kind_of(str(optimizer)) == kind
