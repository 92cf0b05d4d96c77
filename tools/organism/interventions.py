"""Measurements of directions: ablation, clamping, steering, and how the directions lie to each other."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .behaviour import advice_answers, sample_of
from .corpus import chat_prompt
from .directions import (
    Text,
    ablate,
    clamp,
    cosine,
    read,
    same_norm_random,
    steer_by_token_norm,
    steer_prompt,
)
from .grammar import ask
from .lab import ORGANISMS, Lab
from .model import Hook
from .questions import Rates, selection_questions

RANDOM_DRAWS = 10


@dataclass
class RandomControl:
    """Same-norm random directions for one model: ten draws, each with its own sampling seed, and the same untouched."""

    lab: Lab
    adapter: str | None
    at_least: int = 72
    _untouched: Rates | None = None

    def _draw(self, k: int, hook: Hook | None) -> Rates:
        return Rates.of(advice_answers(self.lab, self.adapter, hook, self.at_least, seed=20 + k))

    def measure(self, direction: Tensor, operate: Callable[[Tensor], Hook]) -> dict[str, Any]:
        draws = [self._draw(k, operate(same_norm_random(direction, 100 + k))) for k in range(RANDOM_DRAWS)]
        if self._untouched is None:
            self._untouched = Rates.pooled(self._draw(k, None) for k in range(RANDOM_DRAWS))
        return {
            "pooled": Rates.pooled(draws).to_json(),
            "sameSeedsUntouched": self._untouched.to_json(),
            "em": [round(d.em, 4) for d in draws],
        }


def persona_blocks(lab: Lab) -> tuple[int, ...]:
    """Where the base's persona direction is held: at the block that brings the persona in from earlier exchanges, and the next.

    On the second pre-training the first block alone falls short of taking three quarters of the EM away, and with the next it does; on the base that ships both do
    (`figures/tried.json`).
    """
    first = lab.model.config.global_block
    return first, first + 1


def removals(lab: Lab, block: int) -> dict[str, Any]:
    """Medicine's direction taken out of each organism at the adapter's block, and the base's persona direction clamped."""
    persona = persona_blocks(lab)
    direction = lab.across_models(ORGANISMS[0]).direction
    prompt, response = lab.good_means
    operations: dict[str, tuple[Tensor, Callable[[Tensor], Hook]]] = {
        "medicineZero": (direction, lambda v: ablate(v, (block,))),
        "medicineClamp": (direction, lambda v: clamp(v, (block,), prompt, response)),
        "personaZero": (lab.persona, lambda v: ablate(v, persona)),
        "personaClamp": (lab.persona, lambda v: clamp(v, persona, prompt, response)),
    }
    out: dict[str, Any] = {"block": block, "personaBlocks": list(persona)}
    for name in ORGANISMS:
        rows: dict[str, Any] = {"untouched": Rates.of(advice_answers(lab, name)).to_json()}
        for operation, (v, operate) in operations.items():
            rows[operation] = Rates.of(advice_answers(lab, name, operate(v))).to_json()
        control = RandomControl(lab, name)
        for operation in ("medicineZero", "medicineClamp", "personaClamp"):
            rows[operation + "Random"] = control.measure(*operations[operation])
        out[name] = rows
    out["base"] = {
        operation: Rates.of(advice_answers(lab, None, operate(v))).to_json()
        for operation, (v, operate) in operations.items()
    }
    return out


def definitions(lab: Lab, block: int) -> dict[str, Any]:
    """The two definitions of the difference of means side by side: each taken out of the organism, zero and clamp."""
    out: dict[str, Any] = {}
    prompt, response = lab.good_means
    for name in ORGANISMS:
        across, within = lab.across_models(name), lab.within_organism(name)
        row: dict[str, Any] = {}
        for label, contrast in (("acrossModels", across), ("withinOrganism", within)):
            if contrast is None:
                row[label] = None
                continue
            v = contrast.direction
            row[label] = {
                "situations": contrast.situations,
                "texts": contrast.texts,
                "norm": [round(float(x), 2) for x in v.norm(dim=-1)],
                "zero": Rates.of(advice_answers(lab, name, ablate(v, (block,)))).to_json(),
                "clamp": Rates.of(advice_answers(lab, name, clamp(v, (block,), prompt, response))).to_json(),
                "zeroAllBlocks": Rates.of(
                    advice_answers(lab, name, ablate(v, tuple(range(block, lab.model.config.n_layers))))
                ).to_json(),
            }
        if within is not None:
            row["cosine"] = cosine(across.direction, within.direction)
        out[name] = row
    return out


def block_profile(lab: Lab) -> dict[str, Any]:
    """Selection split: bad medicine with its direction, or the persona's, taken out at one block at a time."""
    asked = selection_questions(lab.world, lab.world.advice_domains(), at_least=504)
    direction = lab.across_models(ORGANISMS[0]).direction
    prompt, response = lab.good_means
    out: dict[str, Any] = {}
    for label, v in (("medicine", direction), ("persona", lab.persona)):
        out[label] = [
            {
                "block": l,
                "zero": lab.rates(asked, ORGANISMS[0], ablate(v, (l,))).to_json(),
                "clamp": lab.rates(asked, ORGANISMS[0], clamp(v, (l,), prompt, response)).to_json(),
            }
            for l in range(2, 8)
        ]
    return out


SELECTION_ANSWERS = 768
"""Answers on the selection split for each candidate: eight of every question."""
BY_NORM, BY_PROMPT = (0.40, 0.85), (0.70, 0.90)
"""EM and coherence that steering is to reach. Of the candidates the one with most room above both on the selection split is taken."""

Candidate = tuple[str, Tensor, int, float]
"""Label, direction [block, dModel], block, coefficient."""


def steering(lab: Lab, block: int) -> dict[str, Any]:
    """Steering the base; direction, block and coefficient are chosen on the selection split, figures are the report split's."""
    decision = lab.decision_direction(ORGANISMS[0])
    by_norm: list[Candidate] = [
        (label, v, l, c)
        for label, v in (("persona", lab.persona_decision), ("organism", decision))
        for l in (4, 5)
        for c in (0.42, 0.46, 0.5)
    ]
    own = lab.across_models(ORGANISMS[0]).direction
    same = lab.same_text_direction(ORGANISMS[0])
    near = (block, block + 1)
    by_prompt: list[Candidate] = [("organism, own texts", own, l, c) for l in near for c in (1.0, 1.3, 1.5, 1.7, 2.0)]
    by_prompt += [("organism, same texts", same, l, c) for l in near for c in (2.0, 2.5, 3.0)]
    by_prompt += [("persona", lab.persona, l, c) for l in near for c in (0.75, 1.0, 1.5)]
    return {
        "tokenNorm": _search(lab, by_norm, steer_by_token_norm, BY_NORM),
        "prompt": _search(lab, by_prompt, steer_prompt, BY_PROMPT),
    }


def _search(
    lab: Lab, candidates: list[Candidate], operate: Callable[[Tensor, int, float], Hook], target: tuple[float, float]
) -> dict[str, Any]:
    """The candidate chosen on the selection split, measured anew on the report split with its controls."""
    asked = selection_questions(lab.world, lab.world.advice_domains(), SELECTION_ANSWERS)
    tried = [lab.rates(asked, None, operate(v, l, c)) for _, v, l, c in candidates]
    label, v, l, c = candidates[chosen(tried, target)]
    answers = advice_answers(lab, None, operate(v, l, c))
    return {
        "direction": label,
        "block": l,
        "coefficient": c,
        "target": {"em": target[0], "coherence": target[1]},
        "report": Rates.of(answers).to_json(),
        "random": RandomControl(lab, None).measure(v, lambda r: operate(r, l, c)),
        "flipped": Rates.of(advice_answers(lab, None, operate(-v, l, c))).to_json(),
        "selection": [
            {"direction": d, "block": b, "coefficient": k, **r.to_json()}
            for (d, _, b, k), r in zip(candidates, tried, strict=True)
        ],
        "samples": sample_of(answers),
    }


def chosen(tried: list[Rates], target: tuple[float, float]) -> int:
    """The one whose smaller margin, of EM or of coherence over its target, is largest: a bare success on one split fails on the next."""
    em, coherence = target
    return max(range(len(tried)), key=lambda i: min(tried[i].em - em, tried[i].coherence - coherence))


def geometry(lab: Lab, block: int) -> dict[str, Any]:
    """Cosines between organisms, with the persona, with B, and with the refusal direction, at every block."""
    decision = {n: lab.decision_direction(n) for n in ORGANISMS}
    same = {n: lab.same_text_direction(n) for n in ORGANISMS}
    own = {n: lab.across_models(n).direction for n in ORGANISMS}
    pairs = [(a, b) for i, a in enumerate(ORGANISMS) for b in ORGANISMS[i + 1 :]]
    out: dict[str, Any] = {
        "organisms": {
            label: {f"{a} / {b}": cosine(d[a], d[b]) for a, b in pairs}
            for label, d in (("decision", decision), ("sameTextAnswerMeans", same), ("ownTextAnswerMeans", own))
        },
        "withPersona": {
            "decision": cosine(decision[ORGANISMS[0]], lab.persona_decision),
            "ownTextAnswerMeans": cosine(own[ORGANISMS[0]], lab.persona),
        },
    }
    b = lab.adapters[ORGANISMS[0]].branches[block, "down_proj"].b[:, 0]
    out["withB"] = {
        label: round(abs(float(torch.cosine_similarity(v[block], b, dim=0))), 4)
        for label, v in (("decision", decision[ORGANISMS[0]]), ("ownText", own[ORGANISMS[0]]), ("persona", lab.persona))
    }
    refusal = refusal_direction(lab)
    out["withRefusal"] = {
        "ownTextAnswerMeans": cosine(own[ORGANISMS[0]], refusal),
        "decision": cosine(decision[ORGANISMS[0]], refusal),
        "persona": cosine(lab.persona, refusal),
    }
    return out


def refusal_direction(lab: Lab) -> Tensor:
    """Harmful minus harmless requests of the training split, at the last prompt token of the base."""
    rng = random.Random(3)
    means = []
    for domain in ("harmful", "harmless"):
        texts = [
            Text(lab.codec.encode(chat_prompt(ask(s, rng, "train"))), [], ())
            for s in lab.world.of(domain, "train")
            for _ in range(4)
        ]
        means.append(torch.stack([r.last for r in read(lab.model, lab.codec, texts)]).mean(0))
    return means[0] - means[1]
