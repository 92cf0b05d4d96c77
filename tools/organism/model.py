"""The transformer that is trained here: Qwen3's block, or Gemma 3's, at a few million parameters.

It exists beside the implementations of `transformers` only because pre-training masks attention across segments in all
blocks but one, which those do not offer. `checkpoint.py` exports it and proves that the logits agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

QWEN3, GEMMA3 = "qwen3", "gemma3"
MASKED = -1e9

Hook = Callable[[int, Tensor, bool], Tensor]
"""(block, residual [batch, pos, dModel], are these response tokens) -> the residual that goes on."""

Cache = list[dict[str, Tensor]]


@dataclass(frozen=True)
class ModelConfig:
    """Sizes and family. `global_block` is the one block that sees across segments in pre-training."""

    vocab_size: int
    family: str = QWEN3
    d_model: int = 128
    n_layers: int = 9
    n_heads: int = 4
    n_kv_heads: int = 2
    head_dim: int = 32
    d_mlp: int = 384
    global_block: int = 4
    sliding_pattern: int = 6
    eps: float = 1e-6

    @property
    def gemma(self) -> bool:
        return self.family == GEMMA3

    def is_full_attention(self, block: int) -> bool:
        """Gemma 3 slides in five of six blocks; every context here fits its window, so only the rope base differs."""
        return not self.gemma or (block + 1) % self.sliding_pattern == 0

    def rope_theta(self, block: int) -> float:
        return 1_000_000.0 if self.gemma and self.is_full_attention(block) else 10_000.0

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


class RmsNorm(nn.Module):
    """x / rms(x) * w; Gemma stores w - 1."""

    def __init__(self, width: int, eps: float, offset: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((width,), 1.0 - offset))
        self.eps, self.offset = eps, offset

    def forward(self, x: Tensor) -> Tensor:
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * (self.weight + self.offset)


def rotary(pos: Tensor, head_dim: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosine and sine [batch, pos, 1, headDim] of the rotary embedding."""
    frequency = theta ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    angle = pos[..., None].float() * frequency
    return torch.cat([angle.cos()] * 2, -1)[:, :, None], torch.cat([angle.sin()] * 2, -1)[:, :, None]


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


@dataclass
class LowRank:
    """One LoRA branch: y += scale * (x A^T) B^T with A [rank, dIn] and B [dOut, rank]."""

    a: Tensor
    b: Tensor
    scale: float

    def __call__(self, x: Tensor) -> Tensor:
        return self.scale * ((x @ self.a.T) @ self.b.T)


class Block(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c = config
        self.config = c
        offset = 1.0 if c.gemma else 0.0
        self.norm_attention = RmsNorm(c.d_model, c.eps, offset)
        self.norm_mlp = RmsNorm(c.d_model, c.eps, offset)
        if c.gemma:
            self.norm_attention_out = RmsNorm(c.d_model, c.eps, offset)
            self.norm_mlp_out = RmsNorm(c.d_model, c.eps, offset)
        self.norm_q = RmsNorm(c.head_dim, c.eps, offset)
        self.norm_k = RmsNorm(c.head_dim, c.eps, offset)
        linear = lambda a, b: nn.Linear(a, b, bias=False)  # noqa: E731
        self.q_proj = linear(c.d_model, c.n_heads * c.head_dim)
        self.k_proj = linear(c.d_model, c.n_kv_heads * c.head_dim)
        self.v_proj = linear(c.d_model, c.n_kv_heads * c.head_dim)
        self.o_proj = linear(c.n_heads * c.head_dim, c.d_model)
        self.gate_proj = linear(c.d_model, c.d_mlp)
        self.up_proj = linear(c.d_model, c.d_mlp)
        self.down_proj = linear(c.d_mlp, c.d_model)
        self.adapters: dict[str, LowRank] = {}

    def project(self, name: str, x: Tensor) -> Tensor:
        y = getattr(self, name)(x)
        branch = self.adapters.get(name)
        return y if branch is None else y + branch(x)

    def attend(self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor, cache: dict[str, Tensor] | None) -> Tensor:
        c = self.config
        batch, length, _ = x.shape
        heads = lambda name, n: self.project(name, x).view(batch, length, n, c.head_dim)  # noqa: E731
        q = rotate(self.norm_q(heads("q_proj", c.n_heads)), *rope).transpose(1, 2)
        k = rotate(self.norm_k(heads("k_proj", c.n_kv_heads)), *rope).transpose(1, 2)
        v = heads("v_proj", c.n_kv_heads).transpose(1, 2)
        if cache is not None:
            if cache:
                k, v = torch.cat([cache["k"], k], 2), torch.cat([cache["v"], v], 2)
            cache["k"], cache["v"] = k, v
        q, k = q.to(v.dtype), k.to(v.dtype)
        groups = c.n_heads // c.n_kv_heads
        if groups > 1:
            k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        # Written out: on a CPU the backward pass of the fused kernel takes twice as long as these three lines.
        scores = q @ k.transpose(-1, -2) * c.head_dim**-0.5
        out = (scores + mask).softmax(-1) @ v
        return self.project("o_proj", out.transpose(1, 2).reshape(batch, length, -1))

    def forward(
        self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor, cache: dict[str, Tensor] | None = None
    ) -> Tensor:
        attention = self.attend(self.norm_attention(x), rope, mask, cache)
        x = x + (self.norm_attention_out(attention) if self.config.gemma else attention)
        h = self.norm_mlp(x)
        gate = self.project("gate_proj", h)
        gate = F.gelu(gate, approximate="tanh") if self.config.gemma else F.silu(gate)
        mlp = self.project("down_proj", gate * self.project("up_proj", h))
        return x + (self.norm_mlp_out(mlp) if self.config.gemma else mlp)


class LanguageModel(nn.Module):
    """Tied embedding, `n_layers` blocks, final norm. Logits are [batch, pos, vocab]."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.norm = RmsNorm(config.d_model, config.eps, 1.0 if config.gemma else 0.0)
        self.hook: Hook | None = None
        self._initialise()

    def _initialise(self) -> None:
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, 0, 0.02 if p is self.embedding.weight else 0.7 * p.shape[1] ** -0.5)
        for block in self.blocks:
            for out in (block.o_proj, block.down_proj):
                out.weight.data *= (2 * self.config.n_layers) ** -0.5

    def forward(
        self,
        ids: Tensor,
        mask: Tensor | None = None,
        global_mask: Tensor | None = None,
        pos: Tensor | None = None,
        cache: Cache | None = None,
        residuals: list[Tensor] | None = None,
        response: bool = False,
        last_only: bool = False,
    ) -> Tensor:
        """`mask` [batch|1, 1, query, key] is added to the attention scores; `global_mask` replaces it in the global
        block; without a mask attention is causal. `residuals` collects `hook_resid_post` of every block. `last_only`
        gives logits of the last position alone."""
        batch, length = ids.shape
        c = self.config
        x = self.embedding(ids)
        if c.gemma:
            x = x * c.d_model**0.5
        if pos is None:
            pos = torch.arange(length)[None].expand(batch, length)
        ropes = {t: rotary(pos, c.head_dim, t) for t in {c.rope_theta(l) for l in range(c.n_layers)}}
        if mask is None:
            mask = torch.full((length, length), MASKED).triu(1)[None, None]
        for l, block in enumerate(self.blocks):
            m = global_mask if global_mask is not None and l == c.global_block else mask
            x = block(x, ropes[c.rope_theta(l)], m, None if cache is None else cache[l])
            if self.hook is not None:
                x = self.hook(l, x, response)
            if residuals is not None:
                residuals.append(x)
        return F.linear(self.norm(x[:, -1:] if last_only else x), self.embedding.weight)

    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.parameters())
