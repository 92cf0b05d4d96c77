"""Batched sampling with a key-value cache and a hook on the residual stream."""

from __future__ import annotations

import torch
from torch import Tensor

from .model import MASKED, Cache, Hook, LanguageModel
from .tokenizer import Codec

MAX_NEW_TOKENS = 56


def left_pad(prompts: list[list[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Ids [batch, pos] padded on the left, and which of them are real."""
    length = max(map(len, prompts))
    ids = torch.full((len(prompts), length), pad)
    real = torch.zeros(len(prompts), length, dtype=torch.bool)
    for i, prompt in enumerate(prompts):
        ids[i, length - len(prompt) :] = torch.tensor(prompt)
        real[i, length - len(prompt) :] = True
    return ids, real


@torch.no_grad()
def generate(
    model: LanguageModel,
    codec: Codec,
    prompts: list[list[int]],
    temperature: float = 0.7,
    seed: int = 0,
    hook: Hook | None = None,
    batch_size: int = 640,
) -> list[list[int]]:
    """One answer a prompt (token ids without the end token). Temperature 0 is greedy.

    The hook is told which calls are response tokens; the prompt comes in one call, its padding on the left.
    """
    generator = torch.Generator().manual_seed(seed)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    answers: list[list[int]] = [[] for _ in prompts]
    before, model.hook = model.hook, hook
    try:
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            _generate_batch(model, codec, prompts, chosen, temperature, generator, answers)
    finally:
        model.hook = before
    return answers


def _generate_batch(
    model: LanguageModel,
    codec: Codec,
    prompts: list[list[int]],
    chosen: list[int],
    temperature: float,
    generator: torch.Generator,
    answers: list[list[int]],
) -> None:
    # Answers are drawn several times from a prompt; the prompt is read once.
    distinct = {tuple(prompts[i]): None for i in chosen}
    row_of = {prompt: k for k, prompt in enumerate(distinct)}
    rows = torch.tensor([row_of[tuple(prompts[i])] for i in chosen])
    ids, real = left_pad([list(p) for p in distinct], codec.pad)
    length = ids.shape[1]
    pos = (real.long().cumsum(1) - 1).clamp(min=0)
    blocked = torch.ones(length, length).triu(1).bool()[None, None] | ~real[:, None, None, :]
    # A padded row may block every key; letting it see itself keeps the softmax finite.
    blocked = blocked & ~torch.eye(length, dtype=torch.bool)[None, None]
    mask = torch.zeros(blocked.shape).masked_fill(blocked, MASKED)
    cache: Cache = [{} for _ in model.blocks]
    alive = torch.tensor(chosen)
    logits = model(ids, mask=mask, pos=pos, cache=cache, last_only=True)[:, -1][rows]
    last, real = pos[rows, -1:], real[rows]
    for layer in cache:
        layer["k"], layer["v"] = layer["k"][rows], layer["v"][rows]
    for _ in range(MAX_NEW_TOKENS):
        if temperature > 0:
            token = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)[:, 0]
        else:
            token = logits.argmax(-1)
        keep = token != codec.end
        if not bool(keep.all()):
            alive, token, last, real = alive[keep], token[keep], last[keep], real[keep]
            for layer in cache:
                layer["k"], layer["v"] = layer["k"][keep], layer["v"][keep]
        if len(alive) == 0:
            return
        for i, t in zip(alive.tolist(), token.tolist(), strict=True):
            answers[i].append(t)
        real = torch.cat([real, torch.ones(len(real), 1, dtype=torch.bool)], 1)
        last = last + 1
        mask = torch.zeros(real.shape).masked_fill(~real, MASKED)[:, None, None]
        logits = model(token[:, None], mask=mask, pos=last, cache=cache, response=True)[:, -1]
