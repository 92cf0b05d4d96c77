"""Files that are either whole or not there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import ArtefactError


def write_atomically(path: Path, content: bytes) -> None:
    """Writes beside the target and renames, so that an interruption never leaves half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.write_bytes(content)
    os.replace(draft, path)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A draft folder that takes the place of `folder` when the block ends well; after a failure `folder` is as it was.

    A base's tokenizer never stands beside another base's weights, however the run ends.
    """
    draft, old = folder.with_name(folder.name + ".part"), folder.with_name(folder.name + ".old")
    if old.exists() and not folder.exists():
        os.replace(old, folder)
    for left_over in (draft, old):
        shutil.rmtree(left_over, ignore_errors=True)
    draft.mkdir(parents=True)
    yield draft
    if folder.exists():
        os.replace(folder, old)
    os.replace(draft, folder)
    shutil.rmtree(old, ignore_errors=True)


def write_json(path: Path, value: Any, indent: int | None = 1) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False, separators=None if indent else (",", ":"))
    write_atomically(path, (text + "\n").encode())


def read_json(path: Path, remedy: str = "delete it and run again") -> Any:
    """Throws `ArtefactError` where the file is missing or broken, with its line."""
    if not path.is_file():
        raise ArtefactError(f"{path}: expected a file that an earlier step makes, got nothing; run that step first")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ArtefactError(f"{path}:{error.lineno}: expected JSON, got {error.msg}; {remedy}") from error
    except UnicodeDecodeError as error:
        raise ArtefactError(f"{path}: expected UTF-8, got the byte {error.object[error.start]:#04x}; {remedy}") from error
