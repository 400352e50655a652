"""The benchmark of loops measures what it says: loops in turn, tools as they are, recorded losses as they were."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.loops.turns import run_in_turn

BLOCK, ROUNDS = 3, 4


def test_loops_run_block_by_block_in_turn():
    trained: list[str] = []

    def loop_of(name):
        def loop(batches, num_steps):
            assert num_steps == BLOCK * (ROUNDS + 2)
            trained.extend(name for _ in batches)

        return loop

    paces = run_in_turn({"a": loop_of("a"), "b": loop_of("b")}, ["batch"], BLOCK, ROUNDS)
    assert "".join(trained) == ("a" * BLOCK + "b" * BLOCK) * (ROUNDS + 2)
    assert all(len(pace.blocks) == ROUNDS and min(pace.blocks) > 0 for pace in paces.values())


def test_an_error_of_a_loop_is_raised():
    def loop(batches, num_steps):
        next(batches)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_in_turn({"a": loop}, ["batch"], BLOCK, ROUNDS)


def test_what_a_tool_leaves_changed_is_noticed():
    pytest.importorskip("torch")
    from benchmarks.loops import restored, tools

    def trains_on(training):
        training.model.train()
        for x, y in training.loader:
            training.step(x, y)
            if training.scheduler is not None:
                training.scheduler.step()
        training.optimizer.param_groups[0]["lr"] = 3.0

    assert set(restored.compare(trains_on).values()) == {"no"}
    assert set(restored.compare(tools.range_test).values()) == {"yes"}


def test_a_replayed_training_gives_the_recorded_losses():
    pytest.importorskip("torch")
    from benchmarks.loops.suggested import replayed

    losses = np.array([2.0, 1.0, np.inf])
    training = replayed(losses, "Adam")
    seen = [training.step(x, y).item() for _, (x, y) in zip(range(4), training.loader, strict=False)]
    assert seen == [2.0, 1.0, np.inf, np.inf]
