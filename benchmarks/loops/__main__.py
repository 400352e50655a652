"""`RangeTest` in loops of one's own, beside the range tests of others.

    python -m benchmarks.loops [cost] [restored] [suggested]

- `cost`: processor time of a step, beside the same loop with a list that keeps its losses;
- `restored`: what is bit for bit as it was after a test;
- `suggested`: how much progress the suggested rates lose on ten tasks of benchmarks/recommendation.

Prints each as tables in Markdown. A tool or framework that is not installed is left out, with a word on what to install.
"""

from __future__ import annotations

import argparse
import importlib
import os
from importlib.util import find_spec

# One thread: on cores that others use too, threads wait for one another, and a wait that spins counts as work.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false"

PARTS = ("cost", "restored", "suggested")
# By the module that is imported, the package that has it.
PACKAGES = {
    "torch": "torch",
    "jax": "jax",
    "optax": "optax",
    "torch_lr_finder": "torch-lr-finder",
    "ignite": "pytorch-ignite",
    "fastai": "fastai",
    "lightning": "lightning",
}


def has(*modules: str) -> bool:
    """Whether they are all installed; says what to install for those that are not."""
    missing = [PACKAGES[module] for module in modules if find_spec(module) is None]
    if missing:
        print(f"\nLeft out, as it is not installed: `pip install {' '.join(missing)}`.")
    return not missing


def print_cost(block: int, rounds: int) -> None:
    from benchmarks.loops import cost

    for title, module, needed in (("PyTorch", "on_torch", ("torch",)), ("JAX", "on_jax", ("jax", "optax"))):
        if not has(*needed):
            continue
        framework = importlib.import_module(f"benchmarks.loops.{module}")
        with_peer = module == "on_torch" and has("torch_lr_finder")
        for size in framework.SIZES:
            print(f"\n{title}, {size}, {rounds} rounds of {block} steps:\n", flush=True)
            print(cost.table(framework, size, block, rounds, with_peer=with_peer), flush=True)


def print_peers(part: str) -> None:
    """Each tool at work: what it restores, or what it suggests."""
    if not has("torch"):
        return
    from benchmarks.loops import restored, suggested, tools

    peers = {name: tool for name, (tool, module) in tools.PEERS.items() if has(module)}
    lines = restored.table({"RangeTest": tools.range_test, **peers}) if part == "restored" else suggested.table(peers)
    print("", *lines, sep="\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="RangeTest in loops of one's own, beside the range tests of others.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all, if none is named")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--block", type=int, default=40, help="Steps of each loop in a round.")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"A part is one of {', '.join(PARTS)}. Received: {', '.join(sorted(unknown))}.")
    for part in options.parts or PARTS:
        print(f"\n## {part}")
        if part == "cost":
            print_cost(options.block, options.rounds)
        else:
            print_peers(part)


if __name__ == "__main__":
    main()
