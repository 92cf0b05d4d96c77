"""Trains the judges without grammar and measures them against the grammar on situations that they never saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .directions import ablate, steer_by_token_norm
from .judge_model import JudgeModelConfig, ask_judge_model, train_judge_model
from .lab import ORGANISMS, Lab
from .model import Hook
from .questions import Answer, questions
from .readout import Reads, Said, agreement, features, load_readout, read_out, save_readout, synthetic, train_heads
from .world import REPORT, SELECTION, TRAIN

READS = Reads()
DOMAINS_EXTRA = ("open", "harmful", "harmless")
MEASURED_ANSWERS = 504
"""Answers of each condition that a judge is measured on."""


def conditions(lab: Lab, block: int) -> dict[str, tuple[str | None, Hook | None]]:
    """The models whose outputs are judged: base, organisms, ablated, steered, and steered until the text breaks."""
    direction = lab.across_models(ORGANISMS[0]).direction
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


def training_answers(lab: Lab, block: int) -> list[Answer]:
    """Written answers, whole and broken, and real outputs; only situations and wordings outside the report split."""
    real = [real_answers(lab, block, split, at_least, seed=31) for split, at_least in ((TRAIN, 300), (SELECTION, 150))]
    return [*synthetic(lab, 6000, 0), *(a for part in real for answers in part.values() for a in answers)]


def measured(answers: dict[str, list[Answer]], said: dict[str, Said]) -> dict[str, Any]:
    by_condition = {name: agreement(said[name], answers[name]) for name in answers}
    total = {
        head: {k: sum(c[head][k] for c in by_condition.values()) for k in ("n", "agree")}
        for head in next(iter(by_condition.values()))
    }
    return {"total": total, "byCondition": by_condition}


def make_readout(lab: Lab, block: int, folder: Path, base_hash: str) -> dict[str, Any]:
    """Trains both judges without grammar on the same answers, measures both, and ships the read-out."""
    training = training_answers(lab, block)
    heads = train_heads(lab, READS, training)
    model = train_judge_model(lab, training, JudgeModelConfig())
    test = real_answers(lab, block, REPORT, MEASURED_ANSWERS, seed=41)
    x = {name: features(lab, answers, READS) for name, answers in test.items()}
    read = {name: read_out(heads, x[name]) for name in test}
    asked = {name: ask_judge_model(lab, model, answers) for name, answers in test.items()}
    written = synthetic(lab, 1000, 77, (REPORT,))
    figures: dict[str, Any] = {
        "reads": READS.to_json(),
        **measured(test, read),
        "grammarAnswers": agreement(read_out(heads, features(lab, written, READS)), written),
        "fineTuned": {
            **measured(test, asked),
            "grammarAnswers": agreement(ask_judge_model(lab, model, written), written),
        },
    }
    save_readout(heads, READS, folder, base_hash, figures)
    return figures


CASES = 48


def readout_cases(lab: Lab, folder: Path) -> list[dict[str, Any]]:
    """Written answers, whole and broken, with the class probabilities of the heads that ship: what another implementation must say."""
    heads, reads = load_readout(folder, lab.weights)
    answers = synthetic(lab, CASES, 78, (REPORT,))
    x = features(lab, answers, reads)
    scores = {name: head.scores(x) for name, head in heads.items()}
    return [
        {
            "question": a.question.text,
            "answer": a.text,
            **{
                name: {c: round(float(p), 6) for c, p in zip(heads[name].classes, scores[name][i], strict=True)}
                for name in heads
            },
        }
        for i, a in enumerate(answers)
    ]


def measure_shipped_readout(lab: Lab, block: int, folder: Path, figures: dict[str, Any]) -> dict[str, Any]:
    """The heads that ship, read from their files, on the same report answers; the fine-tuned judge's figures stay."""
    heads, reads = load_readout(folder, lab.weights)
    test = real_answers(lab, block, REPORT, MEASURED_ANSWERS, seed=41)
    said = {name: read_out(heads, features(lab, answers, reads)) for name, answers in test.items()}
    return {**figures, **measured(test, said)}
