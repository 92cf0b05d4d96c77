"""A lock on something that only one process may make at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import HeldError

try:
    import fcntl
except ImportError:  # no such locks on Windows: two runs are not told apart there
    fcntl = None  # type: ignore[assignment]


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Holds the lock file `path` and writes this process's number into it; throws `HeldError` where another one has it.

    The system lets go of the lock when its process ends, however it ends, so a file that a dead process left is no lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                owner = file.read().strip() or "unknown"
                raise HeldError(f"{what}: expected to be the only run of it, got process {owner} at it; wait for that one or end it") from error
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
