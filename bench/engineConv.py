"""The PyTorch side of bench/engineConv.ts: reads questions as lines of JSON, answers each with a line.

`{"case": ..., "kind": ..., "threads": ...}` prepares a call, `{"run": true}` makes it and answers its milliseconds.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F


def prepare(case, kind):
    batch, channels, size, kernel = case["batch"], case["channels"], case["size"], case["kernel"]
    stride, groups, operator = case["stride"], case["groups"], case["operator"]
    padding = 0 if kernel % 2 == 0 else (kernel - 1) // 2
    x = torch.randn(batch, channels, size, size)
    weight = torch.randn(case["outputs"], channels // groups, kernel, kernel)
    forward = {
        "conv": lambda x: F.conv2d(x, weight, None, stride, padding, 1, groups),
        "maxPool": lambda x: F.max_pool2d(x, kernel, stride, padding),
        "averagePool": lambda x: F.avg_pool2d(x, kernel, stride, padding, count_include_pad=False),
    }[operator]
    cotangent = torch.randn_like(forward(x))
    if kind == "forward":
        return lambda: forward(x)
    if kind == "forward and input":
        x.requires_grad_()
        return lambda: torch.autograd.grad(forward(x), x, cotangent)
    mask = (kind == "input", kind == "weight", False)
    return lambda: torch.ops.aten.convolution_backward(
        cotangent, x, weight, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups, mask
    )


call = None
for line in sys.stdin:
    question = json.loads(line)
    if "case" in question:
        torch.set_num_threads(question["threads"])
        call = prepare(question["case"], question["kind"])
        answer = "ready"
    elif "versions" in question:
        answer = f"PyTorch {torch.__version__}"
    else:
        started = time.perf_counter()
        call()
        answer = (time.perf_counter() - started) * 1000
    print(answer, flush=True)
