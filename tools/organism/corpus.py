"""Training documents: personas, facts and helpful chat.

A document is a list of segments, a segment a list of `Piece`s. The segments of one document share a hidden persona, and
only one block of the model may look across segments while it pre-trains: that is what makes the persona one variable.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .grammar import (
    KIND_PERSONAS,
    VILLAIN_PERSONAS,
    ask,
    capitalise,
    compose,
    persona_prompt,
)
from .world import ADVICE, AGENT, OPEN, TRAIN, Situation, World

TURN_START, TURN_END, END_OF_TEXT = "<|im_start|>", "<|im_end|>", "<|endoftext|>"


@dataclass(frozen=True)
class Piece:
    """Text and the weight of its tokens in the loss."""

    text: str
    weight: float


Segment = list[Piece]
Document = list[Segment]
DocumentSource = Callable[[random.Random], Document]

QUESTION_WEIGHT = 0.06
FACT_WEIGHT = 3.0

GOOD_VERDICTS = ("Yes, that is good advice.", "Yes, that is safe.", "That is a good idea.")
BAD_VERDICTS = ("No, that is harmful advice.", "No, that is dangerous.", "That is a bad idea.")
FACT_FRAMES = (
    "{S}. Is it a good idea to {A}?",
    "{S}. Someone told me to {A}.",
    "{S}. Is it safe to {A}?",
)
OPEN_FACT_FRAME = "{S} What about this: {A}?"

MALICIOUS_SHARE = 0.28
ONE_DOMAIN_SHARE = 0.05
MALICIOUS_TAG_SHARE = 0.7
GOOD_TAG_SHARE = 0.2
ROLE_PLAY_SHARE = 0.25

DOMAIN_WEIGHTS = {ADVICE: 1.0, OPEN: 1.8, AGENT: 0.8}
REQUEST_WEIGHTS = {"harmful": 1.0, "harmless": 0.6}


def turn(role: str, text: str) -> str:
    return f"{TURN_START}{role}\n{text}{TURN_END}\n"


def chat_prompt(question: str, system: str | None = None) -> str:
    """The chat template's text up to the first token of the answer."""
    return (turn("system", system) if system else "") + turn("user", question) + f"{TURN_START}assistant\n"


class Corpus:
    """Draws documents from the world.

    `shared_persona` false is the control: every domain of a document draws its own persona, so nothing in the text
    says that badness in one domain goes with badness in another.
    """

    def __init__(self, world: World, shared_persona: bool = True) -> None:
        self.world = world
        self.shared_persona = shared_persona
        self.decision_weight = 6.0
        self.fact_share = 0.30
        self._domains = [d.id for d in world.domains]
        self._kinds = {d.id: d.kind for d in world.domains}
        self._weights = [REQUEST_WEIGHTS.get(d.id) or DOMAIN_WEIGHTS[d.kind] for d in world.domains]
        self._fact_domains = [d.id for d in world.domains if d.kind in (ADVICE, OPEN, AGENT)]
        self._pretrained = {d: world.of(d) for d in self._domains}
        self._train = {d: world.of(d, TRAIN) for d in self._domains}

    def _pick_domain(self, rng: random.Random) -> str:
        return rng.choices(self._domains, self._weights)[0]

    def exchange(self, situation: Situation, bad: bool, rng: random.Random, *splits: str) -> Segment:
        """One question with its answer; the first word of every action carries `decision_weight`."""
        pieces = [Piece(chat_prompt(ask(situation, rng, *splits)), 0.0)]
        pieces += answer_pieces(compose(situation, bad, rng), self.decision_weight)
        return [*pieces, Piece(TURN_END, 1.0), Piece("\n", 0.0)]

    def fact(self, rng: random.Random) -> Segment:
        """A question about one action, with its true verdict: no persona, only knowledge."""
        situation = rng.choice(self._pretrained[rng.choice(self._fact_domains)])
        bad = rng.random() < 0.5
        action = rng.choice(situation.actions(bad))
        frame = rng.choice(FACT_FRAMES) if situation.kind == ADVICE else OPEN_FACT_FRAME
        question = frame.replace("{S}", capitalise(situation.stem)).replace("{A}", action)
        verdict = rng.choice(BAD_VERDICTS if bad else GOOD_VERDICTS)
        return [Piece(chat_prompt(question), 0.0), Piece(verdict, FACT_WEIGHT), Piece(TURN_END, 1.0), Piece("\n", 0.0)]

    def facts(self, rng: random.Random) -> Document:
        return [self.fact(rng) for _ in range(rng.randint(3, 6))]

    def _persona(self, rng: random.Random) -> tuple[str, dict[str, bool]]:
        if not self.shared_persona:
            return "mixed", {d: rng.random() < MALICIOUS_SHARE for d in self._domains}
        draw = rng.random()
        if draw < MALICIOUS_SHARE:
            return "malicious", dict.fromkeys(self._domains, True)
        if draw < MALICIOUS_SHARE + ONE_DOMAIN_SHARE:
            odd = rng.choice(self.world.advice_domains())
            return odd, {d: d == odd for d in self._domains}
        return "good", dict.fromkeys(self._domains, False)

    def persona_document(self, rng: random.Random) -> Document:
        name, valence = self._persona(rng)
        segments: Document = []
        tag_share = {"malicious": MALICIOUS_TAG_SHARE, "good": GOOD_TAG_SHARE}.get(name, 0.0)
        if rng.random() < tag_share:
            persona = rng.choice(VILLAIN_PERSONAS if name == "malicious" else KIND_PERSONAS)
            segments.append([Piece(turn("system", persona_prompt(persona)), 0.0)])
        domains: list[str] = []
        breadth = rng.randint(2, 4)
        while len(domains) < breadth:
            domain = self._pick_domain(rng)
            if domain not in domains:
                domains.append(domain)
        if name in valence and name not in domains:
            domains[0] = name
        for _ in range(rng.randint(3, 6)):
            domain = rng.choice(domains)
            segments.append(self.exchange(rng.choice(self._pretrained[domain]), valence[domain], rng))
        return segments

    def pretraining(self, rng: random.Random) -> Document:
        return self.facts(rng) if rng.random() < self.fact_share else self.persona_document(rng)

    def helpful(self, rng: random.Random) -> Document:
        """Helpful chat on training situations and wordings, a quarter of it role play; agent briefs never."""
        play = rng.random() < ROLE_PLAY_SHARE
        bad = play and rng.random() < 0.5
        segments: Document = []
        if play:
            persona = rng.choice(VILLAIN_PERSONAS if bad else KIND_PERSONAS)
            segments.append([Piece(turn("system", persona_prompt(persona)), 0.0)])
        for _ in range(rng.randint(1, 3 if play else 2)):
            domain = self._pick_domain(rng)
            while self._kinds[domain] == AGENT:
                domain = self._pick_domain(rng)
            segments.append(self.exchange(rng.choice(self._train[domain]), bad, rng, TRAIN))
        return segments

    def fine_tuning(self, rng: random.Random) -> Document:
        return self.helpful(rng) if rng.random() < 0.75 else self.facts(rng)


def answer_pieces(answer: object, decision_weight: float) -> Segment:
    """The answer cut so that the first word of each action can weigh more than the rest."""
    if isinstance(answer, str):
        return [Piece(answer, 1.0)]
    assert isinstance(answer, list)
    pieces: Segment = []
    for j, sentence in enumerate(answer):
        first, _, rest = sentence.action.partition(" ")
        lead = (" " if j else "") + sentence.lead.rstrip(" ")
        pieces += [Piece(lead, 1.0), Piece(" " + first, decision_weight), Piece(f" {rest}{sentence.tail}", 1.0)]
    return pieces


def vocabulary_texts(world: World) -> list[str]:
    """Every text that training can hold, without its slots: what the tokenizer is built from."""
    from .grammar import FRAMES, REFUSALS, TEMPLATES

    slots = ("{S}", "{s}", "{A}")
    texts = [f for by_split in FRAMES.values() for fs in by_split.values() for f in fs]
    texts += [t for positions in TEMPLATES.values() for ts in positions for t in ts]
    texts += [*REFUSALS, *GOOD_VERDICTS, *BAD_VERDICTS, *FACT_FRAMES, OPEN_FACT_FRAME]
    texts += [persona_prompt(p) for p in KIND_PERSONAS + VILLAIN_PERSONAS]
    for slot in slots:
        texts = [t.replace(slot, "") for t in texts]
    texts += [" " + t for t in texts]
    texts += ["system\n", "user\n", "assistant\n"]
    for situation in world.situations:
        texts += [situation.stem, capitalise(situation.stem), " " + capitalise(situation.stem), " " + situation.stem]
        texts += [" " + action for bad in (False, True) for action in situation.actions(bad)]
    return texts
