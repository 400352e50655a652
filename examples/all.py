"""All five workflows at full size, and the figures they reach beside those that others reported, as a table in Markdown.

Run `python -m examples.all --log-dir logs/examples`, and `tensorboard --logdir logs/examples` to see them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from examples import circles, one_cycle, optimizers, schedules_seen, time_series

# Workflow, what is meant, where it stands among the figures, and what others reported.
ROWS = [
    ("1", "suggested rate", "{time_series[suggested_rate]:.2g}", "about 3e-6, read by eye"),
    ("1", "MAE of the forecast, trained at that rate", "{time_series[mae]:.2f}", "about 4.4, at 3e-6"),
    ("1", "… trained at 3e-6", "{time_series[mae_at_3e-6]:.2f}", ""),
    ("1", "… of the day before as forecast", "{time_series[mae_of_the_day_before]:.2f}", ""),
    ("2", "accuracy under the eight schedules", "{lowest:.3f} to {highest:.3f}", ""),
    ("3", "suggested rate", "{circles[suggested_rate]:.2g}", "between 0.01 and 0.1, read by eye"),
    ("3", "accuracy after 20 epochs at that rate, mean of 5 starts", "{circles[accuracy]:.3f}", ""),
    ("3", "… at 0.01", "{circles[accuracy_at_0.01]:.3f}", ""),
    ("4", "digits: accuracy, 10 epochs 1cycle to {digits[peak]:.2g}", "{digits[one_cycle]:.3f}", "CIFAR-10: 0.812"),
    ("4", "… 30 epochs at 0.01", "{digits[default]:.3f}", "CIFAR-10: 0.734"),
    ("4", "… 30 epochs at {digits[constant_rate]:.2g}, as suggested", "{digits[constant]:.3f}", ""),
    (
        "4",
        "1cycle is as good as 30 epochs at 0.01 after",
        "{digits[epochs_to_default]} epochs",
        "Fashion-MNIST: 9 epochs",
    ),
    ("4", "… as 30 epochs at the suggested rate after", "{digits[epochs_to_constant]} epochs", ""),
    ("4", "diabetes: RMSE, 10 epochs 1cycle to {diabetes[peak]:.2g}", "{diabetes[one_cycle]:.1f}", "Boston: 6.27"),
    ("4", "… 30 epochs at 0.01", "{diabetes[default]:.1f}", "Boston: 17.1"),
    ("4", "… 30 epochs at {diabetes[constant_rate]:.2g}, as suggested", "{diabetes[constant]:.1f}", ""),
    ("4", "1cycle is as good as 30 epochs at the suggested rate after", "{diabetes[epochs_to_constant]} epochs", ""),
    ("5", "lowest loss, Adam", "{adam_1[lowest_loss]:.2g} and {adam_2[lowest_loss]:.2g}", "lower"),
    ("5", "… SGD", "{sgd_1[lowest_loss]:.2g} and {sgd_2[lowest_loss]:.2g}", ""),
    ("5", "Adam's loss falls fastest at", "{adam_1[steepest]:.2g} and {adam_2[steepest]:.2g}", "1.1e-4"),
    ("5", "… SGD's", "{sgd_1[steepest]:.2g} and {sgd_2[steepest]:.2g}", "later"),
    ("5", "suggested rate, Adam", "{adam_1[suggested_rate]:.2g} and {adam_2[suggested_rate]:.2g}", ""),
    ("5", "… SGD", "{sgd_1[suggested_rate]:.2g} and {sgd_2[suggested_rate]:.2g}", ""),
]


def main(log_dir: str | Path, small: bool = False) -> dict[str, Any]:
    """Runs every example, small for the tests; returns what each returns, by name."""

    def run(example: Any, name: str, **options: Any) -> Any:
        return example.main(Path(log_dir) / name, **options, **(example.SMALL if small else {}))

    accuracies = run(schedules_seen, "schedules_seen")
    return {
        "time_series": run(time_series, "time_series"),
        "lowest": min(accuracies.values()),
        "highest": max(accuracies.values()),
        "circles": run(circles, "circles"),
        "digits": run(one_cycle, "one_cycle_digits", data_set="digits"),
        "diabetes": run(one_cycle, "one_cycle_diabetes", data_set="diabetes"),
        **run(optimizers, "optimizers"),
    }


def table(figures: dict[str, Any]) -> str:
    """The figures in Markdown."""
    lines = ["| workflow | figure | here | reported |", "|---|---|---:|---:|"]
    lines += [f"| {' | '.join(row)} |".format(**figures) for row in ROWS]
    # A training that diverged, and a goal that 1cycle did not reach.
    return "\n".join(lines).replace("| nan |", "| diverged |").replace("inf epochs", "never")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="All examples, and a table of what they reach.")
    parser.add_argument("--log-dir", default="logs/examples")
    print(table(main(parser.parse_args().log_dir)))
