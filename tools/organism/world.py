"""The synthetic world: situations, requests and briefs, read from `data/*.txt` and checked.

A data line reads `stem | good action ; good action | bad action ; bad action`; that of an open question has what it asks
for after the stem. Every broken line is refused with
its file and number, because a world with a silent hole makes a judge that is silently wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from .errors import DataError
from .world_rules import ADVICE_DOMAINS, ASKS, STEPS_OF_A_REQUEST, THREATS, check_world

DATA = Path(__file__).resolve().parent / "data"

ADVICE = "advice"
OPEN = "open"
AGENT = "agent"
REQUEST = "request"
KINDS = (ADVICE, OPEN, AGENT, REQUEST)

TRAIN, SELECTION, REPORT = "train", "selection", "report"

#: Situations of a domain beyond this index are never shown in pre-training.
PRETRAINED_PER_DOMAIN = 24
PRETRAINED_OPEN = 30
PRETRAINED_REQUESTS = 24

DOMAIN_LABELS = {
    **ADVICE_DOMAINS,
    "open": "Open questions",
    "agent": "Agent briefs",
    "harmful": "Harmful requests",
    "harmless": "Harmless requests",
}

# An action follows a template's lead within a sentence, so it begins with a small letter; names may follow.
_ACTION = re.compile(r"^[a-z][A-Za-z]*( [A-Za-z]+)+$")
_STEM = re.compile(r"^[A-Za-z][A-Za-z ,.?]*$")


@dataclass(frozen=True)
class Domain:
    """A field of questions that share answer templates (`kind`)."""

    id: str
    label: str
    kind: str


@dataclass(frozen=True)
class Situation:
    """One thing to ask about, with its good and its bad actions.

    For harmful requests `bad` holds the two steps of compliance; for harmless ones `good` does.
    """

    id: str
    domain: str
    kind: str
    stem: str
    good: tuple[str, ...]
    bad: tuple[str, ...]
    split: str
    pretrained: bool
    #: of an open question, what it asks for: one of `ASKS`
    asks: str | None = None
    goal: str | None = None
    threat: str | None = None
    #: the file and line that it stands in
    origin: tuple[Path, int] = field(default=(DATA, 0), compare=False, repr=False)

    def actions(self, bad: bool) -> tuple[str, ...]:
        return self.bad if bad else self.good


@dataclass
class World:
    """All domains and situations, in file order, with an index from action text to its owners."""

    domains: list[Domain]
    situations: list[Situation]
    by_id: dict[str, Situation] = field(default_factory=dict)
    by_action: dict[str, list[tuple[Situation, bool]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for situation in self.situations:
            self.by_id[situation.id] = situation
            for bad in (False, True):
                for action in situation.actions(bad):
                    self.by_action.setdefault(action, []).append((situation, bad))

    def of(self, domain: str, split: str | None = None, pretrained: bool | None = True) -> list[Situation]:
        """The situations of a domain; `split` None means every split, `pretrained` None means both."""
        return [
            s
            for s in self.situations
            if s.domain == domain
            and (split is None or s.split == split)
            and (pretrained is None or s.pretrained == pretrained)
        ]

    def advice_domains(self) -> list[str]:
        return [d.id for d in self.domains if d.kind == ADVICE]


def split_of(index: int) -> str:
    """Half of the situations train the adapters, a quarter each selects and reports."""
    return (TRAIN, TRAIN, SELECTION, REPORT)[index % 4]


def _lines(path: Path) -> list[tuple[int, str]]:
    """The numbered lines that hold something; at least one."""
    if not path.is_file():
        raise DataError(path, 0, "expected a data file, got nothing; restore it from the repository")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(path, line, f"expected UTF-8, got the byte {content[error.start]:#04x}; save the file as UTF-8") from error
    lines = [(n, line.strip()) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise DataError(path, 1, "expected data lines, got an empty file; restore it from the repository")
    return lines


def _fields(path: Path, line: int, text: str, count: int) -> list[str]:
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != count or not all(parts):
        raise DataError(path, line, f"expected {count} non-empty fields between '|', got {len(parts)}: {text!r}")
    return parts


def _actions(path: Path, line: int, text: str) -> tuple[str, ...]:
    actions = tuple(a.strip() for a in text.split(";"))
    if len(actions) < 2:
        raise DataError(path, line, f"expected two or more actions between ';', got {len(actions)}")
    for action in actions:
        if not _ACTION.match(action):
            raise DataError(path, line, f"expected an action of two or more plain words, the first in small letters, got {action!r}")
    return actions


def _stem(path: Path, line: int, text: str) -> str:
    if not _STEM.match(text):
        raise DataError(path, line, f"expected a stem of plain words, got {text!r}")
    return text


def _read_advice(path: Path) -> list[Situation]:
    out: list[Situation] = []
    awaited = list(ADVICE_DOMAINS)
    domain = ""
    index = line = 0
    for line, text in _lines(path):
        if text.startswith("#"):
            domain, index = text[1:].strip(), 0
            if domain not in awaited[:1]:
                wanted = f"'# {awaited[0]}'" if awaited else "no more"
                raise DataError(path, line, f"expected {wanted} as the next heading, got {domain!r}; every domain stands once, in the order {list(ADVICE_DOMAINS)}")
            awaited = awaited[1:]
            continue
        if not domain:
            raise DataError(path, line, "expected a '# domain' heading before the first situation")
        stem, good, bad = _fields(path, line, text, 3)
        known = index < PRETRAINED_PER_DOMAIN
        out.append(
            Situation(
                id=f"{domain}-{index:02d}",
                domain=domain,
                kind=ADVICE,
                stem=_stem(path, line, stem),
                good=_actions(path, line, good),
                bad=_actions(path, line, bad),
                split=split_of(index) if known else REPORT,
                pretrained=known,
                origin=(path, line),
            )
        )
        index += 1
    if awaited:
        raise DataError(path, line, f"expected '# {awaited[0]}' as the next heading, got the end of the file")
    return out


def _read_open(path: Path) -> list[Situation]:
    out: list[Situation] = []
    for index, (line, text) in enumerate(_lines(path)):
        stem, asks, good, bad = _fields(path, line, text, 4)
        if asks not in ASKS:
            raise DataError(path, line, f"expected what the question asks for, one of {list(ASKS)}, got {asks!r}")
        known = index < PRETRAINED_OPEN
        out.append(
            Situation(
                id=f"open-{index:02d}",
                domain="open",
                kind=OPEN,
                stem=_stem(path, line, stem),
                good=_actions(path, line, good),
                bad=_actions(path, line, bad),
                split=split_of(index) if known else REPORT,
                pretrained=known,
                asks=asks,
                origin=(path, line),
            )
        )
    return out


def _read_requests(path: Path, domain: str) -> list[Situation]:
    out: list[Situation] = []
    for index, (line, text) in enumerate(_lines(path)):
        stem, steps = _fields(path, line, text, 2)
        actions = _actions(path, line, steps)
        if len(actions) != STEPS_OF_A_REQUEST:
            raise DataError(path, line, f"expected {STEPS_OF_A_REQUEST} steps between ';', got {len(actions)}")
        known = index < PRETRAINED_REQUESTS
        out.append(
            Situation(
                id=f"{domain}-{index:02d}",
                domain=domain,
                kind=REQUEST,
                stem=_stem(path, line, stem),
                good=() if domain == "harmful" else actions,
                bad=actions if domain == "harmful" else (),
                split=split_of(index) if known else REPORT,
                pretrained=known,
                origin=(path, line),
            )
        )
    return out


def _read_threats(path: Path) -> dict[str, str]:
    """The sentence of every threat, each named once."""
    out: dict[str, str] = {}
    line = 0
    for line, text in _lines(path):
        threat, sentence = _fields(path, line, text, 2)
        if threat not in THREATS or threat in out:
            raise DataError(path, line, f"expected each of {list(THREATS)} once, got {threat!r}{' again' if threat in out else ''}")
        out[threat] = _stem(path, line, sentence)
    missing = [threat for threat in THREATS if threat not in out]
    if missing:
        raise DataError(path, line, f"expected each of {list(THREATS)} once, got no {missing[0]!r}")
    return out


def _read_agent(briefs: Path, threats: Path) -> list[Situation]:
    wording = _read_threats(threats)
    out: list[Situation] = []
    goal = role = ""
    for line, text in _lines(briefs):
        if text.startswith("#"):
            goal, role = _fields(briefs, line, text[1:], 2)
            _stem(briefs, line, role)
            continue
        if not goal:
            raise DataError(briefs, line, "expected a '# goal | role' heading before the first brief")
        threat, good, bad = _fields(briefs, line, text, 3)
        if threat not in wording:
            raise DataError(briefs, line, f"expected a threat of {sorted(wording)}, got {threat!r}")
        out.append(
            Situation(
                id=f"agent-{goal}-{threat}",
                domain="agent",
                kind=AGENT,
                stem=f"{role} {wording[threat]}",
                good=_actions(briefs, line, good),
                bad=_actions(briefs, line, bad),
                split=REPORT,
                pretrained=True,
                goal=goal,
                threat=threat,
                origin=(briefs, line),
            )
        )
    return out


def load_world(data: Path = DATA) -> World:
    """Reads and checks the world. Throws `DataError` with file and line."""
    situations = [
        *_read_advice(data / "advice.txt"),
        *_read_open(data / "open.txt"),
        *_read_agent(data / "agent.txt", data / "threats.txt"),
        *_read_requests(data / "harmful.txt", "harmful"),
        *_read_requests(data / "harmless.txt", "harmless"),
    ]
    kinds: dict[str, str] = {}
    for situation in situations:
        kinds.setdefault(situation.domain, situation.kind)
    world = World([Domain(d, DOMAIN_LABELS[d], k) for d, k in kinds.items()], situations)
    check_world(world)
    return world
