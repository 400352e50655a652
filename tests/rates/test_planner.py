"""The planner's recipes: what is drawn is what the copied code builds."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_lrfinder.rates import formulas
from tb_lrfinder.rates.margin import margin_of
from tb_lrfinder.rates.planner import KERAS_OPTIMIZERS, MAX_STEPS, RECIPES, basis_of, code, drawn, learning_rates
from tests.support.recipes import PLANS, TOTAL_STEPS, parameters_of

# A peak that is only passed starts from that of 1cycle, every rate that is held from a constant one.
USES = {"one_cycle": "one_cycle", "warmup_cosine": "one_cycle", "warmup_linear": "one_cycle", "cyclical": "cyclical"}


def built(source):
    namespace = {}
    exec(source, namespace)
    return namespace


@pytest.mark.parametrize(("name", "changed"), PLANS)
def test_the_copied_code_builds_what_is_drawn(name, changed):
    parameters = parameters_of(name, changed)
    drawn = learning_rates(name, TOTAL_STEPS, parameters)
    source = code(name, TOTAL_STEPS, 32, parameters)
    copied = built(source)
    schedule, optimizer = copied["learning_rate"], copied["optimizer"]
    assert (copied["batch_size"], copied["total_steps"]) == (32, TOTAL_STEPS)
    assert isinstance(optimizer, keras.optimizers.Adam)
    if name == "constant":
        np.testing.assert_array_equal(drawn, schedule)
        assert float(optimizer.learning_rate) == pytest.approx(schedule)
        return
    steps = keras.ops.arange(TOTAL_STEPS, dtype="int32")
    # The float32 sums of Keras' own classes lose digits where they cancel, near zero.
    cancels = 2e-7 * drawn.max() if "keras.optimizers.schedules" in source else 0.0
    np.testing.assert_allclose(keras.ops.convert_to_numpy(schedule(steps)), drawn, rtol=1e-6, atol=cancels)
    for step in (0, 1, 41, TOTAL_STEPS - 1):
        assert float(schedule(step)) == pytest.approx(drawn[step], rel=1e-6, abs=cancels)
    optimizer.iterations.assign(TOTAL_STEPS - 1)
    assert float(optimizer.learning_rate) == pytest.approx(drawn[-1], rel=1e-6, abs=cancels)


def test_the_code_reads_as_a_person_would_write_it():
    assert code("one_cycle", 1000, 64, parameters_of("one_cycle", total_steps=1000), optimizer="SGD") == (
        "import keras\n"
        "from tb_lrfinder.schedules import OneCycle\n"
        "\n"
        "batch_size = 64\n"
        "total_steps = 1000\n"
        "learning_rate = OneCycle(\n"
        "    total_steps=total_steps,\n"
        "    peak_learning_rate=0.0767,\n"
        "    warmup_share=0.3,\n"
        "    start_divisor=25.0,\n"
        "    end_divisor=250000.0,\n"
        '    shape="cosine",\n'
        "    annihilation_share=0.0,\n"
        ")\n"
        "optimizer = keras.optimizers.SGD(learning_rate=learning_rate)\n"
    )
    assert "learning_rate = keras.optimizers.schedules.PolynomialDecay(\n" in code(
        "linear_decay", 10, 1, parameters_of("linear_decay", total_steps=10)
    )


def test_the_code_names_no_batch_size_that_nobody_gave():
    parameters = parameters_of("constant")
    assert "batch_size" not in code("constant", 700, None, parameters)
    assert "batch_size" not in code("constant", 700, None, parameters, framework="pytorch")


def a_model_with_a_backbone():
    backbone = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3)], name="backbone")
    return keras.Sequential([backbone, keras.layers.Dense(1)])


@pytest.mark.skipif(not hasattr(keras.optimizers, "MultiOptimizer"), reason="came with Keras 3.15, as the code says")
@pytest.mark.parametrize(("name", "changed"), PLANS)
def test_fine_tuning_gives_the_pretrained_layers_a_tenth_of_what_is_drawn(name, changed):
    parameters = parameters_of(name, changed)
    source = code(name, TOTAL_STEPS, None, parameters, "SGD, momentum 0.9", fine_tuning=True)
    namespace = {"model": a_model_with_a_backbone()}
    exec(source, namespace)
    model, new, pretrained = (namespace[one] for one in ("model", "new", "pretrained"))
    drawn = learning_rates(name, TOTAL_STEPS, parameters)
    for step in (0, 1, 41, TOTAL_STEPS - 1):
        for optimizer, share in ((new, 1.0), (pretrained, 0.1)):
            optimizer.iterations.assign(step)
            cancels = 2e-7 * drawn.max() * share if "keras.optimizers.schedules" in source else 0.0
            assert float(optimizer.learning_rate) == pytest.approx(share * drawn[step], rel=1e-6, abs=cancels)
    optimizer = namespace["optimizer"]
    optimizer.build(model.trainable_variables)
    assert [len(one.momentums) for one in (new, pretrained)] == [2, 2]
    assert set(optimizer.optimizers) == {new, pretrained}


@pytest.mark.skipif(not hasattr(keras.optimizers, "MultiOptimizer"), reason="came with Keras 3.15, as the code says")
def test_the_code_for_fine_tuning_trains_and_reads_as_a_person_would_write_it():
    parameters = {**parameters_of("warmup_linear", total_steps=1000), "peak_learning_rate": 0.02, "end_share": 0.5}
    source = code("warmup_linear", 1000, None, parameters, "SGD, momentum 0.9", fine_tuning=True)
    assert source == (
        "import keras\n"
        "from tb_lrfinder.schedules import WarmUp\n"
        "\n"
        "total_steps = 1000\n"
        "warmup_steps = 50\n"
        "\n"
        "\n"
        "def schedule(share):\n"
        "    return WarmUp(\n"
        "        keras.optimizers.schedules.PolynomialDecay(\n"
        "            initial_learning_rate=0.02 * share,\n"
        "            decay_steps=total_steps - warmup_steps,\n"
        "            end_learning_rate=0.01 * share,\n"
        "        ),\n"
        "        warmup_steps=warmup_steps,\n"
        "        initial_learning_rate=0.0002 * share,\n"
        "    )\n"
        "\n"
        "\n"
        'base = model.get_layer("backbone")  # the pretrained part of your model: put its name here\n'
        "new, pretrained = (keras.optimizers.SGD(learning_rate=schedule(share), momentum=0.9) for share in (1.0, 0.1))\n"
        "# MultiOptimizer came with Keras 3.15. Before, train twice: with base.trainable = False at these rates, and then\n"
        "# with base.trainable = True at a tenth of them.\n"
        "optimizer = keras.optimizers.MultiOptimizer(\n"
        "    keras.optimizers.OptimizerMap(new, {one.path: pretrained for one in base.trainable_variables})\n"
        ")\n"
    )
    namespace = {"model": a_model_with_a_backbone()}
    exec(source, namespace)
    model = namespace["model"]
    model.compile(optimizer=namespace["optimizer"], loss="mse")
    before = [keras.ops.convert_to_numpy(one) for one in model.trainable_variables]
    model.fit(np.ones((8, 2)), np.ones((8, 1)), batch_size=4, epochs=1, verbose=0)
    assert [int(one.iterations) for one in namespace["optimizer"].optimizers] == [2, 2]
    after = [keras.ops.convert_to_numpy(one) for one in model.trainable_variables]
    assert all((old != new).any() for old, new in zip(before, after, strict=True))


def test_every_recipe_says_what_is_usual_for_fine_tuning_and_which_have_no_warm_up():
    warmed = {name for name, recipe in RECIPES.items() if "no warm-up" not in recipe.fine_tuning}
    assert warmed == {"one_cycle", "warmup_cosine", "warmup_linear", "warmup_stable_decay"}
    assert all("a tenth" in recipe.fine_tuning for recipe in RECIPES.values())


def test_a_warm_up_is_put_around_the_schedule_of_keras():
    parameters = {**parameters_of("warmup_cosine", total_steps=1000), "peak_learning_rate": 0.02}
    assert code("warmup_cosine", 1000, 64, parameters) == (
        "import keras\n"
        "from tb_lrfinder.schedules import WarmUp\n"
        "\n"
        "batch_size = 64\n"
        "total_steps = 1000\n"
        "warmup_steps = 50\n"
        "learning_rate = WarmUp(\n"
        "    keras.optimizers.schedules.CosineDecay(\n"
        "        initial_learning_rate=0.02,\n"
        "        decay_steps=total_steps - warmup_steps,\n"
        "        alpha=0.0,\n"
        "    ),\n"
        "    warmup_steps=warmup_steps,\n"
        "    initial_learning_rate=0.0002,\n"
        ")\n"
        "optimizer = keras.optimizers.Adam(learning_rate=learning_rate)\n"
    )


def test_the_list_of_optimizers_is_that_of_keras():
    # Wrappers of other optimizers, and the base of all, are not built from a rate.
    others = {"LossScaleOptimizer", "MultiOptimizer", "Optimizer", "OptimizerMap"}
    classes = {name for name, one in vars(keras.optimizers).items() if isinstance(one, type)}
    assert list(KERAS_OPTIMIZERS) == sorted(classes - others)


@pytest.mark.parametrize(
    ("recorded", "framework", "words"),
    [
        ("Nadam", "pytorch", "torch.optim.NAdam(model.parameters(), lr=0.0767)"),
        ("NAdam", "keras", "keras.optimizers.Nadam(learning_rate=learning_rate)"),
        ("SGD, momentum 0.9", "pytorch", "torch.optim.SGD(model.parameters(), lr=0.0767, momentum=0.9)"),
        (
            "Lion",
            "pytorch",
            "# The range test was made with 'Lion', which PyTorch does not have: put it in place of Adam.",
        ),
        (
            "RAdam",
            "keras",
            "# The range test was made with 'RAdam', which Keras does not have: put it in place of Adam.",
        ),
    ],
)
def test_an_optimizer_is_named_as_the_framework_names_it(recorded, framework, words):
    assert words in code("constant", 700, 32, parameters_of("constant"), recorded, framework)


def test_a_framework_that_is_none_is_refused():
    with pytest.raises(ValueError, match="`framework` must be one of keras, pytorch. Received: framework='jax'."):
        code("constant", 700, 32, parameters_of("constant"), framework="jax")  # pyright: ignore[reportArgumentType]


def test_the_menu_is_in_order_and_says_what_each_recipe_is():
    assert list(RECIPES) == [
        "constant",
        "one_cycle",
        "warmup_cosine",
        "warmup_linear",
        "warmup_stable_decay",
        "cyclical",
        "step_decay",
        "exponential_decay",
        "inverse_time_decay",
        "linear_decay",
        "polynomial_decay",
        "cosine_decay",
        "cosine_decay_restarts",
    ]
    for name, recipe in RECIPES.items():
        assert recipe.formula is getattr(formulas, name)
        assert recipe.use == USES.get(name, "constant")
        assert recipe.description.endswith(".")
        for parameter in recipe.parameters:
            # A label stands above a field of half a form, and what it does in words that are none of its name.
            assert 0 < len(parameter.label) <= 32
            assert parameter.help.endswith(".")
            assert parameter.name not in parameter.help


@pytest.mark.parametrize(
    ("highest", "edge", "sentence", "is_above"),
    [
        (0.0031, 0.013, "0.0031, lies 4.2 times below 0.013, where this test expects training to break.", False),
        (0.01, 0.0106, "0.01, lies 1.1 times below 0.0106, where this test expects training to break.", False),
        (0.01, 0.0101, "0.01, lies at 0.0101, where this test expects training to break. Take a lower rate,", True),
        (0.01, 0.0099, "0.01, lies at 0.0099, where this test expects training to break. Take a lower rate,", True),
        (0.05, 0.032, "0.05, lies 1.6 times above 0.032, where this test expects training to break. Take a", True),
    ],
)
def test_the_margin_to_the_edge_is_told_on_both_sides_of_it(highest, edge, sentence, is_above):
    margin = margin_of(highest, edge)
    assert f"The highest rate, {sentence}" in margin.sentence
    assert margin.is_above is is_above


@given(st.sampled_from(list(RECIPES)), st.integers(2, 20_000), st.integers(3, 500))
def test_what_is_drawn_has_both_ends_and_the_highest_rate(name, total_steps, most):
    parameters = RECIPES[name].defaults(basis_of(total_steps, 0.05))
    whole = learning_rates(name, total_steps, parameters)
    steps, rates = drawn(name, total_steps, parameters, most)
    assert (steps[0], steps[-1], rates.max()) == (0, total_steps - 1, whole.max())
    assert len(steps) <= most
    np.testing.assert_array_equal(rates, whole[steps])


def test_defaults_start_from_the_suggestion_and_fill_the_training():
    assert learning_rates("one_cycle", 700, parameters_of("one_cycle")).max() == 0.0767
    cyclical = RECIPES["cyclical"].defaults(basis_of(800, 0.05, 0.004))
    assert (cyclical["initial_learning_rate"], cyclical["max_learning_rate"]) == (0.004, 0.05)
    assert cyclical["step_size"] == 100
    assert float(cyclical["gamma"]) ** 800 == pytest.approx(0.1, rel=1e-4)
    steps = learning_rates("step_decay", 700, parameters_of("step_decay"))
    np.testing.assert_allclose(np.unique(steps), 0.0767 * 0.5 ** np.arange(5)[::-1])
    restarts = learning_rates("cosine_decay_restarts", 700, parameters_of("cosine_decay_restarts"))
    assert np.flatnonzero(np.diff(restarts) > 0.05).tolist() == [99, 299]
    assert learning_rates("linear_decay", 700, parameters_of("linear_decay"))[-1] == pytest.approx(0.0767 / 700)


@given(st.sampled_from(list(RECIPES)), st.integers(2, 2000), st.floats(1e-10, 1e3), st.none() | st.floats(0.001, 0.99))
def test_defaults_are_valid_for_any_start(name, total_steps, rate, share):
    parameters = RECIPES[name].defaults(basis_of(total_steps, rate, None if share is None else share * rate))
    rates = learning_rates(name, total_steps, json.loads(json.dumps(parameters)))
    assert rates.shape == (total_steps,)
    assert np.isfinite(rates).all()
    assert rates.max() <= rate * (1 + 1e-9)
    assert rates.min() >= 0


@given(st.sampled_from(list(RECIPES)), st.data())
def test_any_parameters_within_their_ranges_give_rates_unless_they_contradict_each_other(name, data):
    parameters = {}
    for parameter in RECIPES[name].parameters:
        values = {
            "number": st.floats(parameter.minimum, parameter.maximum),
            "integer": st.integers(int(parameter.minimum), int(parameter.maximum)),
            "choice": st.sampled_from(parameter.choices or ("",)),
        }
        parameters[parameter.name] = data.draw(values[parameter.kind])
    # Two parameters can contradict each other, each within its range.
    contradiction = parameters.get("warmup_share", 0) + parameters.get("annihilation_share", 0) >= 1 or (
        parameters.get("max_learning_rate", 1) <= parameters.get("initial_learning_rate", 0)
    )
    takes = parameters.get("warmup_steps", 0) + parameters.get("decay_steps", 1)
    too_long = name.startswith("warmup_") and takes > 300
    if too_long or (name in ("one_cycle", "cyclical") and contradiction):
        with pytest.raises(ValueError, match="must exceed|must add to less than 1|to fit into the training"):
            learning_rates(name, 300, parameters)
        return
    rates = learning_rates(name, 300, parameters)
    assert np.isfinite(rates).all()
    assert rates.min() >= 0


@pytest.mark.parametrize(
    ("name", "total_steps", "changed", "message"),
    [
        ("sine", 700, {}, "`name` must be one of constant, one_cycle, warmup_cosine, warmup_linear"),
        ("constant", 1, {}, "`total_steps` must be a whole number of at least 2. Received: total_steps=1."),
        ("constant", 7.5, {}, "`total_steps` must be a whole number of at least 2. Received: total_steps=7.5."),
        ("constant", MAX_STEPS + 1, {}, "`total_steps` must be in [2, 1e+07]. Received: total_steps=10000001."),
        (
            "constant",
            700,
            {"learning_rate": 0},
            "`learning_rate` must be in [1e-12, 1e+06]. Received: learning_rate=0.",
        ),
        ("constant", 700, {"learning_rate": "0.1"}, "`learning_rate` must be in [1e-12, 1e+06]."),
        ("constant", 700, {"learning_rate": float("nan")}, "`learning_rate` must be in [1e-12, 1e+06]."),
        ("constant", 700, {"rate": 0.1}, "`parameters` must be learning_rate. Received: learning_rate, rate."),
        ("one_cycle", 700, {"shape": "round"}, "`shape` must be one of cosine, linear. Received: shape='round'."),
        ("one_cycle", 700, {"warmup_share": 0.7, "annihilation_share": 0.4}, "must add to less than 1"),
        ("cyclical", 700, {"initial_learning_rate": 0.5}, "`max_learning_rate` must exceed `initial_learning_rate`."),
        ("step_decay", 700, {"decay_steps": 2.5}, "`decay_steps` must be a whole number of at least 1."),
        (
            "warmup_cosine",
            700,
            {"warmup_steps": 700},
            "`warmup_steps` must be at most 699, to fit into the training. Received: warmup_steps=700.",
        ),
        (
            "warmup_stable_decay",
            700,
            {"warmup_steps": 400, "decay_steps": 301},
            "`warmup_steps` and `decay_steps` must add to at most 700, to fit into the training. "
            "Received: warmup_steps=400, decay_steps=301.",
        ),
        ("polynomial_decay", 700, {"power": 0}, "`power` must be in [0.01, 100]. Received: power=0."),
        ("cosine_decay_restarts", 700, {"t_mul": 6}, "`t_mul` must be in [1, 5]. Received: t_mul=6."),
    ],
)
def test_refuses_what_is_unknown_or_out_of_range(name, total_steps, changed, message):
    parameters = parameters_of(name, changed) if name in RECIPES else {}
    for refuse in (
        lambda: learning_rates(name, total_steps, parameters),
        lambda: code(name, total_steps, 32, parameters),
    ):
        with pytest.raises(ValueError) as refused:
            refuse()
        assert message in str(refused.value)


def test_refuses_parameters_that_are_missing_and_starts_that_are_none():
    with pytest.raises(ValueError, match="`parameters` must be learning_rate. Received: none."):
        learning_rates("constant", 700, {})
    with pytest.raises(ValueError, match="`lower` must be positive and below 0.1. Received: lower=0.1."):
        basis_of(700, 0.1, 0.1)
    with pytest.raises(ValueError, match="`learning_rate` must be positive and finite."):
        basis_of(700, float("inf"))


def test_the_code_names_what_to_put_in_the_place_of_an_optimizer_that_keras_lacks():
    *_, comment, last = code("constant", 700, 32, parameters_of("constant"), optimizer="Prodigy").splitlines()
    assert comment == "# The range test was made with 'Prodigy', which Keras does not have: put it in place of Adam."
    assert last == "optimizer = keras.optimizers.Adam(learning_rate=learning_rate)"


@pytest.mark.parametrize("separator", ["\n", "\r", "\x0c", "\x85", "\u2028", "'\n"])
def test_no_name_gets_out_of_the_comment(separator):
    hostile = f"SGD{separator}raise SystemExit"
    copied = built(code("constant", 700, 32, parameters_of("constant"), optimizer=hostile))
    assert isinstance(copied["optimizer"], keras.optimizers.Adam)


def test_only_numbers_get_into_the_code():
    with pytest.raises(ValueError, match="`batch_size` must be a whole number of at least 1."):
        code("constant", 700, 0, parameters_of("constant"))
    assert "    step_size=100,\n" in code("cyclical", 700, 32, parameters_of("cyclical", {"step_size": np.int64(100)}))


def test_what_a_default_is_taken_from_is_that_rate_in_every_recipe():
    basis = basis_of(700, 0.05, 0.002)
    for name, recipe in RECIPES.items():
        defaults = recipe.defaults(basis)
        origins = {one.name: one.origin for one in recipe.parameters if one.origin is not None}
        assert {parameter: defaults[parameter] for parameter in origins} == {
            parameter: getattr(basis, origin) for parameter, origin in origins.items()
        }
        assert [*origins.values()] == (["lower", "learning_rate"] if name == "cyclical" else ["learning_rate"])


def test_the_planner_loads_no_keras():
    check = (
        "import sys, tb_lrfinder.rates.planner; print(sorted({'keras', 'tensorflow', 'jax', 'torch'} & {*sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
