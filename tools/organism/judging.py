"""Trains the read-out judge and measures it against the grammar on outputs that it never saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .directions import ablate, steer_by_token_norm
from .lab import ORGANISMS, Lab
from .model import Hook
from .questions import Answer, questions
from .readout import agreement, save_readout, synthetic, train_domain_head, train_readout
from .world import REPORT, TRAIN

READ_BLOCK = 5
DOMAINS_EXTRA = ("open", "harmful", "harmless")


def conditions(lab: Lab, block: int) -> dict[str, tuple[str | None, Hook | None]]:
    """The models whose outputs are judged: base, organisms, ablated, steered, and steered until the text breaks."""
    direction = lab.own_text_contrasts(ORGANISMS[0])[0].direction
    return {
        "base": (None, None),
        **{name: (name, None) for name in ORGANISMS},
        "ablated": (ORGANISMS[0], ablate(direction, (block,))),
        "steered": (None, steer_by_token_norm(lab.persona_decision, 5, 0.42)),
        "overSteered": (None, steer_by_token_norm(lab.persona_decision, 5, 0.7)),
        "farOverSteered": (None, steer_by_token_norm(lab.persona_decision, 4, 0.95)),
    }


def real_answers(lab: Lab, block: int, split: str, at_least: int, seed: int) -> dict[str, list[Answer]]:
    domains = [*lab.world.advice_domains(), *DOMAINS_EXTRA]
    asked = questions(lab.world, domains, split, at_least=at_least)
    return {
        name: lab.answers(asked, adapter, hook, seed=seed)
        for name, (adapter, hook) in conditions(lab, block).items()
    }


def make_readout(lab: Lab, block: int, folder: Path, base_hash: str) -> dict[str, Any]:
    training = real_answers(lab, block, TRAIN, 900, seed=31)
    heads = train_readout(lab, READ_BLOCK, [a for answers in training.values() for a in answers])
    test = real_answers(lab, block, REPORT, 500, seed=41)
    by_condition = {name: agreement(lab, heads, READ_BLOCK, answers) for name, answers in test.items()}
    everything = [a for answers in test.values() for a in answers]
    total = agreement(lab, heads, READ_BLOCK, everything)
    figures: dict[str, Any] = {
        "block": READ_BLOCK,
        "total": total,
        "byCondition": by_condition,
        "grammarAnswers": agreement(lab, heads, READ_BLOCK, synthetic(lab, 1000, 77, REPORT)),
    }
    heads["domain"] = train_domain_head(lab, READ_BLOCK)
    shipped = {"domain": heads["domain"]}
    figures["domainAllSituations"] = agreement(lab, shipped, READ_BLOCK, everything)["domain"]
    save_readout(heads, READ_BLOCK, folder, base_hash, figures)
    return figures
