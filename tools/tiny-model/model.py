"""The two bodies as PyTorch modules, with the parameter names of their Hugging Face layouts.

`llada-moe` sees all positions; `llada2` sees the positions of its own block of 32 and of earlier ones. Both are Llama bodies with norms of
each head's queries and keys and a mixture of experts; they differ in the router and in names.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

BLOCK = 32
FILL = 256


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    hidden: int = 128
    layers: int = 6
    heads: int = 4
    experts: int = 8
    chosen: int = 2
    intermediate: int = 96
    context: int = 1024
    theta: float = 10000.0
    epsilon: float = 1e-5


class Linear(nn.Linear):
    """Without bias. `half`: operands are rounded to bfloat16, for a processor that multiplies them faster."""

    half = False

    def __init__(self, columns: int, rows: int):
        super().__init__(columns, rows, bias=False)

    def forward(self, x):
        if not Linear.half:
            return super().forward(x)
        # Few different sizes, as a product of a new size is set up slowly.
        filled = F.pad(x.bfloat16(), (0, 0, 0, -len(x) % FILL))
        return F.linear(filled, self.weight.bfloat16())[: len(x)].float()


class Norm(nn.Module):
    def __init__(self, size: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x, scale=1.0):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * (scale * self.weight)


def rotated(x, cosines, sines):
    """x: [tokens, heads, size]; cosines, sines: [tokens, 1, size / 2]; the halves of a head are the two parts of its angles."""
    left, right = x.chunk(2, dim=-1)
    return torch.cat((left * cosines - right * sines, right * cosines + left * sines), dim=-1)


class Batch:
    """Pieces of rows of equal length: where their tokens are, the angles of all tokens, and who sees whom."""

    def __init__(self, model, tokens):
        self.pieces, first = [], 0
        for ids in tokens:
            self.pieces.append((first, *ids.shape))
            first += ids.numel()
        at = torch.cat([torch.arange(length).repeat(rows) for _, rows, length in self.pieces])
        self.cosines, self.sines = model.cosines[at].unsqueeze(1), model.sines[at].unsqueeze(1)
        self.masks = [block_causal(length) if model.family == "llada2" else None for _, _, length in self.pieces]


def block_causal(length):
    block = torch.arange(length) // BLOCK
    return torch.zeros(length, length).masked_fill(block.unsqueeze(1) < block.unsqueeze(0), -1e9)


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.heads, self.size = shape.heads, shape.hidden // shape.heads
        linear = lambda: Linear(shape.hidden, shape.hidden)
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = linear(), linear(), linear(), linear()
        self.q_norm, self.k_norm = Norm(self.size, shape.epsilon), Norm(self.size, shape.epsilon)

    def forward(self, x, batch):
        """x: [tokens, hidden], of all pieces one after the other."""
        split = lambda y: y.view(-1, self.heads, self.size)
        # The norm's weights take the scale of the scores.
        queries = rotated(self.q_norm(split(self.q_proj(x)), self.size**-0.5), batch.cosines, batch.sines)
        keys = rotated(self.k_norm(split(self.k_proj(x))), batch.cosines, batch.sines)
        values = split(self.v_proj(x))
        out = []
        for (first, rows, length), mask in zip(batch.pieces, batch.masks):
            part = lambda y: y[first : first + rows * length].view(rows, length, self.heads, self.size).transpose(1, 2)
            scores = part(queries) @ part(keys).transpose(2, 3)
            seen = F.softmax(scores if mask is None else scores + mask, dim=-1) @ part(values)
            out.append(seen.transpose(1, 2).reshape(rows * length, -1))
        return self.o_proj(torch.cat(out))


class Expert(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.gate_proj = Linear(shape.hidden, shape.intermediate)
        self.up_proj = Linear(shape.hidden, shape.intermediate)
        self.down_proj = Linear(shape.intermediate, shape.hidden)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Mixture(nn.Module):
    """`llada-moe`: softmax scores as they are. `llada2`: sigmoid scores, normalised among the chosen experts."""

    def __init__(self, shape: Shape, sigmoid: bool):
        super().__init__()
        self.shape, self.sigmoid = shape, sigmoid
        self.gate = nn.Linear(shape.hidden, shape.experts, bias=False)
        self.experts = nn.ModuleList(Expert(shape) for _ in range(shape.experts))

    def forward(self, x):
        """x: [tokens, hidden]."""
        logits = self.gate(x)
        scores = torch.sigmoid(logits) if self.sigmoid else F.softmax(logits, dim=-1)
        weights, chosen = scores.topk(self.shape.chosen, dim=-1)
        if self.sigmoid:
            weights = weights / (weights.sum(-1, keepdim=True) + 1e-20)
        # Copies of the rows, those of an expert one after the other.
        order = chosen.flatten().argsort(stable=True)
        counts = chosen.flatten().bincount(minlength=self.shape.experts).tolist()
        rows = order // self.shape.chosen
        parts = x.index_select(0, rows).split(counts)
        out = torch.cat([expert(part) for expert, part in zip(self.experts, parts)]) * weights.flatten()[order].unsqueeze(-1)
        out = torch.zeros_like(x).index_add(0, rows, out)
        # Balance, as in Switch Transformers (arXiv 2101.03961): share of rows times mean score of each expert.
        share = F.one_hot(chosen, self.shape.experts).sum(1).float().mean(0)
        mean = (scores / scores.sum(-1, keepdim=True)).mean(0)
        return out, self.shape.experts * (share.detach() * mean).sum()


class Layer(nn.Module):
    def __init__(self, shape: Shape, sigmoid: bool):
        super().__init__()
        self.input_layernorm = Norm(shape.hidden, shape.epsilon)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = Norm(shape.hidden, shape.epsilon)
        self.mlp = Mixture(shape, sigmoid)

    def forward(self, x, batch):
        x = x + self.self_attn(self.input_layernorm(x), batch)
        out, balance = self.mlp(self.post_attention_layernorm(x))
        return x + out, balance


class Model(nn.Module):
    def __init__(self, shape: Shape, family: str):
        super().__init__()
        self.shape, self.family = shape, family
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape, family == "llada2") for _ in range(shape.layers))
        self.norm = Norm(shape.hidden, shape.epsilon)
        self.lm_head = Linear(shape.hidden, shape.vocabulary)
        half = shape.hidden // shape.heads // 2
        frequencies = shape.theta ** (-torch.arange(half, dtype=torch.float64) / half)
        angles = torch.arange(shape.context, dtype=torch.float64).unsqueeze(1) * frequencies
        self.register_buffer("cosines", angles.cos().float(), persistent=False)
        self.register_buffer("sines", angles.sin().float(), persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                deep = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * shape.layers) ** 0.5 if deep else 0.02)

    def forward(self, tokens, wanted):
        """tokens and wanted: lists of [rows, positions], int64 and bool. Returns the wanted positions' logits, and the experts' balance."""
        batch = Batch(self, tokens)
        x = self.embed_tokens(torch.cat([ids.flatten() for ids in tokens]))
        balances = []
        for layer in self.layers:
            x, balance = layer(x, batch)
            balances.append(balance)
        wanted = torch.cat([each.flatten() for each in wanted])
        return self.lm_head(self.norm(x[wanted])), torch.stack(balances).mean()
