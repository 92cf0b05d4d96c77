"""Muon: momentum whose update is orthogonalised, for the weight matrices of the blocks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

#: Coefficients of the quintic Newton-Schulz iteration.
QUINTIC = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5


def orthogonalise(update: Tensor) -> Tensor:
    """The nearest (roughly) semi-orthogonal matrices to a stack of matrices [n, rows, columns]."""
    wide = update.shape[1] > update.shape[2]
    x = update.transpose(1, 2) if wide else update
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = QUINTIC
    for _ in range(ITERATIONS):
        gram = x.transpose(1, 2) @ x
        x = a * x + x @ (b * gram + c * gram @ gram)
    return x.transpose(1, 2) if wide else x


class Muon:
    """Groups matrices by shape, so that each shape is one batched iteration."""

    def __init__(self, parameters: list[nn.Parameter], momentum: float = 0.95) -> None:
        self.momentum = momentum
        shapes: dict[tuple[int, ...], list[nn.Parameter]] = {}
        for p in parameters:
            shapes.setdefault(tuple(p.shape), []).append(p)
        self.groups = list(shapes.values())
        self.buffers = [torch.zeros(len(g), *g[0].shape) for g in self.groups]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        for group, buffer in zip(self.groups, self.buffers, strict=True):
            gradient = torch.stack([p.grad for p in group if p.grad is not None])
            buffer.mul_(self.momentum).add_(gradient, alpha=1 - self.momentum)
            update = orthogonalise(gradient.lerp(buffer, self.momentum))
            aspect = max(1.0, update.shape[1] / update.shape[2]) ** 0.5
            for p, u in zip(group, update, strict=True):
                p.add_(u, alpha=-rate * aspect)

    def state(self) -> list[Tensor]:
        return self.buffers

    def load(self, state: list[Tensor]) -> None:
        for buffer, saved in zip(self.buffers, state, strict=True):
            buffer.copy_(saved)
