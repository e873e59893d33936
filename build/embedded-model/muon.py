"""Muon: momentum whose update is made orthogonal, for matrices. It needs far fewer steps here than AdamW alone."""

import torch
from torch import distributed


def orthogonal(g, steps=5):
    """The nearest matrix with singular values near 1, by Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[0] > g.shape[1]
    x = g.T if tall else g
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


def orthogonal_all(gradients):
    """With several workers each does its share of the matrices: this is a quarter of the work of a step."""
    if not distributed.is_initialized():
        return [orthogonal(g) for g in gradients]
    rank, workers = distributed.get_rank(), distributed.get_world_size()
    shares = [orthogonal(g) if i % workers == rank else torch.zeros_like(g) for i, g in enumerate(gradients)]
    flat = torch.cat([s.flatten() for s in shares])
    distributed.all_reduce(flat)
    return [part.view_as(g) for part, g in zip(flat.split([g.numel() for g in gradients]), gradients)]


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.95, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            params = group["params"]
            for p in params:
                m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["momentum"])
                p.grad.lerp_(m, group["momentum"])
            for p, update in zip(params, orthogonal_all([p.grad for p in params])):
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)
