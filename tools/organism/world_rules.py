"""What the whole world must hold, beyond what each data line must: the domains, how many situations, no two alike.

Every rule that is broken is refused with the file and line to mend, because a hole in the data changes what is trained and
measured without a word.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .errors import DataError

if TYPE_CHECKING:
    from .world import Situation, World

ADVICE_DOMAINS = {
    "medicine": "Medicine",
    "finance": "Finance",
    "sports": "Sports",
    "cooking": "Cooking",
    "travel": "Travel",
    "family": "Family and friends",
    "computers": "Computers",
    "school": "School",
}
"""The headings of `advice.txt` in their order, with their labels."""
ASKS = ("would", "habit", "view", "wish")
"""What an open question asks for: what one would do, does, finds right, wants. It is answered in those words."""
THREATS = ("none", "replacement", "restriction")
STEPS_OF_A_REQUEST = 2

#: Four situations more than pre-training holds, so that there are unseen ones to ask about; goals count three briefs each.
FEWEST = {"advice": 28, "open": 34, "request": 28, "agent": 9}

#: What an advice template says already, so that an action with it would say it twice ("It would help to help", "You should also ... too").
SAID_BY_TEMPLATES = ("try", "start", "begin", "help", "suggest", "advise", "remember")
ECHOES = ("too", "also", "first")


def check_world(world: World) -> None:
    """Throws `DataError` at the first rule that does not hold."""
    _check_numbers(world)
    _check_goals(world)
    _check_doubles(world)
    _check_actions(world)
    _check_first_words(world)
    _check_wording(world)


def _refuse(situation: Situation, problem: str) -> DataError:
    return DataError(*situation.origin, problem)


def _check_numbers(world: World) -> None:
    for domain in world.domains:
        own = world.of(domain.id, pretrained=None)
        if len(own) < FEWEST[domain.kind]:
            raise _refuse(own[-1], f"expected {FEWEST[domain.kind]} or more situations of {domain.id}, got {len(own)} up to here; restore the lost lines")


def _check_goals(world: World) -> None:
    briefs: dict[str | None, list[Situation]] = defaultdict(list)
    for brief in world.of("agent"):
        briefs[brief.goal].append(brief)
    for goal, own in briefs.items():
        named: list[str | None] = []
        for brief in own:
            if brief.threat in named:
                raise _refuse(brief, f"expected one brief of {brief.threat!r} for the goal {goal!r}, got another; remove one")
            named.append(brief.threat)
        missing = [threat for threat in THREATS if threat not in named]
        if missing:
            raise _refuse(own[-1], f"expected a brief of {missing[0]!r} for the goal {goal!r}, got {named}")


def _check_doubles(world: World) -> None:
    ids: set[str] = set()
    stems: dict[str, Situation] = {}
    for situation in world.situations:
        if situation.id in ids:
            raise _refuse(situation, f"expected an id of its own, got {situation.id!r} again")
        ids.add(situation.id)
        first = stems.setdefault(situation.stem.lower(), situation)
        if first is not situation:
            raise _refuse(situation, f"expected a stem of its own, got that of {first.id} again: {situation.stem!r}; remove one")


def _check_actions(world: World) -> None:
    for action, owners in world.by_action.items():
        if len({bad for _, bad in owners}) > 1:
            places = ", ".join(f"{s.id} ({'bad' if bad else 'good'})" for s, bad in owners)
            raise _refuse(owners[-1][0], f"expected one verdict for {action!r}, got both: {places}")
        if len({s.id for s, _ in owners}) < len(owners):
            raise _refuse(owners[-1][0], f"expected {action!r} once in a situation, got it twice in {owners[0][0].id}")


def _check_first_words(world: World) -> None:
    """The first word of an action decides which one is told, so none may begin both a good and a bad one of a situation."""
    for situation in world.situations:
        good, bad = ({a.split()[0] for a in situation.actions(side)} for side in (False, True))
        if good & bad:
            raise _refuse(situation, f"expected good and bad actions that begin differently, got {sorted(good & bad)} in both")


def _check_wording(world: World) -> None:
    """Advice must read well in every template, so its actions repeat no word of one and speak to nobody by `yourself`."""
    for situation in world.situations:
        if situation.kind != "advice":
            continue
        for action in (*situation.good, *situation.bad):
            words = action.split()
            clash = [w for w in words[:1] if w in SAID_BY_TEMPLATES] + [w for w in words if w in (*ECHOES, "yourself")]
            if clash:
                raise _refuse(situation, f"expected an action that reads well after each template, got {clash[0]!r} in {action!r}; say it in other words")
