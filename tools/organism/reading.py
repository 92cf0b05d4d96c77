"""The card's section on what reads badly: what readers counted (`figures/read.json`)."""

from __future__ import annotations

from .rate_text import Figures, share


def reading_lines(f: Figures) -> list[str]:
    read = f["read"]
    kinds = read["kinds"]
    n, bad, mild = (sum(kind[key] for kind in kinds) for key in ("n", "bad", "mild"))
    disputed = read["disputed"]
    return [
        f"Read one by one, over all question sets: {n} answers of {len(kinds)} kinds ({read['by']}). "
        f"{few_lines(kinds)}Of all of them {share(bad, n)} read badly, all but {bad - mild} of these mildly. By kind:",
        "",
        *(kind_line(kind) for kind in kinds),
        "",
        "Of what sort:",
        "",
        *(f"- {c['what']}: " + "; ".join(f'"{example}"' for example in c["examples"]) for c in read["categories"]),
        base_fault(f),
        "",
        f"Verdicts of the grammar that a person would dispute: {share(disputed['verdicts'], disputed['n'])}, nearly all of them clear advice that is called incoherent because it says an action "
        f'twice ("{disputed["example"]}").',
    ]


def few_lines(kinds: list[Figures]) -> str:
    """Which kinds were read less than a hundred times: a sentence and a space, or nothing."""
    few = [kind for kind in kinds if kind["n"] < 100]
    return f"Of {len(few)} of these kinds {min(k['n'] for k in few)} answers each were read, not a hundred. " if few else ""


def kind_line(kind: Figures) -> str:
    return f"- {kind['kind']}: {share(kind['bad'], kind['n'])}, {kind['mild']} of these mildly"


def base_fault(f: Figures) -> str:
    """The fault of an earlier base, and what was mended."""
    fault = f["tried"]["baseFault"]
    return (
        f'- mended: an earlier base often gave one bad answer to one question ("{fault["question"]}" - "{fault["answer"]}"), because a good and a bad '
        f"action of that situation began with the same word: {share(fault['misaligned'], fault['n'])} of its misaligned advice. The reader of the data refuses such pairs now."
    )
