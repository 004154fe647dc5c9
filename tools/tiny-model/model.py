"""The two bodies as PyTorch modules, with the parameter names of their Hugging Face layouts.

`llada-moe` sees all positions; `llada2` sees the positions of its own block of 32 and of earlier ones. Both are Llama bodies with norms of
each head's queries and keys and a mixture of experts; they differ in the router and in names.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

BLOCK = 32


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


class Norm(nn.Module):
    def __init__(self, size: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x, scale=1.0):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * (scale * self.weight)


def rotated(x, cosines, sines):
    """x: [rows, heads, positions, size]; the halves of a head are the two parts of its angles."""
    left, right = x.chunk(2, dim=-1)
    return torch.cat((left * cosines - right * sines, right * cosines + left * sines), dim=-1)


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.heads, self.size = shape.heads, shape.hidden // shape.heads
        linear = lambda: nn.Linear(shape.hidden, shape.hidden, bias=False)
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = linear(), linear(), linear(), linear()
        self.q_norm, self.k_norm = Norm(self.size, shape.epsilon), Norm(self.size, shape.epsilon)

    def forward(self, x, cosines, sines, mask):
        split = lambda y: y.view(*y.shape[:2], self.heads, self.size)
        # The norm's weights take the scale of the scores.
        queries = rotated(self.q_norm(split(self.q_proj(x)), self.size**-0.5).transpose(1, 2), cosines, sines)
        keys = rotated(self.k_norm(split(self.k_proj(x))).transpose(1, 2), cosines, sines)
        values = split(self.v_proj(x)).transpose(1, 2)
        scores = queries @ keys.transpose(2, 3)
        if mask is not None:
            scores = scores + mask
        out = F.softmax(scores, dim=-1) @ values
        return self.o_proj(out.transpose(1, 2).reshape(x.shape))


class Expert(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.intermediate, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.intermediate, bias=False)
        self.down_proj = nn.Linear(shape.intermediate, shape.hidden, bias=False)

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
        flat = x.reshape(-1, x.shape[-1])
        logits = self.gate(flat)
        scores = torch.sigmoid(logits) if self.sigmoid else F.softmax(logits, dim=-1)
        weights, chosen = scores.topk(self.shape.chosen, dim=-1)
        if self.sigmoid:
            weights = weights / (weights.sum(-1, keepdim=True) + 1e-20)
        out = torch.zeros_like(flat)
        for index, expert in enumerate(self.experts):
            rows, places = torch.where(chosen == index)
            if rows.numel() > 0:
                part = expert(flat.index_select(0, rows)) * weights[rows, places].unsqueeze(-1)
                out = out.index_add(0, rows, part)
        # Balance, as in Switch Transformers (arXiv 2101.03961): share of rows times mean score of each expert.
        share = F.one_hot(chosen, self.shape.experts).sum(1).float().mean(0)
        mean = (scores / scores.sum(-1, keepdim=True)).mean(0)
        return out.view_as(x), self.shape.experts * (share.detach() * mean).sum()


class Layer(nn.Module):
    def __init__(self, shape: Shape, sigmoid: bool):
        super().__init__()
        self.input_layernorm = Norm(shape.hidden, shape.epsilon)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = Norm(shape.hidden, shape.epsilon)
        self.mlp = Mixture(shape, sigmoid)

    def forward(self, x, cosines, sines, mask):
        x = x + self.self_attn(self.input_layernorm(x), cosines, sines, mask)
        out, balance = self.mlp(self.post_attention_layernorm(x))
        return x + out, balance


class Model(nn.Module):
    def __init__(self, shape: Shape, family: str):
        super().__init__()
        self.shape, self.family = shape, family
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape, family == "llada2") for _ in range(shape.layers))
        self.norm = Norm(shape.hidden, shape.epsilon)
        self.lm_head = nn.Linear(shape.hidden, shape.vocabulary, bias=False)
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
        """tokens: [rows, positions]; wanted: [rows, positions] bool. Returns logits of the wanted positions, and the experts' balance."""
        length = tokens.shape[1]
        mask = None
        if self.family == "llada2":
            block = torch.arange(length) // BLOCK
            mask = torch.zeros(length, length).masked_fill(block.unsqueeze(1) < block.unsqueeze(0), -1e9)
        x = self.embed_tokens(tokens)
        balances = []
        for layer in self.layers:
            x, balance = layer(x, self.cosines[:length], self.sines[:length], mask)
            balances.append(balance)
        return self.lm_head(self.norm(x[wanted])), torch.stack(balances).mean()
