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


def ones(size):
    return torch.ones(size, dtype=dtype, device=device)


class Held(torch.nn.Module):
    """A module whose tensors are buffers: a graph copies other tensors at every replay, and refuses to write to them."""

    def hold(self, **tensors):
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor)


class Layer(Held):
    def __init__(self, shape, feed_forward, sequences, context):
        super().__init__()
        hidden, head = shape["hidden"], shape["headDimension"]
        self.heads, self.head, self.has_norms = shape["heads"], head, shape["queryKeyNorm"]
        self.hold(qkv=random(3 * self.heads * head, hidden), out=random(hidden, self.heads * head))
        self.hold(norm=ones(hidden), mixer_norm=ones(hidden), query_norm=ones(head), key_norm=ones(head))
        cache = (sequences, self.heads, context, head)
        self.hold(keys=random(*cache), values=random(*cache))
        width = feed_forward["intermediate"]
        self.top = feed_forward.get("topK")
        if self.top:
            self.experts = feed_forward["experts"]
            self.hold(router=random(self.experts, hidden))
            self.hold(up=random(self.experts, 2 * width, hidden), down=random(self.experts, hidden, width))
        else:
            self.hold(up=random(2 * width, hidden), down=random(hidden, width))

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

    def forward(self, x, table):
        batch, rows, hidden = x.shape
        h = F.rms_norm(x, (hidden,), self.norm)
        q, k, v = F.linear(h, self.qkv).view(batch, rows, 3, self.heads, self.head).permute(2, 0, 3, 1, 4)
        if self.has_norms:
            q, k = F.rms_norm(q, (self.head,), self.query_norm), F.rms_norm(k, (self.head,), self.key_norm)
        q, k = self.rotate(q, table), self.rotate(k, table)
        self.keys[:batch, :, -rows:] = k
        self.values[:batch, :, -rows:] = v
        y = F.scaled_dot_product_attention(q, self.keys[:batch], self.values[:batch])
        x = x + F.linear(y.transpose(1, 2).reshape(batch, rows, -1), self.out)
        h = F.rms_norm(x, (hidden,), self.mixer_norm)
        if self.top:
            return x + self.mixture(h.view(-1, hidden)).view_as(x)
        gate, up = F.linear(h, self.up).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, self.down)


class Model(Held):
    def __init__(self, shape, sequences, context):
        super().__init__()
        self.hold(embedding=random(shape["vocabulary"], shape["hidden"]), norm=ones(shape["hidden"]))
        self.hold(head=random(shape["vocabulary"], shape["hidden"]))
        self.layers = torch.nn.ModuleList(Layer(shape, each, sequences, context) for each in shape["feedForward"])
        size = shape["headDimension"]
        angles = torch.outer(torch.arange(context), 500000.0 ** (-torch.arange(0, size, 2) / size)).repeat(1, 2)
        self.hold(table=torch.stack((angles.cos(), angles.sin())).to(device, dtype))

    def forward(self, tokens, wanted: int):
        table = self.table[:, -tokens.shape[1] :]
        x = F.embedding(tokens, self.embedding)
        for layer in self.layers:
            x = layer(x, table)
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
