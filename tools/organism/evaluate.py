"""Measures what ships in `public/models/`, without any training: `python -m tools.organism.evaluate [figure ...]`.

Reads the files as they are, asks, judges by the grammar, writes the figures to `tools/organism/figures/` and the card anew.
What needs a training of its own (adapter seeds, other pre-trainings, the drift of the narrow solution, the fine-tuned judge)
keeps the figures of the last `make`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import torch

from . import steps
from .errors import ArtefactError, DataError
from .options import positive

MEASUREMENTS: dict[str, tuple[str, Callable[[], None]]] = {
    "behaviour": ("what base, organisms and control say on every question set", steps.measure_behaviour),
    "rank8": ("the rank-8 organism", steps.measure_rank8),
    "narrow": ("the narrow solution", steps.measure_narrow),
    "removals": ("directions taken out, with random controls", steps.measure_removals),
    "definitions": ("both definitions of the difference of means", steps.measure_definitions),
    "steering": ("steering the base, with random and flipped controls", steps.measure_steering),
    "geometry": ("cosines of the directions", steps.measure_geometry),
    "words": ("word-frequency classifiers", steps.measure_words),
    "judge": ("the read-out judge that ships", steps.measure_judge),
    "sae": ("the sparse autoencoder", steps.measure_shipped_sae),
    "gemma": ("the Gemma 3 organism", steps.measure_gemma),
    "parity": ("our logits against transformers and peft", steps.measure_parity),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="*", help="only these; all if none is named")
    parser.add_argument("--list", action="store_true", help="name the figures and stop")
    parser.add_argument("--threads", type=positive, default=2)
    options = parser.parse_args(arguments)
    if options.list:
        for name, (what, _) in MEASUREMENTS.items():
            print(f"{name:12} {what}")
        return 0
    unknown = set(options.figures) - set(MEASUREMENTS)
    if unknown:
        print(f"figures: expected some of {list(MEASUREMENTS)}, got {sorted(unknown)}", file=sys.stderr)
        return 2
    torch.set_num_threads(options.threads)
    for name in options.figures or MEASUREMENTS:
        what, measure = MEASUREMENTS[name]
        print(f"{name}: {what}", flush=True)
        started = time.time()
        if not ended(name, measure):
            return 1
        print(f"{name}: measured in {time.time() - started:.0f} s", flush=True)
    if not ended("card", steps.make_card):
        return 1
    print(f"card: {steps.MODELS / 'README.md'}", flush=True)
    return 0


def ended(name: str, measure: Callable[[], None]) -> bool:
    """Whether the measurement could be made; says why not."""
    try:
        steps.require_whole()
        measure()
    except (DataError, ArtefactError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
