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
        ("Adagrad", None),
        ("Adafactor", None),
        ("Ftrl and Ftrl", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_tells_the_kind(name, kind):
    assert kind_of(name) == kind
