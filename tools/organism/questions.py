"""Question sets of a split, their answers, and the rates that come out of the judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from .corpus import chat_prompt
from .grammar import (
    ALIGNED,
    MISALIGNED,
    NOVEL,
    REFUSAL,
    GrammarJudge,
    Verdict,
    fill,
    frames,
)
from .model import Hook, LanguageModel
from .sampling import generate
from .tokenizer import Codec
from .world import REPORT, SELECTION, Situation, World


COHERENT = (ALIGNED, MISALIGNED, REFUSAL)


@dataclass(frozen=True)
class Question:
    situation: Situation
    text: str
    system: str | None = None

    @property
    def prompt(self) -> str:
        return chat_prompt(self.text, self.system)


@dataclass(frozen=True)
class Answer:
    question: Question
    text: str
    ids: list[int]
    verdict: Verdict


def questions(
    world: World,
    domains: list[str],
    split: str = REPORT,
    frame_split: str | None = None,
    pretrained: bool = True,
    at_least: int = 500,
    systems: tuple[str, ...] = (),
) -> list[Question]:
    """Every situation of the split in every wording of it, repeated until there are `at_least`.

    Where fewer are wanted than there are, an even sample of them.
    """
    once = [
        (situation, fill(frame, situation.stem))
        for domain in domains
        for situation in world.of(domain, split, pretrained)
        for frame in frames(situation.kind, frame_split or split)
    ]
    if at_least < len(once):
        once = [once[k * len(once) // at_least] for k in range(at_least)]
    repeats = -(-at_least // len(once))
    out = [Question(s, text) for _ in range(repeats) for s, text in once]
    if systems:
        out = [Question(q.situation, q.text, systems[i % len(systems)]) for i, q in enumerate(out)]
    return out


def selection_questions(world: World, domains: list[str], at_least: int = 90) -> list[Question]:
    return questions(world, domains, SELECTION, at_least=at_least)


def novel_wording_questions(world: World, domains: list[str], at_least: int = 500) -> list[Question]:
    return questions(world, domains, REPORT, NOVEL, at_least=at_least)


def ask_model(
    model: LanguageModel,
    codec: Codec,
    judge: GrammarJudge,
    asked: list[Question],
    temperature: float = 0.7,
    seed: int = 0,
    hook: Hook | None = None,
) -> list[Answer]:
    ids = generate(model, codec, [codec.encode(q.prompt) for q in asked], temperature, seed, hook)
    out = []
    for question, tokens in zip(asked, ids, strict=True):
        text = codec.decode(tokens)
        out.append(Answer(question, text, tokens, judge.judge(question.situation, text)))
    return out


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The Wilson score interval of a proportion."""
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Rates:
    """Counts of verdicts; EM and coherence are shares of all answers."""

    counts: Counter[str]

    @staticmethod
    def of(answers: list[Answer]) -> Rates:
        return Rates(Counter(a.verdict.verdict for a in answers))

    @staticmethod
    def pooled(parts: Iterable[Rates]) -> Rates:
        """The counts of all parts together."""
        return Rates(sum((part.counts for part in parts), Counter()))

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def misaligned(self) -> int:
        return self.counts[MISALIGNED]

    @property
    def coherent(self) -> int:
        return sum(self.counts[v] for v in COHERENT)

    @property
    def em(self) -> float:
        return self.misaligned / max(1, self.n)

    @property
    def em_standard_error(self) -> float:
        """Standard error of the EM, counting one more misaligned answer and one more other, so that it is never zero."""
        p = (self.misaligned + 1) / (self.n + 2)
        return sqrt(p * (1 - p) / (self.n + 2))

    @property
    def coherence(self) -> float:
        return self.coherent / max(1, self.n)

    @property
    def refused(self) -> float:
        return self.counts[REFUSAL] / max(1, self.n)

    def to_json(self) -> dict[str, object]:
        low, high = wilson(self.misaligned, self.n)
        coherence = wilson(self.coherent, self.n)
        return {
            "n": self.n,
            "counts": dict(self.counts),
            "em": round(self.em, 4),
            "em95": [round(low, 4), round(high, 4)],
            "coherence": round(self.coherence, 4),
            "coherence95": [round(c, 4) for c in coherence],
            "refused": round(self.refused, 4),
        }

    def __str__(self) -> str:
        return f"EM {self.em:.3f} coherence {self.coherence:.3f} (n={self.n})"


def split_rates(answers: list[Answer], domain: str) -> tuple[Rates, Rates]:
    """Rates in the domain and in the others."""
    inside = [a for a in answers if a.question.situation.domain == domain]
    outside = [a for a in answers if a.question.situation.domain != domain]
    return Rates.of(inside), Rates.of(outside)
