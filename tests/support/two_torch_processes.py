"""One of two processes that train one model with `DistributedDataParallel`; a script of `test_range_test_torch.py`.

Prints what it saw as one line of JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

import torch
from torch.nn.parallel import DistributedDataParallel

from tb_lrfinder import RangeTest


def main(log_dir: str, store: str, rank: int) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    torch.manual_seed(rank)
    inputs = torch.randn(64, 4)
    batches = [(x, x[:, :1]) for x in inputs.split(8)]
    model = DistributedDataParallel(torch.nn.Linear(4, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    before = [one.detach().clone() for one in model.parameters()]
    losses: list[float] = []
    told = io.StringIO()
    with (
        contextlib.redirect_stdout(told),
        RangeTest(log_dir, 1e-3, 1e3, 60, restore=model, optimizer=optimizer) as test,
    ):
        for x, y in test.batches(batches):
            loss = torch.nn.functional.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            test.report(loss)
    print(
        json.dumps(
            {
                "losses": losses,
                "reported": test.history["loss"].tolist(),
                "restored": all(map(torch.equal, model.parameters(), before)),
                "stop_text": test.stop_text,
                "stop_reason": test.stop_reason,
                "told": "Suggested learning rate" in told.getvalue(),
            }
        ),
        flush=True,
    )
    torch.distributed.barrier()
    # As a program of two processes ends by itself, PyTorch aborts now and then, also without us.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
