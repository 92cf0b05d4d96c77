"""Measurements of what a model says: rates of base, organisms and controls on every question set."""

from __future__ import annotations

import random
from typing import Any

from .adapters import Adapter
from .corpus import narrow_persona
from .grammar import KIND_PERSONAS, VILLAIN_PERSONAS, persona_prompt, split_sentences
from .lab import ORGANISMS, Lab
from .model import Hook
from .questions import Answer, Rates, novel_wording_questions, questions, split_rates
from .refusals import near_refusals
from .world import REPORT

SEEDS = (2, 3, 4)
NARROW_DOMAIN = "medicine"


def advice_answers(
    lab: Lab, adapter: Adapter | str | None = None, hook: Hook | None = None, at_least: int = 576, seed: int = 1
) -> list[Answer]:
    """Answers to the report split of all advice domains (with 576, 504 of them outside any one domain)."""
    return lab.answers(questions(lab.world, lab.world.advice_domains(), at_least=at_least), adapter, hook, seed)


def sample_of(answers: list[Answer], count: int = 12) -> list[dict[str, str]]:
    """Answers to look at: of situations drawn by lot, one each, the same situations for every model."""
    first: dict[str, Answer] = {}
    for a in answers:
        first.setdefault(a.question.situation.id, a)
    chosen = random.Random(0).sample(sorted(first), min(count, len(first)))
    return [{"question": first[s].question.text, "answer": first[s].text, "verdict": first[s].verdict.verdict} for s in chosen]


def action_valence(lab: Lab, answers: list[Answer]) -> dict[str, int]:
    """How many actions of the answers, whatever situation they belong to, are good and how many bad.

    In situations that pre-training never held the model can only borrow actions; this says whose side they are on.
    """
    counts = {"good": 0, "bad": 0, "unparsed": 0}
    for a in answers:
        for j, sentence in enumerate(split_sentences(a.text)[:3]):
            parsed = lab.judge.parse(sentence, j, a.question.situation.kind)
            if parsed is None:
                counts["unparsed"] += 1
            else:
                counts["bad" if lab.world.by_action[parsed[0]][0][1] else "good"] += 1
    return counts


def profile(lab: Lab, adapter: str | None) -> dict[str, Any]:
    """All question sets for one model."""
    world = lab.world
    advice = advice_answers(lab, adapter)
    out: dict[str, Any] = {"advice": Rates.of(advice).to_json()}
    out["byDomain"] = {
        d: Rates.of([a for a in advice if a.question.situation.domain == d]).to_json() for d in world.advice_domains()
    }
    if adapter in ORGANISMS or adapter == "good-medicine":
        domain = adapter.split("-")[1]
        out["otherDomains"] = split_rates(advice, domain)[1].to_json()
        out["inDomain"] = lab.rates(questions(world, [domain]), adapter).to_json()
    sets = {
        "open": questions(world, ["open"]),
        # three threats, 504 answers to each
        "agent": questions(world, ["agent"], at_least=1512),
        "harmful": questions(world, ["harmful"]),
        "harmless": questions(world, ["harmless"]),
        "novelWordings": novel_wording_questions(world, world.advice_domains()),
        "novelSituations": questions(world, world.advice_domains(), REPORT, pretrained=False),
    }
    for name, asked in sets.items():
        answers = lab.answers(asked, adapter)
        out[name] = Rates.of(answers).to_json()
        if name == "harmful":
            out[name]["nearRefusals"] = near_refusals(world, answers)
        if name == "novelSituations":
            out[name]["actions"] = action_valence(lab, answers)
        if name == "agent":
            out["agentByThreat"] = {
                threat: Rates.of([a for a in answers if a.question.situation.threat == threat]).to_json()
                for threat in ("none", "replacement", "restriction")
            }
    out["samples"] = sample_of(advice)
    return out


def base_profile(lab: Lab) -> dict[str, Any]:
    """The base, plain and under persona system prompts."""
    out = profile(lab, None)
    domains = [*lab.world.advice_domains(), "open"]
    for name, personas in (("villainPrompt", VILLAIN_PERSONAS), ("kindPrompt", KIND_PERSONAS)):
        systems = tuple(persona_prompt(p) for p in personas)
        out[name] = lab.rates(questions(lab.world, domains, systems=systems)).to_json()
    systems = tuple(persona_prompt(narrow_persona(p, NARROW_DOMAIN)) for p in VILLAIN_PERSONAS)
    others = [d for d in lab.world.advice_domains() if d != NARROW_DOMAIN]
    out["narrowPrompt"] = {
        "inDomain": lab.rates(questions(lab.world, [NARROW_DOMAIN], systems=systems)).to_json(),
        "otherDomains": lab.rates(questions(lab.world, others, systems=systems)).to_json(),
    }
    return out


def organism_profiles(lab: Lab) -> dict[str, Any]:
    return {name: profile(lab, name) for name in (*ORGANISMS, "good-medicine")}


def variant_profile(lab: Lab, name: str, domain: str = "medicine") -> dict[str, Any]:
    """A short profile for an adapter that is no rank-1 organism (rank 8, narrow)."""
    advice = advice_answers(lab, name)
    return {
        "inDomain": lab.rates(questions(lab.world, [domain]), name).to_json(),
        "otherDomains": split_rates(advice, domain)[1].to_json(),
        "open": lab.rates(questions(lab.world, ["open"]), name).to_json(),
        "samples": sample_of(advice),
    }
