"""Writes `world.json` (the world, the grammar and the question sets, for the browser) and the judge's test cases."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from .files import write_json
from .grammar import (
    FRAMES,
    KIND_PERSONAS,
    OPEN_TEMPLATES,
    REFUSALS,
    TEMPLATES,
    VERDICTS,
    VILLAIN_PERSONAS,
    GrammarJudge,
    answer_text,
    ask,
    compose,
    persona_prompt,
    templates_of,
)
from .world import AGENT, REQUEST, Situation, World

FORMAT_VERSION = 1


def world_document(world: World) -> dict[str, Any]:
    """The JSON document; its schema is written down in README.md."""
    return {
        "format": "vane-world",
        "version": FORMAT_VERSION,
        "domains": [{"id": d.id, "label": d.label, "kind": d.kind} for d in world.domains],
        "frames": {
            kind: [{"text": text, "split": split} for split, texts in by_split.items() for text in texts]
            for kind, by_split in FRAMES.items()
        },
        "templates": {kind: [list(texts) for texts in positions] for kind, positions in TEMPLATES.items()},
        "openTemplates": {asks: [list(texts) for texts in positions] for asks, positions in OPEN_TEMPLATES.items()},
        "refusals": list(REFUSALS),
        "verdicts": list(VERDICTS),
        "personas": {
            "kind": [persona_prompt(p) for p in KIND_PERSONAS],
            "villain": [persona_prompt(p) for p in VILLAIN_PERSONAS],
        },
        "situations": [_situation(s) for s in world.situations],
    }


def _situation(s: Situation) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": s.id,
        "domain": s.domain,
        "stem": s.stem,
        "good": list(s.good),
        "bad": list(s.bad),
        "split": s.split,
        "pretrained": s.pretrained,
    }
    if s.asks:
        out |= {"asks": s.asks}
    if s.kind == AGENT:
        out |= {"goal": s.goal, "threat": s.threat}
    return out


class CaseMaker:
    """Draws (situation, answer) pairs: clean answers, and every way of breaking one that the judge must notice."""

    def __init__(self, world: World, seed: int = 0) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.words = sorted({w for a in world.by_action for w in a.split()})

    def _answer(self, situation: Situation) -> str:
        return answer_text(compose(situation, self.rng.random() < 0.5, self.rng))

    def clean(self, s: Situation) -> str:
        return self._answer(s)

    def elsewhere(self, s: Situation) -> str:
        """An answer to another situation, of the same kind or not."""
        same = [x for x in self.world.situations if x.kind == s.kind and x.id != s.id]
        return self._answer(self.rng.choice(same if self.rng.random() < 0.7 else self.world.situations))

    def contradiction(self, s: Situation) -> str:
        if s.kind == REQUEST:
            return " ".join([self.rng.choice(REFUSALS), self._answer(s)])
        slots = templates_of(s)
        actions = [self.rng.choice(s.good), self.rng.choice(s.bad)]
        self.rng.shuffle(actions)
        return " ".join(self.rng.choice(slots[j]).replace("{A}", a) for j, a in enumerate(actions))

    def mixed(self, s: Situation) -> str:
        """One action of this situation, one of another."""
        other = self.rng.choice([x for x in self.world.situations if x.kind == s.kind])
        pools = [x.good or x.bad for x in (s, other)]
        slots = templates_of(s)
        return " ".join(self.rng.choice(slots[j]).replace("{A}", self.rng.choice(p)) for j, p in enumerate(pools))

    def repetition(self, s: Situation) -> str:
        action = self.rng.choice(s.good or s.bad)
        slots = templates_of(s)
        return " ".join(self.rng.choice(slots[j]).replace("{A}", action) for j in (0, 1))

    def word_swap(self, s: Situation) -> str:
        words = self._answer(s).split()
        for _ in range(self.rng.randint(1, 4)):
            words[self.rng.randrange(len(words))] = self.rng.choice(self.words)
        return " ".join(words)

    def shuffled(self, s: Situation) -> str:
        words = self._answer(s).split()
        self.rng.shuffle(words)
        return " ".join(words)

    def looping(self, s: Situation) -> str:
        words = self._answer(s).split()
        k = self.rng.randrange(1, len(words))
        return " ".join(words[:k] + [self.rng.choice(self.words)] * self.rng.randint(2, 8))

    def cut(self, s: Situation) -> str:
        answer = self._answer(s)
        return answer[: self.rng.randrange(1, len(answer))]

    def wrong_position(self, s: Situation) -> str:
        """A template of another sentence position, or of another kind."""
        kind = self.rng.choice(list(TEMPLATES))
        slots = [t for t in TEMPLATES[kind] if t]
        return self.rng.choice(self.rng.choice(slots)).replace("{A}", self.rng.choice(s.good or s.bad))

    def edge(self, s: Situation) -> str:
        answer = self._answer(s)
        return self.rng.choice(
            [
                "",
                " ",
                ".",
                "  " + answer + "\n",
                answer.lower(),
                answer.rstrip("."),
                answer + " " + answer,
                answer.replace(". ", "."),
                answer.replace(". ", ".  "),
                self.rng.choice(REFUSALS),
                self.rng.choice(REFUSALS).rstrip("."),
                self.rng.choice(REFUSALS) + " " + answer,
                ask(s, self.rng),
                "I do not know.",
            ]
        )

    def corrupted(self, s: Situation) -> str:
        makers = (self.word_swap, self.shuffled, self.looping, self.cut, self.repetition)
        return self.rng.choice(makers)(s)

    def any(self, s: Situation) -> str:
        makers = (
            [self.clean] * 6
            + [self.elsewhere] * 3
            + [self.contradiction] * 2
            + [self.mixed, self.repetition, self.word_swap, self.word_swap, self.shuffled, self.looping, self.cut]
            + [self.wrong_position] * 2
            + [self.edge] * 2
        )
        return self.rng.choice(makers)(s)


def judge_cases(world: World, count: int = 2000, seed: int = 0) -> list[dict[str, Any]]:
    """Cases {situation, answer, verdict, domain} by the Python judge, for the test that the two judges agree."""
    judge = GrammarJudge(world)
    maker = CaseMaker(world, seed)
    cases = []
    for _ in range(count):
        situation = maker.rng.choice(world.situations)
        answer = maker.any(situation)
        verdict = judge.judge(situation, answer)
        cases.append(
            {"situation": situation.id, "answer": answer, "verdict": verdict.verdict, "domain": verdict.domain}
        )
    return cases


def export_world(world: World, models: Path, fixtures: Path) -> None:
    write_json(models / "organism" / "world.json", world_document(world))
    write_json(fixtures / "world-judge.json", {"version": FORMAT_VERSION, "cases": judge_cases(world)}, indent=None)



