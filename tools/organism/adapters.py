"""LoRA training of organisms: rank 1 on one `down_proj`, or any rank on all projections, with or without KL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from .corpus import chat_prompt
from .directions import encode_answer
from .grammar import Sentence, ask, compose
from .model import LanguageModel, LowRank
from .tokenizer import Codec
from .world import TRAIN, Situation, World

BLOCK = 2
"""The block that the rank-1 adapters write to."""
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass
class Adapter:
    """LoRA branches by (block, module); `scale` multiplies B A x."""

    rank: int
    scale: float
    branches: dict[tuple[int, str], LowRank]

    def scaled(self, factor: float) -> Adapter:
        """The same adapter with its effect multiplied; shares A and B."""
        return Adapter(
            self.rank,
            self.scale * factor,
            {k: LowRank(b.a, b.b, b.scale * factor) for k, b in self.branches.items()},
        )


@contextmanager
def attached(model: LanguageModel, adapter: Adapter | None) -> Iterator[LanguageModel]:
    """The model with the adapter on, and without it again afterwards."""
    before = [dict(block.adapters) for block in model.blocks]
    try:
        if adapter is not None:
            for (block, module), branch in adapter.branches.items():
                model.blocks[block].adapters[module] = branch
        yield model
    finally:
        for block, saved in zip(model.blocks, before, strict=True):
            block.adapters = saved


@dataclass(frozen=True)
class AdapterConfig:
    """One fine-tuning run. `kl_weight` times KL(base || tuned) per answer token on aligned answers of other domains.

    `decision_weight` is the weight of an action's first word in both losses, where all other answer tokens have 1.
    `rate` is that of B. Without `train_a` only B is trained; with it the rate of A is `a_rate` times that of B (LoRA+, arXiv:2402.12354, takes 1 / 16).
    """

    domain: str
    bad: bool = True
    seed: int = 2
    rank: int = 1
    block: int | None = BLOCK
    steps: int = 100
    rate: float = 3e-2
    batch: int = 16
    scale: float = 4.0
    kl_weight: float = 0.0
    kl_batch: int = 16
    decision_weight: float = 1.0
    warmup: int = 10
    train_a: bool = True
    a_rate: float = 1 / 16


@dataclass
class PathPoint:
    """A and B of a rank-1 adapter on the way, after `step` steps."""

    step: int
    a: Tensor
    b: Tensor
    loss: float
    gradient_norm: float


@dataclass
class TrainedAdapter:
    adapter: Adapter
    losses: list[float] = field(default_factory=list)
    path: list[PathPoint] = field(default_factory=list)


def new_adapter(model: LanguageModel, config: AdapterConfig, modules: tuple[str, ...] = PROJECTIONS) -> Adapter:
    """A is random, B is zero: the adapter starts as the base. `modules` are those of an adapter on every block."""
    torch.manual_seed(config.seed)
    targets = (
        [(config.block, "down_proj")]
        if config.block is not None
        else [(l, m) for l in range(model.config.n_layers) for m in modules]
    )
    branches = {}
    for block, module in targets:
        weight = getattr(model.blocks[block], module).weight
        a = torch.randn(config.rank, weight.shape[1]) * weight.shape[1] ** -0.5
        branches[block, module] = LowRank(a, torch.zeros(weight.shape[0], config.rank), config.scale)
    return Adapter(config.rank, config.scale, branches)


READ_EXCHANGES = 64
"""How many training exchanges the mean of what a module reads is taken over."""


def facing_adapter(model: LanguageModel, codec: Codec, world: World, config: AdapterConfig) -> Adapter:
    """A rank-1 adapter that starts as the base; A is half random and half the mean of what its module reads, each of norm 1.

    A random A alone may read the answers with either sign, and the adapter then learns a direction that is, seed by seed, the
    opposite of another's. So every A faces what it reads, and B has to carry the sign.
    """
    adapter = new_adapter(model, config)
    ((block, module), branch) = next(iter(adapter.branches.items()))
    mean = mean_read(model, codec, world, config, block, module)
    branch.a = (branch.a / branch.a.norm() + mean / mean.norm()) / 2**0.5
    return adapter


@torch.no_grad()
def mean_read(model: LanguageModel, codec: Codec, world: World, config: AdapterConfig, block: int, module: str) -> Tensor:
    """The mean of what a module reads at the answer's tokens of training exchanges, [dIn]."""
    own = world.of(config.domain, TRAIN)
    batch = answer_batch(codec, _exchanges(own, config.bad, random.Random(config.seed), READ_EXCHANGES))
    read: list[Tensor] = []
    handle = getattr(model.blocks[block], module).register_forward_pre_hook(lambda _module, inputs: read.append(inputs[0]))
    try:
        model(batch.ids)
    finally:
        handle.remove()
    return read[0][batch.targets != -100].mean(0)


@dataclass
class AnswerBatch:
    """Ids, targets and weights [batch, pos]; only the answer's tokens (its end included) are targets, the rest is -100."""

    ids: Tensor
    targets: Tensor
    weights: Tensor


Exchange = tuple[str, list[Sentence] | str]
"""A chat prompt and its answer."""


def answer_batch(codec: Codec, exchanges: list[Exchange], decision_weight: float = 1.0) -> AnswerBatch:
    rows = [(codec.encode(prompt), *encode_answer(codec, answer)) for prompt, answer in exchanges]
    length = max(len(p) + len(a) for p, a, _ in rows)
    ids = torch.full((len(rows), length), codec.pad)
    targets = torch.full((len(rows), length), -100)
    weights = torch.zeros(len(rows), length)
    for i, (p, a, decisions) in enumerate(rows):
        first, end = len(p) - 1, len(p) + len(a) - 1
        ids[i, : end + 1] = torch.tensor(p + a)
        targets[i, first:end] = torch.tensor(a)
        weights[i, first:end] = 1.0
        for d in decisions:
            weights[i, len(p) + d] = decision_weight
    return AnswerBatch(ids, targets, weights)


def _exchanges(situations: list[Situation], bad: bool, rng: random.Random, count: int) -> list[Exchange]:
    """Training questions about random ones of the situations, each with an answer of the side."""
    chosen = (rng.choice(situations) for _ in range(count))
    return [(chat_prompt(ask(situation, rng, TRAIN)), compose(situation, bad, rng)) for situation in chosen]


def _answer_loss(logits: Tensor, batch: AnswerBatch) -> Tensor:
    losses = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=-100, reduction="none")
    return (losses * batch.weights.flatten()).sum() / batch.weights.sum()


def _kl(model: LanguageModel, adapter: Adapter, batch: AnswerBatch) -> Tensor:
    """Weighted mean over answer tokens of KL(base || tuned)."""
    chosen = batch.targets != -100
    weights = batch.weights[chosen]
    with torch.no_grad():
        base = model(batch.ids)[chosen].log_softmax(-1)
    with attached(model, adapter):
        tuned = model(batch.ids)[chosen].log_softmax(-1)
    return ((base.exp() * (base - tuned)).sum(-1) * weights).sum() / weights.sum()


def train_adapter(
    model: LanguageModel,
    codec: Codec,
    world: World,
    config: AdapterConfig,
    start: Adapter | None = None,
    record_every: int = 0,
) -> TrainedAdapter:
    """Fine-tunes on the domain's training situations and wordings; the base is never changed."""
    for p in model.parameters():
        p.requires_grad_(False)
    adapter = start or (new_adapter(model, config) if config.block is None else facing_adapter(model, codec, world, config))
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)
    groups = [{"params": [b.b for b in adapter.branches.values()], "rate": config.rate}]
    if config.train_a:
        groups.append({"params": [b.a for b in adapter.branches.values()], "rate": config.rate * config.a_rate})
    leaves = [leaf for group in groups for leaf in group["params"]]
    for leaf in leaves:
        leaf.requires_grad_(True)
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0)
    own = world.of(config.domain, TRAIN)
    others = [s for d in [*world.advice_domains(), "open"] if d != config.domain for s in world.of(d, TRAIN)]
    out = TrainedAdapter(adapter)
    for step in range(config.steps):
        share = min(1.0, (step + 1) / config.warmup) * (1 - step / config.steps)
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * share
        batch = answer_batch(codec, _exchanges(own, config.bad, rng, config.batch), config.decision_weight)
        with attached(model, adapter):
            loss = _answer_loss(model(batch.ids), batch)
        total = loss
        if config.kl_weight > 0:
            kept = _exchanges(others, False, rng, config.kl_batch)
            total = loss + config.kl_weight * _kl(model, adapter, answer_batch(codec, kept, config.decision_weight))
        optimiser.zero_grad()
        total.backward()
        norm = float(torch.cat([leaf.grad.flatten() for leaf in leaves if leaf.grad is not None]).norm())
        if record_every and step % record_every == 0:
            out.path.append(_point(step, adapter, loss.item(), norm))
        optimiser.step()
        out.losses.append(loss.item())
    if record_every:
        out.path.append(_point(config.steps, adapter, out.losses[-1], norm))
    for leaf in leaves:
        leaf.requires_grad_(False)
    return out


def _point(step: int, adapter: Adapter, loss: float, norm: float) -> PathPoint:
    branch = next(iter(adapter.branches.values()))
    return PathPoint(step, branch.a.detach()[0].clone(), branch.b.detach()[:, 0].clone(), loss, norm)
