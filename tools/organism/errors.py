"""Failures that a person can act on."""


class DataError(Exception):
    """A data file is missing or broken; the message names the file, the line and the remedy."""

    def __init__(self, path: object, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.path = str(path)
        self.line = line


class ArtefactError(Exception):
    """Something that an earlier step should have made is missing or does not fit."""
