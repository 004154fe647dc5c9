"""Trains a body on generated tasks, on the CPU, resumably:

    python3 tools/tiny-model/train.py RUN [--family llada-moe|llada2] [--steps N] [--tokens N] [--minutes M]

RUN is a folder with the tokenizer; the state is kept in RUN/FAMILY.pt, every few minutes and at the end. A step depends on the seed and on
its number alone, so that an interrupted run ends as one that was not. Masked diffusion (arXiv 2502.09992): a share of the answer's tokens
is masked, and the loss is the mean cross-entropy of the masked ones; for llada2 in one block, which all earlier blocks precede unmasked.
"""

import argparse
import json
import math
import os
import struct
import subprocess
import sys
import time

import numpy
import torch
from torch.nn import functional as F

from model import BLOCK, Linear, Model, Shape
from muon import Muon

MASK = 1
HERE = os.path.dirname(os.path.abspath(__file__))


def batches(folder, seed, step, tokens):
    """Batches from a step on, each a list of pieces: spans [rows, 2] in which tokens may be masked, and tokens [rows, positions]."""
    command = ["node", os.path.join(HERE, "batches.mjs"), folder, str(seed), str(step), str(tokens)]
    pipe = subprocess.Popen(command, stdout=subprocess.PIPE).stdout
    while True:
        count = pipe.read(4)
        if len(count) < 4:
            raise RuntimeError("batches.mjs has ended")
        yield [piece_of(pipe) for _ in range(struct.unpack("<I", count)[0])]


def piece_of(pipe):
    rows, length = struct.unpack("<II", pipe.read(8))
    spans = numpy.frombuffer(pipe.read(8 * rows), "<i4").reshape(rows, 2)
    ids = numpy.frombuffer(pipe.read(2 * rows * length), "<u2").reshape(rows, length)
    return torch.from_numpy(spans.astype(numpy.int64)), torch.from_numpy(ids.astype(numpy.int64))


def masked(family, spans, ids, random):
    """The positions that are masked: [rows, positions] bool; and the length that the batch needs."""
    rows, length = ids.shape
    start, end = spans[:, :1], spans[:, 1:]
    if family == "llada2":
        # A canvas fills its last block.
        end = torch.where(end == length, (end + BLOCK - 1) // BLOCK * BLOCK, end)
        # One block a row, the first ones more often: later blocks are mostly ends of sequence.
        first, last = start // BLOCK, (end - 1) // BLOCK
        block = torch.minimum(first + torch.empty(rows, 1).geometric_(0.4, generator=random).long() - 1, last)
        start, end = torch.maximum(start, block * BLOCK), torch.minimum(end, (block + 1) * BLOCK)
        length = int(end.max() + BLOCK - 1) // BLOCK * BLOCK
    at = torch.arange(length)
    inside = (at >= start) & (at < end)
    # A generation begins with everything masked: a quarter of the rows has that.
    share = torch.rand(rows, 1, generator=random)
    share = torch.where(torch.rand(rows, 1, generator=random) < 0.25, torch.ones_like(share), share)
    wanted = inside & (torch.rand(rows, length, generator=random) < share)
    # At least one.
    empty = ~wanted.any(1)
    wanted[empty, start[empty, 0]] = True
    return wanted, length


def loss_of(model, pieces, random):
    """The mean over the rows."""
    tokens, wanted, weights = [], [], []
    rows = sum(len(ids) for _, ids in pieces)
    for spans, ids in pieces:
        chosen, length = masked(model.family, spans, ids, random)
        ids = F.pad(ids, (0, max(0, length - ids.shape[1])))[:, :length]
        # Every row counts as much, however many of its tokens are masked; ends of sequence behind the answer count a tenth.
        padding = (ids == 0) & (torch.roll(ids, 1, 1) == 0)
        weight = torch.where(padding, 0.1, 1.0) * chosen
        weights.append((weight / weight.sum(1, keepdim=True) / rows)[chosen])
        tokens.append(ids)
        wanted.append(chosen)
    logits, balance = model([ids.masked_fill(chosen, MASK) for ids, chosen in zip(tokens, wanted)], wanted)
    targets = torch.cat([ids[chosen] for ids, chosen in zip(tokens, wanted)])
    each = F.cross_entropy(logits, targets, reduction="none")
    return (each * torch.cat(weights)).sum(), balance


def rate(step, steps, peak):
    """A tenth of the steps at most to warm up, then one rate, and in the last third down to nothing: a run is lengthened at will before that."""
    return peak * min(1.0, (step + 1) / min(300, steps / 10), 3 * (1 - step / steps))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--family", default="llada-moe", choices=["llada-moe", "llada2"])
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--tokens", type=int, default=5000)
    parser.add_argument("--peak", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bfloat16", action="store_true", help="products in bfloat16, for a processor that has instructions for them")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop earlier; the next call goes on")
    options = parser.parse_args()
    tokenizer = os.path.join(options.run, "tokenizer.json")
    with open(tokenizer, encoding="utf-8") as file:
        vocabulary = len(json.load(file)["model"]["vocab"])
    Linear.half = options.bfloat16
    torch.manual_seed(options.seed)
    model = Model(Shape(vocabulary), options.family)
    inner = [p for name, p in model.named_parameters() if "_proj" in name]
    outer = [p for name, p in model.named_parameters() if "_proj" not in name]
    optimizers = [Muon(inner, half=options.bfloat16), torch.optim.AdamW(outer, betas=(0.9, 0.98), weight_decay=0.0)]
    average = {name: value.clone() for name, value in model.state_dict().items()}
    path = os.path.join(options.run, f"{options.family}.pt")
    step = 0
    if os.path.exists(path):
        state = torch.load(path)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        average, step = state["average"], state["step"]
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, from step {step}", flush=True)

    def save():
        state = {"model": model.state_dict(), "average": average, "step": step}
        state["optimizers"] = [optimizer.state_dict() for optimizer in optimizers]
        torch.save(state, path + ".part")
        os.replace(path + ".part", path)

    began = saved = time.monotonic()
    mean = None
    for pieces in batches(options.run, options.seed, step, options.tokens):
        random = torch.Generator().manual_seed(options.seed * 1_000_003 + step)
        model.zero_grad()
        loss, balance = loss_of(model, pieces, random)
        (loss + 0.01 * balance).backward()
        losses = loss.item()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate(step, options.steps, options.peak)
            optimizer.step()
        decay = min(0.999, (step + 1) / (step + 10))
        for name, value in model.state_dict().items():
            average[name].mul_(decay).add_(value, alpha=1 - decay)
        step += 1
        mean = losses if mean is None else 0.98 * mean + 0.02 * losses
        now = time.monotonic()
        if step % 50 == 0:
            print(f"step {step}: loss {mean:.4f}, {(now - began) / 60:.1f} min", flush=True)
        over = step >= options.steps or (now - began) / 60 > options.minutes
        if over or now - saved > 120:
            save()
            saved = now
        if over:
            break


if __name__ == "__main__":
    sys.exit(main())
