"""Every recipe of the planner, with its defaults and with other values."""

from tb_lrfinder.rates.planner import RECIPES, basis_of

TOTAL_STEPS = 700
# Other values than the defaults, and every choice.
OTHERS = {
    "one_cycle": [
        {"shape": "linear", "warmup_share": 0.45, "start_divisor": 10.0, "end_divisor": 1e4, "annihilation_share": 0.1},
        {"warmup_share": 0.0},
    ],
    "cyclical": [{"mode": "triangular2"}, {"mode": "exp_range", "gamma": 0.995}, {"step_size": 41}],
    "step_decay": [{"decay_steps": 41, "decay_rate": 0.3}],
    "exponential_decay": [{"decay_steps": 33, "decay_rate": 0.9}],
    "inverse_time_decay": [{"decay_steps": 1, "decay_rate": 0.05}],
    "linear_decay": [{"decay_steps": 300, "end_learning_rate": 1e-4}],
    "polynomial_decay": [{"power": 0.9}, {"decay_steps": 300, "end_learning_rate": 1e-4, "power": 3.0}],
    "cosine_decay": [{"decay_steps": 300, "alpha": 0.01}, {"alpha": 0.2}],
    "warmup_cosine": [{"warmup_steps": 1, "start_share": 1.0, "end_share": 0.1}, {"warmup_steps": TOTAL_STEPS - 1}],
    "warmup_linear": [{"warmup_steps": 41, "start_share": 1e-6, "end_share": 0.5}],
    "warmup_stable_decay": [{"decay_steps": 1, "end_share": 0.3}, {"warmup_steps": 400, "decay_steps": 300}],
    "cosine_decay_restarts": [
        {"t_mul": 1, "first_decay_steps": 40, "m_mul": 0.8, "alpha": 0.01},
        {"t_mul": 3, "first_decay_steps": 7},
        {"t_mul": 5, "first_decay_steps": 6},
    ],
}
PLANS = [(name, changed) for name in RECIPES for changed in [{}, *OTHERS.get(name, [])]]


def parameters_of(name, changed=(), total_steps=TOTAL_STEPS):
    return {**RECIPES[name].defaults(basis_of(total_steps, 0.0767)), **dict(changed)}
