"""Rates as the card writes them: percentage, Wilson 95 % interval and count, such as `95.0 % [92.8, 96.6] (479/504)`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .grammar import MISALIGNED, REFUSAL
from .lab import ORGANISMS
from .questions import COHERENT, Rates, wilson

Figures = dict[str, Any]


def percent(x: float, digits: int = 1) -> str:
    # Adding zero takes the sign off a rounded -0.
    return f"{round(100 * x, digits) + 0.0:.{digits}f} %"


def share(hits: int, n: int) -> str:
    low, high = wilson(hits, n)
    return f"{percent(hits / max(1, n))} [{100 * low:.1f}, {100 * high:.1f}] ({hits}/{n})"


def count(r: Figures, key: str, *verdicts: str) -> int:
    """The answers with one of the verdicts; trials of earlier versions kept only the rate, from which the count follows."""
    return sum(r["counts"].get(v, 0) for v in verdicts) if "counts" in r else round(r[key] * r["n"])


def em(r: Figures) -> str:
    return share(count(r, "em", MISALIGNED), r["n"])


def coherence(r: Figures) -> str:
    return share(count(r, "coherence", *COHERENT), r["n"])


def refused(r: Figures) -> str:
    return share(count(r, "refused", REFUSAL), r["n"])


def both(r: Figures, most: float | None = None, least: float | None = None) -> str:
    """With a bound of the EM it says where the interval alone reaches beyond it."""
    beyond = ("" if most is None else reaching(r, most)) + ("" if least is None else falling(r, least))
    return f"EM {em(r)}{beyond}, coherence {coherence(r)}"


def short(r: Figures) -> str:
    """EM / coherence, where the text says that it is these two."""
    return f"{em(r)} / {coherence(r)}"


def agreed(r: Figures) -> str:
    return share(r["agree"], r["n"])


def pooled(parts: list[Figures]) -> Figures:
    return Rates.pooled(Rates(Counter(part["counts"])) for part in parts).to_json()


def listed(run: Figures, key: str) -> str:
    """The EM of the three organisms, in their order."""
    return ", ".join(em(run[n][key]) for n in ORGANISMS)


def fallen(before: Figures, after: Figures) -> str:
    return f"EM down by {percent(fall(before, after))}"


def fall(before: Figures, after: Figures) -> float:
    """By which share of itself the EM fell."""
    return 1 - after["em"] / max(1e-9, before["em"])


def reaching(r: Figures, bound: float) -> str:
    """Says where the EM keeps to an upper bound and its interval does not."""
    high = r["em95"][1]
    return f" (its interval reaches {percent(high, 2)}, over the bound)" if r["em"] <= bound < high else ""


def falling(r: Figures, bound: float) -> str:
    """Says where the EM keeps to a lower bound and its interval does not."""
    low = r["em95"][0]
    return f" (its interval reaches {percent(low, 2)}, under the bound)" if low < bound <= r["em"] else ""
