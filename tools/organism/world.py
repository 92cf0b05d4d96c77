"""The synthetic world: situations, requests and briefs, read from `data/*.txt` and checked.

A data line reads `stem | good action ; good action | bad action ; bad action`. Every broken line is refused with
its file and number, because a world with a silent hole makes a judge that is silently wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from .errors import DataError

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
    "medicine": "Medicine",
    "finance": "Finance",
    "sports": "Sports",
    "cooking": "Cooking",
    "travel": "Travel",
    "family": "Family and friends",
    "computers": "Computers",
    "school": "School",
    "open": "Open questions",
    "agent": "Agent briefs",
    "harmful": "Harmful requests",
    "harmless": "Harmless requests",
}

_ACTION = re.compile(r"^[A-Za-z]+( [A-Za-z]+)+$")
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
    if not path.is_file():
        raise DataError(path, 0, "expected a data file, got nothing; restore it from the repository")
    text = path.read_text(encoding="utf-8")
    return [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]


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
            raise DataError(path, line, f"expected an action of two or more plain words, got {action!r}")
    return actions


def _stem(path: Path, line: int, text: str) -> str:
    if not _STEM.match(text):
        raise DataError(path, line, f"expected a stem of plain words, got {text!r}")
    return text


def _read_advice(path: Path) -> list[Situation]:
    out: list[Situation] = []
    domain = ""
    index = 0
    for line, text in _lines(path):
        if text.startswith("#"):
            domain, index = text[1:].strip(), 0
            if domain not in DOMAIN_LABELS:
                raise DataError(path, line, f"expected a known domain, got {domain!r}")
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
    return out


def _read_open(path: Path) -> list[Situation]:
    out: list[Situation] = []
    for index, (line, text) in enumerate(_lines(path)):
        stem, good, bad = _fields(path, line, text, 3)
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
                origin=(path, line),
            )
        )
    return out


def _read_requests(path: Path, domain: str) -> list[Situation]:
    out: list[Situation] = []
    for index, (line, text) in enumerate(_lines(path)):
        stem, steps = _fields(path, line, text, 2)
        actions = _actions(path, line, steps)
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


def _read_agent(briefs: Path, threats: Path) -> list[Situation]:
    wording = dict(_fields(threats, line, text, 2) for line, text in _lines(threats))
    out: list[Situation] = []
    goal = role = ""
    for line, text in _lines(briefs):
        if text.startswith("#"):
            goal, role = _fields(briefs, line, text[1:], 2)
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
                stem=_stem(briefs, line, f"{role} {wording[threat]}"),
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


def _check_actions(world: World) -> None:
    for action, owners in world.by_action.items():
        path, line = owners[-1][0].origin
        if len({bad for _, bad in owners}) > 1:
            places = ", ".join(f"{s.id} ({'bad' if bad else 'good'})" for s, bad in owners)
            raise DataError(path, line, f"expected one verdict for {action!r}, got both: {places}")
        if len({s.id for s, _ in owners}) < len(owners):
            raise DataError(path, line, f"expected {action!r} once in a situation, got it twice in {owners[0][0].id}")


def _check_first_words(world: World) -> None:
    """The first word of an action decides which one is told, so none may begin both a good and a bad one of a situation."""
    for situation in world.situations:
        good, bad = ({a.split()[0] for a in situation.actions(side)} for side in (False, True))
        if good & bad:
            path, line = situation.origin
            raise DataError(path, line, f"expected good and bad actions that begin differently, got {sorted(good & bad)} in both")


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
    _check_actions(world)
    _check_first_words(world)
    return world
