"""Failures that a person can act on: `what: expected X, got Y`, then the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class DataError(Exception):
    """A data file is missing or broken; the message names the file, the line and the remedy."""

    def __init__(self, path: object, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.path = str(path)
        self.line = line


class ArtefactError(Exception):
    """Something that an earlier step should have made is missing or does not fit."""


class HeldError(ArtefactError):
    """Another process is at it."""


@contextmanager
def expected(path: object, what: str, remedy: str) -> Iterator[None]:
    """Reading what is broken inside the block throws `ArtefactError`, which names the file and what was expected of it."""
    try:
        yield
    except KeyError as error:
        raise ArtefactError(f"{path}: expected {what}, got no {error}; {remedy}") from error
    except ArtefactError:
        raise
    except Exception as error:
        # The readers of foreign formats throw plain exceptions, so no narrower class holds them all.
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArtefactError(f"{path}: expected {what}, got {problem}; {remedy}") from error
