"""The same shapes in PyTorch: a step and a refresh, eager and compiled with CUDA graphs. Prints JSON. Takes the shapes' file."""

import json
import sys
import time

import torch
from torch.nn import functional as F

device = "cuda" if torch.cuda.is_available() else "cpu"
dtype = torch.bfloat16


def random(*shape):
    return torch.empty(shape, dtype=dtype, device=device).uniform_(-0.03, 0.03)


class Layer(torch.nn.Module):
    def __init__(self, shape, feed_forward):
        super().__init__()
        hidden, head = shape["hidden"], shape["headDimension"]
        self.heads, self.head, self.has_norms = shape["heads"], head, shape["queryKeyNorm"]
        self.qkv, self.out = random(3 * self.heads * head, hidden), random(hidden, self.heads * head)
        ones = lambda size: torch.ones(size, dtype=dtype, device=device)
        self.norms = [ones(hidden), ones(hidden), ones(head), ones(head)]
        width = feed_forward["intermediate"]
        self.top = feed_forward.get("topK")
        if self.top:
            self.experts = feed_forward["experts"]
            self.router = random(self.experts, hidden)
            self.up, self.down = random(self.experts, 2 * width, hidden), random(self.experts, hidden, width)
        else:
            self.up, self.down = random(2 * width, hidden), random(hidden, width)

    def rotate(self, x, table):
        a, b = x.chunk(2, -1)
        return x * table[0] + torch.cat((-b, a), -1) * table[1]

    def mixture(self, x):
        weights, chosen = torch.softmax(F.linear(x, self.router).float(), -1).topk(self.top, -1)
        # Every expert computes every row: as many rows as these touch all experts, and a graph can hold it.
        share = torch.zeros(x.shape[0], self.experts, device=x.device).scatter_(1, chosen, weights).to(dtype)
        gate, up = torch.matmul(x, self.up.transpose(1, 2)).chunk(2, -1)
        y = torch.matmul(F.silu(gate) * up, self.down.transpose(1, 2))
        return torch.einsum("erh,re->rh", y, share)

    def forward(self, x, table, keys, values):
        batch, rows, hidden = x.shape
        h = F.rms_norm(x, (hidden,), self.norms[0])
        q, k, v = F.linear(h, self.qkv).view(batch, rows, 3, self.heads, self.head).permute(2, 0, 3, 1, 4)
        if self.has_norms:
            q, k = F.rms_norm(q, (self.head,), self.norms[2]), F.rms_norm(k, (self.head,), self.norms[3])
        q, k = self.rotate(q, table), self.rotate(k, table)
        keys[:batch, :, -rows:] = k
        values[:batch, :, -rows:] = v
        y = F.scaled_dot_product_attention(q, keys[:batch], values[:batch])
        x = x + F.linear(y.transpose(1, 2).reshape(batch, rows, -1), self.out)
        h = F.rms_norm(x, (hidden,), self.norms[1])
        if self.top:
            return x + self.mixture(h.view(-1, hidden)).view_as(x)
        gate, up = F.linear(h, self.up).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, self.down)


class Model(torch.nn.Module):
    def __init__(self, shape, sequences, context):
        super().__init__()
        self.embedding, self.head = (random(shape["vocabulary"], shape["hidden"]) for _ in range(2))
        self.norm = torch.ones(shape["hidden"], dtype=dtype, device=device)
        self.layers = torch.nn.ModuleList(Layer(shape, each) for each in shape["feedForward"])
        cache = (sequences, shape["heads"], context, shape["headDimension"])
        self.caches = [(random(*cache), random(*cache)) for _ in self.layers]
        size = shape["headDimension"]
        angles = torch.outer(torch.arange(context), 500000.0 ** (-torch.arange(0, size, 2) / size)).repeat(1, 2)
        self.table = torch.stack((angles.cos(), angles.sin())).to(device, dtype)

    def forward(self, tokens, wanted: int):
        rows = tokens.shape[1]
        x = F.embedding(tokens, self.embedding)
        for layer, (keys, values) in zip(self.layers, self.caches):
            x = layer(x, self.table[:, -rows:], keys, values)
        x = F.rms_norm(x[:, :wanted], (x.shape[-1],), self.norm)
        logits = F.linear(x, self.head).float()
        best, token = logits.max(-1)
        return token, torch.exp(best - logits.logsumexp(-1))


def microseconds(run, rounds):
    for _ in range(3):
        run()
    times = []
    for _ in range(rounds):
        if device == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(1e6 * (time.perf_counter() - start))
    return round(sorted(times)[len(times) // 2], 1)


def main():
    with open(sys.argv[1]) as file:
        options = json.load(file)
    results = {"torch": torch.__version__, "device": device}
    for name, shape in options["shapes"].items():
        with torch.inference_mode():
            model = Model(shape, max(options["sequences"]), options["context"])
            compiled = torch.compile(model, mode="reduce-overhead", dynamic=False) if device == "cuda" else None
            results[name] = []
            sizes = [(count, options["window"]) for count in options["sequences"]] + [(1, options["refresh"])]
            for batch, rows in sizes:
                tokens = torch.randint(shape["vocabulary"], (batch, rows), device=device)
                step = lambda run: microseconds(lambda: run(tokens, options["window"]), options["rounds"])
                own = {"rows": batch * rows, "eagerUs": step(model)}
                if compiled:
                    own["compiledUs"] = step(compiled)
                results[name].append(own)
            del model, compiled
            if device == "cuda":
                torch.cuda.empty_cache()
    print(json.dumps(results))


main()
