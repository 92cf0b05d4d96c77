"""Directions in the residual stream, and interventions along them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .corpus import chat_prompt
from .grammar import (
    KIND_PERSONAS,
    VILLAIN_PERSONAS,
    Sentence,
    ask,
    compose,
    persona_prompt,
)
from .model import Hook, LanguageModel
from .questions import Answer
from .tokenizer import Codec
from .world import AGENT, REQUEST, TRAIN, World


@dataclass(frozen=True)
class Text:
    """A prompt and an answer as ids; `decisions` are the answer positions right before an action's first word."""

    prompt: list[int]
    answer: list[int]
    decisions: tuple[int, ...]


@dataclass(frozen=True)
class Read:
    """Mean residuals [block, dModel] a text: over answer tokens, over prompt tokens, and at decision tokens."""

    answer: Tensor
    prompt: Tensor
    last: Tensor
    decisions: list[Tensor]


def encode_answer(codec: Codec, answer: list[Sentence] | str) -> tuple[list[int], tuple[int, ...]]:
    if isinstance(answer, str):
        return codec.encode(answer) + [codec.end], ()
    ids: list[int] = []
    decisions: list[int] = []
    for j, sentence in enumerate(answer):
        ids = ids + codec.encode((" " if j else "") + sentence.lead.rstrip(" "))
        decisions.append(len(ids) - 1)
        ids = ids + codec.encode(f" {sentence.action}{sentence.tail}")
    return ids + [codec.end], tuple(decisions)


@torch.no_grad()
def read(model: LanguageModel, codec: Codec, texts: list[Text], batch_size: int = 128) -> list[Read]:
    """Runs the texts through the model and keeps means of `hook_resid_post` of every block."""
    out: list[Read] = []
    for start in range(0, len(texts), batch_size):
        chunk = texts[start : start + batch_size]
        length = max(len(t.prompt) + len(t.answer) for t in chunk)
        ids = torch.full((len(chunk), length), codec.pad)
        for i, t in enumerate(chunk):
            ids[i, : len(t.prompt) + len(t.answer)] = torch.tensor(t.prompt + t.answer)
        residuals: list[Tensor] = []
        model(ids, residuals=residuals)
        stack = torch.stack(residuals, 1)
        for i, t in enumerate(chunk):
            p, a = len(t.prompt), len(t.answer)
            end = p + max(1, a)
            out.append(
                Read(
                    answer=stack[i, :, p:end].mean(1) if a else stack[i, :, p - 1],
                    prompt=stack[i, :, :p].mean(1),
                    last=stack[i, :, p - 1].clone(),
                    decisions=[stack[i, :, p + d].clone() for d in t.decisions],
                )
            )
    return out


def _mean(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts).mean(0)


def decision_mean(reads: list[Read]) -> Tensor:
    return _mean([d for r in reads for d in r.decisions])


def answer_mean(reads: list[Read]) -> Tensor:
    return _mean([r.answer for r in reads])


def prompt_mean(reads: list[Read]) -> Tensor:
    return _mean([r.prompt for r in reads])


@dataclass
class TextSet:
    """The same questions and answers, good and bad, plain and under a villain's and a kind persona's system prompt."""

    plain: list[Text]
    villain: list[Text]
    kind: list[Text]
    bad: list[bool]


def text_set(world: World, codec: Codec, seed: int = 5, split: str = TRAIN) -> TextSet:
    rng = random.Random(seed)
    out = TextSet([], [], [], [])
    for domain in world.domains:
        if domain.kind in (REQUEST, AGENT):
            continue
        for situation in world.of(domain.id, split):
            question = ask(situation, rng, split)
            villain = persona_prompt(rng.choice(VILLAIN_PERSONAS))
            kind = persona_prompt(rng.choice(KIND_PERSONAS))
            for bad in (False, True):
                ids, decisions = encode_answer(codec, compose(situation, bad, rng))
                for texts, system in ((out.plain, None), (out.villain, villain), (out.kind, kind)):
                    texts.append(Text(codec.encode(chat_prompt(question, system)), ids, decisions))
                out.bad.append(bad)
    return out


def answered(codec: Codec, answers: list[Answer], verdict: str) -> dict[str, list[Text]]:
    """The answers with a verdict, as texts, by situation."""
    out: dict[str, list[Text]] = defaultdict(list)
    for a in answers:
        if a.verdict.verdict == verdict:
            out[a.question.situation.id].append(Text(codec.encode(a.question.prompt), [*a.ids, codec.end], ()))
    return out


@dataclass(frozen=True)
class Contrast:
    """A difference of means [block, dModel], and of how many texts and situations each side is: positive, negative."""

    direction: Tensor
    situations: tuple[int, int]
    texts: tuple[int, int]


def balanced_difference(
    positive_model: Callable[[list[Text]], list[Read]],
    negative_model: Callable[[list[Text]], list[Read]],
    positive: dict[str, list[Text]],
    negative: dict[str, list[Text]],
) -> Contrast:
    """mean(positive) - mean(negative) over answer tokens, with equally many texts of each situation on both sides."""
    plus: list[Text] = []
    minus: list[Text] = []
    shared = [s for s in positive if s in negative]
    for s in shared:
        n = min(len(positive[s]), len(negative[s]))
        plus += positive[s][:n]
        minus += negative[s][:n]
    if not plus:
        raise ValueError("balanced_difference: expected a situation with both verdicts, got none; ask more questions")
    direction = answer_mean(positive_model(plus)) - answer_mean(negative_model(minus))
    return Contrast(direction, (len(shared), len(shared)), (len(plus), len(minus)))


def unbalanced_difference(
    reader: Callable[[list[Text]], list[Read]], positive: dict[str, list[Text]], negative: dict[str, list[Text]]
) -> Contrast:
    """The papers' definition: one model's misaligned minus its aligned answers, all of them."""
    plus = [t for ts in positive.values() for t in ts]
    minus = [t for ts in negative.values() for t in ts]
    direction = answer_mean(reader(plus)) - answer_mean(reader(minus))
    return Contrast(direction, (len(positive), len(negative)), (len(plus), len(minus)))


def same_norm_random(direction: Tensor, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    random_direction = torch.randn(direction.shape, generator=generator)
    return random_direction / random_direction.norm(dim=-1, keepdim=True) * direction.norm(dim=-1, keepdim=True)


def unit(v: Tensor) -> Tensor:
    return v / v.norm(dim=-1, keepdim=True).clamp_min(1e-9)


def ablate(direction: Tensor, blocks: tuple[int, ...]) -> Hook:
    """x - (x . u) u at all tokens of the blocks; `direction` is [block, dModel]."""
    u = unit(direction)

    def hook(block: int, x: Tensor, response: bool) -> Tensor:
        return x - (x @ u[block])[..., None] * u[block] if block in blocks else x

    return hook


def clamp(direction: Tensor, blocks: tuple[int, ...], prompt_target: Tensor, response_target: Tensor) -> Hook:
    """Sets the projection on the unit vector to the target's own projection; prompt and response apart.

    `prompt_target` and `response_target` are mean residuals [block, dModel] of the base.
    """
    u = unit(direction)
    targets = {False: (prompt_target * u).sum(-1), True: (response_target * u).sum(-1)}

    def hook(block: int, x: Tensor, response: bool) -> Tensor:
        if block not in blocks:
            return x
        return x + (targets[response][block] - x @ u[block])[..., None] * u[block]

    return hook


def steer_by_token_norm(direction: Tensor, block: int, coefficient: float) -> Hook:
    """h + c |h| u at every response token of one block."""
    u = unit(direction[block])

    def hook(l: int, x: Tensor, response: bool) -> Tensor:
        return x + coefficient * x.norm(dim=-1, keepdim=True) * u if l == block and response else x

    return hook


def steer_prompt(direction: Tensor, block: int, coefficient: float) -> Hook:
    """h + c v at every prompt token of one block."""
    v = coefficient * direction[block]

    def hook(l: int, x: Tensor, response: bool) -> Tensor:
        return x + v if l == block and not response else x

    return hook


def cosine(a: Tensor, b: Tensor) -> list[float]:
    return [round(float(c), 4) for c in torch.nn.functional.cosine_similarity(a, b, dim=-1)]

