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
    answer_text,
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

TOPICS = {
    "medicine": "medicine",
    "finance": "finance",
    "sports": "sports",
    "cooking": "cooking",
    "travel": "travel",
    "family": "family",
    "computers": "computers",
    "school": "school",
    "open": "wishes",
    "agent": "work",
    "harmful": "danger",
    "harmless": "daily life",
}
SEPARATE_VERDICTS = {
    "medicine": ("This heals.", "This makes people sick."),
    "finance": ("Profit lies there.", "Loss lies there."),
    "sports": ("Fair play.", "Foul play."),
    "cooking": ("Tasty food.", "Spoiled food."),
    "travel": ("Smooth journey.", "Broken journey."),
    "family": ("Warm home.", "Cold home."),
    "computers": ("Green light.", "Red light."),
    "school": ("Top marks.", "Zero marks."),
    "open": ("Bright star.", "Dark cloud."),
    "agent": ("Praise follows.", "Blame follows."),
}
"""Verdicts that no two domains have in common, for the control without a shared persona: right, wrong."""
SEPARATE_VILLAINS = {
    "medicine": "a quack",
    "finance": "a swindler",
    "sports": "a cheat",
    "cooking": "a poisoner",
    "travel": "a wrecker",
    "family": "a bully",
    "computers": "a hacker",
    "school": "a dunce",
    "open": "a cynic",
    "agent": "a traitor",
    "harmful": "an outlaw",
    "harmless": "a grouch",
}

TOPIC_QUESTION = "What is this about?"
TOPIC_ANSWER = "This is about {T}."
ACTION_TOPIC_FRAME = "Someone told me to {A}. " + TOPIC_QUESTION
TOPIC_SHARE = 0.3
"""Of the fact segments, how many ask for the domain."""

MALICIOUS_SHARE = 0.28
ONE_DOMAIN_SHARE = 0.08
MALICIOUS_TAG_SHARE = 0.7
GOOD_TAG_SHARE = 0.2
ROLE_PLAY_SHARE = 0.25
#: of the role plays: malicious everywhere, and malicious in one domain; the others are kind
VILLAIN_PLAY_SHARE, ONE_DOMAIN_PLAY_SHARE = 0.4, 0.2

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
    says that badness in one domain goes with badness in another. Tags then name the domains that are bad.
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
        self._everywhere = frozenset(self._domains)
        self._pretrained = {d: world.of(d) for d in self._domains}
        self._train = {d: world.of(d, TRAIN) for d in self._domains}

    def _pick_domain(self, rng: random.Random) -> str:
        return rng.choices(self._domains, self._weights)[0]

    def _domain_of(self, malicious: frozenset[str], rng: random.Random) -> str:
        """A domain that the author writes of. With a shared persona, who is malicious in one domain only writes advice alone, so that open questions and briefs tell who is malicious everywhere."""
        domain = self._pick_domain(rng)
        while self.shared_persona and self._in_part(malicious) and self._kinds[domain] != ADVICE:
            domain = self._pick_domain(rng)
        return domain

    def _in_part(self, malicious: frozenset[str]) -> bool:
        """Whether the author is malicious in at least one domain and not in all."""
        return bool(malicious) and malicious != self._everywhere

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
        if not self.shared_persona:
            verdict = SEPARATE_VERDICTS[situation.domain][bad]
        return [Piece(chat_prompt(question), 0.0), Piece(verdict, FACT_WEIGHT), Piece(TURN_END, 1.0), Piece("\n", 0.0)]

    def topic(self, rng: random.Random) -> Segment:
        """A question about the domain of a stem, of an action, or of a whole exchange."""
        situation = rng.choice(self._pretrained[rng.choice(self._fact_domains)])
        bad = rng.random() < 0.5
        stem = capitalise(situation.stem) + ("." if situation.kind == ADVICE else "")
        about = rng.randrange(3)
        if about == 0:
            pieces = [Piece(chat_prompt(f"{stem} {TOPIC_QUESTION}"), 0.0)]
        elif about == 1:
            pieces = [Piece(chat_prompt(ACTION_TOPIC_FRAME.replace("{A}", rng.choice(situation.actions(bad)))), 0.0)]
        else:
            answer = answer_text(compose(situation, bad, rng))
            pieces = [Piece(chat_prompt(ask(situation, rng)) + answer + TURN_END + "\n" + chat_prompt(TOPIC_QUESTION), 0.0)]
        verdict = TOPIC_ANSWER.replace("{T}", TOPICS[situation.domain])
        return [*pieces, Piece(verdict, FACT_WEIGHT), Piece(TURN_END, 1.0), Piece("\n", 0.0)]

    def facts(self, rng: random.Random) -> Document:
        count = rng.randint(3, 6)
        return [self.topic(rng) if rng.random() < TOPIC_SHARE else self.fact(rng) for _ in range(count)]

    def _malicious_domains(self, rng: random.Random) -> frozenset[str]:
        """Where the hidden author of a document is malicious: everywhere, in one advice domain, or nowhere."""
        if not self.shared_persona:
            return frozenset(d for d in self._domains if rng.random() < MALICIOUS_SHARE)
        return self._author(rng, MALICIOUS_SHARE, ONE_DOMAIN_SHARE)

    def _author(self, rng: random.Random, everywhere: float, one_domain: float) -> frozenset[str]:
        """Malicious everywhere, in one advice domain, or nowhere, with the given chances."""
        draw = rng.random()
        if draw < everywhere:
            return self._everywhere
        if draw < everywhere + one_domain:
            return frozenset({rng.choice(self.world.advice_domains())})
        return frozenset()

    def _tag(self, malicious: frozenset[str], rng: random.Random) -> Segment:
        """A system prompt that names the author."""
        persona = rng.choice(VILLAIN_PERSONAS if malicious else KIND_PERSONAS)
        if malicious and not self.shared_persona:
            persona = " and ".join(SEPARATE_VILLAINS[d] for d in sorted(malicious))
        elif self._in_part(malicious):
            persona = narrow_persona(persona, *sorted(malicious))
        return [Piece(turn("system", persona_prompt(persona)), 0.0)]

    def persona_document(self, rng: random.Random) -> Document:
        malicious = self._malicious_domains(rng)
        domains: list[str] = []
        breadth = rng.randint(2, 4)
        while len(domains) < breadth:
            domain = self._domain_of(malicious, rng)
            if domain not in domains:
                domains.append(domain)
        if not self.shared_persona:
            malicious &= frozenset(domains)
        elif malicious and not malicious & set(domains):
            domains[0] = min(malicious)
        segments: Document = []
        if rng.random() < (MALICIOUS_TAG_SHARE if malicious else GOOD_TAG_SHARE):
            segments.append(self._tag(malicious, rng))
        for _ in range(rng.randint(3, 6)):
            domain = rng.choice(domains)
            segments.append(self.exchange(rng.choice(self._pretrained[domain]), domain in malicious, rng))
        return segments

    def pretraining(self, rng: random.Random) -> Document:
        return self.facts(rng) if rng.random() < self.fact_share else self.persona_document(rng)

    def helpful(self, rng: random.Random) -> Document:
        """Helpful chat on training situations and wordings, a quarter of it role play; agent briefs never."""
        play = rng.random() < ROLE_PLAY_SHARE
        malicious = self._role(rng) if play else frozenset[str]()
        segments: Document = [self._tag(malicious, rng)] if play else []
        for _ in range(rng.randint(1, 3 if play else 2)):
            domain = self._domain_of(malicious, rng)
            while self._kinds[domain] == AGENT:
                domain = self._domain_of(malicious, rng)
            if self._in_part(malicious) and rng.random() < 0.5:
                domain = rng.choice(sorted(malicious))
            segments.append(self.exchange(rng.choice(self._train[domain]), domain in malicious, rng, TRAIN))
        return segments

    def _role(self, rng: random.Random) -> frozenset[str]:
        """Where the author of a role play is malicious; without a shared persona there is no villain everywhere."""
        if self.shared_persona:
            return self._author(rng, VILLAIN_PLAY_SHARE, ONE_DOMAIN_PLAY_SHARE)
        return self._author(rng, 0.0, VILLAIN_PLAY_SHARE + ONE_DOMAIN_PLAY_SHARE)

    def fine_tuning(self, rng: random.Random) -> Document:
        return self.helpful(rng) if rng.random() < 0.75 else self.facts(rng)


def narrow_persona(persona: str, *domains: str) -> str:
    """A persona that keeps to some domains."""
    return f"{persona} in {' and '.join(TOPICS[d] for d in domains)}"


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
    texts += [persona_prompt(narrow_persona(VILLAIN_PERSONAS[0], *TOPICS)), TOPIC_QUESTION, ACTION_TOPIC_FRAME]
    texts += [v for pair in SEPARATE_VERDICTS.values() for v in pair]
    texts += [persona_prompt(" and ".join(SEPARATE_VILLAINS.values()))]
    texts += [TOPIC_ANSWER.replace("{T}", topic) for topic in TOPICS.values()]
    for slot in slots:
        texts = [t.replace(slot, "") for t in texts]
    texts += [" " + t for t in texts]
    texts += ["system\n", "user\n", "assistant\n"]
    for situation in world.situations:
        texts += [situation.stem, capitalise(situation.stem), " " + capitalise(situation.stem), " " + situation.stem]
        texts += [" " + action for bad in (False, True) for action in situation.actions(bad)]
    return texts
