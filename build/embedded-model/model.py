"""A llama-architecture transformer small enough to train on a CPU.

The pairs of RoPE are adjacent elements, as llama.cpp's "norm" rope has them, so export needs no permutation.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass
class Config:
    vocab: int = 2048
    dim: int = 192
    layers: int = 6
    heads: int = 6
    kv_heads: int = 2
    ffn: int = 512
    context: int = 2048
    rope_base: float = 10000.0
    eps: float = 1e-5
    dropout: float = 0.1

    @property
    def head_dim(self):
        return self.dim // self.heads


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


def rotate(x, turns):
    pairs = torch.view_as_complex(x.view(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * turns.unsqueeze(2)).flatten(3)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.q = nn.Linear(c.dim, c.dim, bias=False)
        self.k = nn.Linear(c.dim, c.kv_heads * c.head_dim, bias=False)
        self.v = nn.Linear(c.dim, c.kv_heads * c.head_dim, bias=False)
        self.o = nn.Linear(c.dim, c.dim, bias=False)

    def forward(self, x, turns, mask, past):
        c, (b, t, _) = self.c, x.shape
        q = rotate(self.q(x).view(b, t, c.heads, c.head_dim), turns).transpose(1, 2)
        k = rotate(self.k(x).view(b, t, c.kv_heads, c.head_dim), turns).transpose(1, 2)
        v = self.v(x).view(b, t, c.kv_heads, c.head_dim).transpose(1, 2)
        if past is not None:
            k, v = (torch.cat([old, new], 2) for old, new in zip(past, (k, v)))
        present = (k, v)
        # The queries of a group become one long query, so that keys and values need no copies.
        q = (q * c.head_dim**-0.5).reshape(b, c.kv_heads, -1, c.head_dim)
        scores = (q @ k.transpose(2, 3)).view(b, c.heads, t, -1) + mask
        out = scores.softmax(-1).view(b, c.kv_heads, -1, k.shape[2]) @ v
        return self.o(out.view(b, c.heads, t, c.head_dim).transpose(1, 2).flatten(2)), present


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attn_norm = RMSNorm(c.dim, c.eps)
        self.attn = Attention(c)
        self.ffn_norm = RMSNorm(c.dim, c.eps)
        self.gate = nn.Linear(c.dim, c.ffn, bias=False)
        self.up = nn.Linear(c.dim, c.ffn, bias=False)
        self.down = nn.Linear(c.ffn, c.dim, bias=False)
        self.drop = nn.Dropout(c.dropout)

    def forward(self, x, turns, mask, past):
        y, present = self.attn(self.attn_norm(x), turns, mask, past)
        x = x + self.drop(y)
        h = self.ffn_norm(x)
        return x + self.drop(self.down(F.silu(self.gate(h)) * self.up(h))), present


class Tiny(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embed = nn.Embedding(c.vocab, c.dim)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.norm = RMSNorm(c.dim, c.eps)
        angle = c.rope_base ** (-torch.arange(0, c.head_dim, 2).float() / c.head_dim)
        angles = torch.arange(c.context).float()[:, None] * angle
        self.register_buffer("turns", torch.polar(torch.ones_like(angles), angles), persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02)
            if name.endswith(("o.weight", "down.weight")):
                p.data /= (2 * c.layers) ** 0.5

    def hidden(self, tokens, positions, mask, past=None):
        """Normed output of the last block, and each block's keys and values. `mask` is added to the scores: [batch, 1, queries, keys]."""
        x, turns, presents = self.embed(tokens), self.turns[positions], []
        for i, block in enumerate(self.blocks):
            x, present = block(x, turns, mask, past[i] if past else None)
            presents.append(present)
        return self.norm(x), presents

    def logits(self, hidden):
        return F.linear(hidden, self.embed.weight)


@torch.no_grad()
def greedy(model, prompts, end, limit=96):
    """Greedy continuations of many prompts at once: padded on the left, so that all of them grow at the same index."""
    training, model = model.training, model.eval()
    width = max(map(len, prompts))
    tokens = torch.tensor([[end] * (width - len(p)) + list(p) for p in prompts])
    hidden = torch.tensor([[-1e9] * (width - len(p)) + [0.0] * len(p) for p in prompts])[:, None, None]
    mask = hidden + torch.full((width, width), -1e9).triu(1)
    positions = torch.arange(width).expand(len(prompts), -1)
    x, past = model.hidden(tokens, positions, mask)
    out, alive = [[] for _ in prompts], torch.ones(len(prompts), dtype=torch.bool)
    for step in range(limit):
        best = model.logits(x[:, -1]).argmax(-1)
        alive &= best != end
        if not alive.any():
            break
        for row in alive.nonzero().flatten().tolist():
            out[row].append(best[row].item())
        hidden = F.pad(hidden, (0, 1))
        at = torch.full((len(prompts), 1), width + step)
        x, past = model.hidden(best[:, None], at, hidden, past)
    model.train(training)
    return out
