"""Prints how fast numpy and PyTorch multiply matrices on the threads named by the argument, in GFLOP/s, as JSON."""

import json
import os
import sys
import time

threads = sys.argv[1]
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = threads
side = 1536
best = {}


def measure(kind, multiply):
    fastest = float("inf")
    end = time.perf_counter() + 1
    while time.perf_counter() < end:
        before = time.perf_counter()
        multiply()
        fastest = min(fastest, time.perf_counter() - before)
    best[kind] = max(best.get(kind, 0), 2 * side**3 / fastest / 1e9)


try:
    import numpy as np

    matrix = np.random.rand(side, side).astype(np.float32)
    measure("fp32", lambda: matrix @ matrix)
except (ImportError, RuntimeError):
    pass
try:
    import torch

    torch.set_num_threads(int(threads))
    floats = torch.rand(side, side)
    measure("fp32", lambda: torch.mm(floats, floats))
    if torch.ops.mkldnn._is_mkldnn_bf16_supported():
        halves = floats.bfloat16()
        measure("bf16", lambda: torch.mm(halves, halves))
    whole = torch.randint(-100, 100, (side, side), dtype=torch.int8)
    measure("int8", lambda: torch._int_mm(whole, whole))
except (ImportError, RuntimeError, AttributeError):
    pass
print(json.dumps(best))
