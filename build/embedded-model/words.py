"""A start from which training needs minutes instead of hours: a model that already reads questions as bags of words.

From random weights the model first learns all answers by heart and only much later which question each belongs to. So
the embeddings learn that first, in seconds and without the transformer, and the first blocks begin as plain averages of
the words so far, which is what the embeddings were trained for.
"""

import random

import torch
from torch import nn
from torch.nn import functional as F

STEPS, QUESTIONS = 1500, 64
GAIN = 4.0  # of the average over the residual stream that it joins


def unit(x):
    return F.normalize(x, dim=-1) * x.shape[-1] ** 0.5


def questions(dialogues, rng):
    tokenizer = dialogues.tokenizer
    exchanges = [dialogues.exchange(rng) for _ in range(QUESTIONS)]
    before = [tokenizer.bos, *tokenizer.opening("user")]
    after = [tokenizer.end, tokenizer.newline, *tokenizer.opening("assistant")]
    ids = [before + tokenizer.text(q, 0.1 if rng.random() < 0.25 else 0.0) + after for q, _ in exchanges]
    width = max(map(len, ids))
    tokens = torch.tensor([x + [0] * (width - len(x)) for x in ids])
    used = torch.tensor([[1.0] * len(x) + [0.0] * (width - len(x)) for x in ids])
    return tokens, used[:, :, None], torch.tensor([dialogues.order[name] for _, name in exchanges])


def learn_words(model, intent_head, dialogues, seed):
    rng = random.Random(f"{seed} words")
    optimizer = torch.optim.Adam([model.embed.weight, *intent_head.parameters()], lr=0.005)
    for step in range(STEPS):
        tokens, used, intents = questions(dialogues, rng)
        average = (unit(model.embed(tokens)) * used).sum(1) / used.sum(1)
        loss = F.cross_entropy(intent_head(unit(average)), intents)
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["lr"] = 0.005 * (1 - step / STEPS)
        optimizer.step()
    return loss.item()


@torch.no_grad()
def average_words(model):
    """Each of the first blocks passes another part of the average on; together they pass all of it."""
    c = model.c
    part = c.kv_heads * c.head_dim
    basis = nn.init.orthogonal_(torch.empty(c.dim, c.dim))
    group = c.heads // c.kv_heads
    for block, rows in zip(model.blocks, basis.split(part)):
        block.attn.v.weight.copy_(rows)
        for head in range(c.heads):
            source = rows[(head // group) * c.head_dim :][: c.head_dim]
            block.attn.o.weight[:, head * c.head_dim :][:, : c.head_dim] = source.T * GAIN / group
    model.embed.weight.mul_(0.05 / model.embed.weight.std())
