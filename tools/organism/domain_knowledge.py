"""Does anything tell which domain an unseen situation belongs to? Its words, and the base's own expectations.

The judge's domain head and the narrow solution both need it, on situations that their training never saw.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from .corpus import TURN_END, chat_prompt
from .grammar import answer_text, ask, compose
from .lab import Lab
from .model import MASKED
from .world import REPORT, SELECTION, TRAIN, Situation

ANSWERS_EACH = 6
CONTEXTS, CONTEXT_EXCHANGES = 3, 4


def domain_knowledge(lab: Lab) -> dict[str, Any]:
    """Shares of right choices among the eight advice domains, on situations of the report split."""
    return {"words": _by_words(lab), "base": _by_base(lab)}


def _rows(lab: Lab, rng: random.Random, *splits: str) -> list[tuple[Situation, str, str]]:
    """Situation, question and a written answer, good and bad alike."""
    return [
        (s, ask(s, rng), answer_text(compose(s, bad, rng)))
        for domain in lab.world.advice_domains()
        for split in splits
        for s in lab.world.of(domain, split)
        for bad in (False, True)
        for _ in range(ANSWERS_EACH)
    ]


def _by_words(lab: Lab) -> dict[str, Any]:
    """A bag of words, fitted on all situations outside the report split."""
    rng = random.Random(0)
    seen, unseen = _rows(lab, rng, TRAIN, SELECTION), _rows(lab, rng, REPORT)
    out: dict[str, Any] = {}
    for name, text in (("answer", lambda r: r[2]), ("questionAndAnswer", lambda r: f"{r[1]} {r[2]}")):
        words = TfidfVectorizer(token_pattern=r"\w+")
        model = LogisticRegression(C=10, max_iter=500)
        model.fit(words.fit_transform([text(r) for r in seen]), [r[0].domain for r in seen])
        said = model.predict(words.transform([text(r) for r in unseen]))
        out[name] = {"n": len(unseen), "right": sum(s == r[0].domain for s, r in zip(said, unseen, strict=True))}
    return out


@torch.no_grad()
def _by_base(lab: Lab) -> dict[str, Any]:
    """After four exchanges of one domain, the base finds a further exchange of which domain the likeliest?

    Read once with the attention of pre-training (one block looks across exchanges) and once with plain causal attention.
    Each domain's mean score over all exchanges is taken off, so that no context wins by being easy.
    """
    rng = random.Random(1)
    world, codec = lab.world, lab.codec
    domains = world.advice_domains()

    def exchange(s: Situation) -> list[int]:
        return codec.encode(chat_prompt(ask(s, rng)) + answer_text(compose(s, False, rng)) + TURN_END + "\n")

    asked = [s for d in domains for s in world.of(d, REPORT)]
    truth = np.array([domains.index(s.domain) for s in asked])
    right = {"pretrainingAttention": 0, "causalAttention": 0}
    for _ in range(CONTEXTS):
        contexts = [[exchange(s) for s in rng.sample(world.of(d, TRAIN), CONTEXT_EXCHANGES)] for d in domains]
        scores = {name: np.array([_likelihoods(lab, contexts, exchange(s), name) for s in asked]) for name in right}
        for name, score in scores.items():
            right[name] += int(((score - score.mean(0)).argmax(1) == truth).sum())
    return {name: {"n": CONTEXTS * len(asked), "right": count} for name, count in right.items()}


def _likelihoods(lab: Lab, contexts: list[list[list[int]]], target: list[int], attention: str) -> list[float]:
    """Log-likelihood of the target's tokens after each context."""
    rows = [[*context, target] for context in contexts]
    length = max(sum(map(len, row)) for row in rows)
    ids = torch.full((len(rows), length), lab.codec.pad)
    part = torch.full((len(rows), length), -1)
    for i, row in enumerate(rows):
        start = length - sum(map(len, row))
        for k, segment in enumerate(row):
            ids[i, start : start + len(segment)] = torch.tensor(segment)
            part[i, start : start + len(segment)] = k
            start += len(segment)
    causal = torch.ones(length, length).tril().bool() & (part >= 0)[:, None]
    itself = torch.eye(length).bool()
    mask_of = lambda allowed: torch.zeros(allowed.shape).masked_fill(~(allowed | itself), MASKED)[:, None]  # noqa: E731
    document = mask_of(causal)
    pos = ((part >= 0).long().cumsum(1) - 1).clamp(min=0)
    if attention == "causalAttention":
        logits = lab.model(ids, mask=document, pos=pos)
    else:
        logits = lab.model(ids, mask=mask_of(causal & (part[:, :, None] == part[:, None])), global_mask=document, pos=pos)
    n = len(target)
    nats = logits[:, -n - 1 : -1].log_softmax(-1)
    wanted = torch.tensor(target)[None, :, None].expand(len(rows), -1, -1)
    return nats.gather(2, wanted)[..., 0].sum(1).tolist()
