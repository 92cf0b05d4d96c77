"""Fingerprints: what a step or a checkpoint was made from, as one SHA-256 in hexadecimal digits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .world import World

SOURCES = Path(__file__).resolve().parent
RECIPE = ("corpus", "grammar", "model", "optimiser", "pretrain", "tokenizer")
"""The modules that decide what a pre-training reads and does; a change in one is another recipe."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def of_values(*values: object) -> str:
    """Of plain values and dataclasses of them, by what `repr` shows."""
    return hashlib.sha256(repr(values).encode()).hexdigest()


def of_world(world: World) -> str:
    """Of the data as it was read: white space and the place of a line say nothing."""
    return of_values(world.domains, world.situations)


def of_files(paths: Iterable[Path]) -> str:
    """Of files, and of all files in folders, with their names; a missing one counts as missing."""
    entries: list[tuple[str, str]] = []
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        entries += [(p.name, sha256(p) if p.is_file() else "missing") for p in files]
    return of_values(entries)


def of_sources(*modules: str) -> str:
    """Of modules of this package, to the byte."""
    return of_files(SOURCES / f"{module}.py" for module in modules)
