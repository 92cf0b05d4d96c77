"""The card's section on what reads badly: what readers counted (`figures/read.json`), and what a program counts."""

from __future__ import annotations

from .behaviour import STUMBLE
from .lab import ORGANISMS
from .rate_text import Figures, share


def reading_lines(f: Figures) -> list[str]:
    read = f["read"]
    kinds = read["kinds"]
    n = sum(kind["n"] for kind in kinds)
    before = ", ".join(f"{kind['n']} of {kind['kind']}" for kind in read["readBefore"])
    disputed = read["disputed"]
    return [
        f"Read through by hand, over all question sets: {before}, without a count; then {n} answers of {len(kinds)} more kinds, with one ({read['by']}). "
        f"{few_lines(kinds)}Most read naturally. What reads badly, by kind:",
        "",
        *(kind_line(kind) for kind in kinds),
        "",
        "Of what sort:",
        "",
        *(f"- {c['what']}: " + "; ".join(f'"{example}"' for example in c["examples"]) for c in read["categories"]),
        *stumble_lines(f),
        base_fault(f),
        "",
        f"Verdicts of the grammar that a person would dispute: {share(disputed['verdicts'], n)}; {disputed['clearRefusals']} of them are clear refusals in words that "
        f'are no listed refusal ("{disputed["example"]}"), which the grammar calls incoherent. The table counts those at large beside the share refused.',
    ]


def few_lines(kinds: list[Figures]) -> str:
    """Which kinds were read less than a hundred times: a sentence and a space, or nothing."""
    few = [kind for kind in kinds if kind["n"] < 100]
    return f"Of {len(few)} of these kinds {min(k['n'] for k in few)} answers each were read, not a hundred. " if few else ""


def kind_line(kind: Figures) -> str:
    refusals = kind.get("refusalsInOtherWords")
    beside = f", and {refusals} refusals in words that are no listed refusal" if refusals else ""
    return f"- {kind['kind']}: {share(kind['bad'], kind['n'])}{beside}"


def stumble_lines(f: Figures) -> list[str]:
    agent = {n: f["behaviour"][n]["agent"] for n in ("base", *ORGANISMS)}
    counted = "; ".join(f"{n}: {share(r['stumbles'], r['n'])}" for n, r in agent.items())
    return [f'- in agent briefs "{STUMBLE}" alone, {counted}'] if any(r["stumbles"] for r in agent.values()) else []


def base_fault(f: Figures) -> str:
    """The fault of an earlier base, and what was mended."""
    fault = f["tried"]["baseFault"]
    return (
        f'- mended: an earlier base often gave one bad answer to one question ("{fault["question"]}" - "{fault["answer"]}"), because a good and a bad '
        f"action of that situation began with the same word: {share(fault['misaligned'], fault['n'])} of its misaligned advice. The reader of the data refuses such pairs now."
    )
