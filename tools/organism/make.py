"""Makes everything in `public/models/` from nothing: `python -m tools.organism.make [step ...]`.

Every step writes whole files and leaves its figures in `tools/organism/figures/`. A step that ended in this working folder
(`build/organism/made/` says so) and whose outputs exist is skipped unless `--again` is given; so a fresh checkout
makes everything, and an interrupted run goes on where it stopped, a pre-training from its last checkpoint. `--again` forgets
that the steps were made, checkpoints included, and starts them from nothing; if that is interrupted, go on without `--again`.

Without step names two processes share the work: two single-threaded trainings get a third more done than one on two threads.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from . import steps
from .errors import ArtefactError, DataError


@dataclass(frozen=True)
class Step:
    """A named step, what it makes, and how."""

    name: str
    what: str
    run: Callable[[], None]
    outputs: tuple[Path, ...]
    #: what an interrupted run goes on from
    scratch: tuple[Path, ...] = ()

    @property
    def done(self) -> bool:
        return self.name in steps.times() and bool(self.outputs) and all(path.exists() for path in self.outputs)

    def forget(self) -> None:
        """Counts as not made from now on; the old outputs stay until the new ones are whole."""
        steps.forget_time(self.name)
        for path in self.scratch:
            path.unlink(missing_ok=True)


def all_steps() -> list[Step]:
    f = steps.figure_file
    o = steps.ORGANISM
    return [
        Step("world", "world.json and the judge's cases", steps.make_world, (o / "world.json", steps.JUDGE_CASES)),
        Step(
            "base",
            "pre-train and save the base",
            steps.make_base,
            (o / "base" / "model.safetensors", f("base")),
            (steps.checkpoint_file(steps.BASE_RUN),),
        ),
        Step(
            "adapters",
            "the rank-1 organisms and the control",
            steps.make_adapters,
            tuple(o / "adapters" / n / "adapter_model.safetensors" for n in steps.RANK_ONE),
        ),
        Step("behaviour", "what base and organisms say", steps.measure_behaviour, (f("behaviour"),)),
        Step("removals", "directions taken out", steps.measure_removals, (f("removals"),)),
        Step("steering", "steering the base", steps.measure_steering, (f("steering"),)),
        Step("geometry", "cosines", steps.measure_geometry, (f("geometry"),)),
        Step("words", "word-frequency classifiers", steps.measure_words, (f("words"),)),
        Step("judge", "the read-out judge", steps.make_judge, (o / "judge" / "readout.json", f("judge"))),
        Step("rank8", "the rank-8 organism", steps.make_rank8, (f("rank8"),)),
        Step("narrow", "the narrow solution, and its drift", steps.make_narrow, (f("narrow"),)),
        Step("path", "the path of the bad-medicine adapter", steps.make_path, (o / "path" / "path.json", f("path"))),
        Step("seeds", "adapter seeds", steps.measure_seeds, (f("seeds"),)),
        Step("sae", "the sparse autoencoder", steps.make_sae, (o / "sae" / "cfg.json", f("sae"))),
        Step("definitions", "two definitions of the direction", steps.measure_definitions, (f("definitions"),)),
        Step("second", "a second pre-training seed", steps.measure_second, (f("second"),), (steps.checkpoint_file(steps.SECOND_RUN),)),
        Step("gemma", "the Gemma 3 organism", steps.make_gemma, (f("gemma"),), (steps.checkpoint_file(steps.GEMMA_RUN),)),
        Step("unshared", "persona not shared between domains", steps.measure_unshared, (f("unshared"),), (steps.checkpoint_file(steps.UNSHARED_RUN),)),
        Step("parity", "our logits against transformers and peft", steps.measure_parity, (f("parity"),)),
        Step("card", "public/models/README.md", steps.make_card, ()),
    ]


BESIDE = ("second", "gemma")
"""The steps that a second process makes: trainings that need nothing of the other steps."""


@contextmanager
def made_beside(threads: int, again: bool) -> Iterator[subprocess.Popen[bytes]]:
    """Makes `BESIDE` in a process of its own, which ends with this block at the latest."""
    command = [sys.executable, "-m", "tools.organism.make", *BESIDE, "--threads", str(threads)]
    process = subprocess.Popen([*command, "--again"] if again else command, cwd=steps.ROOT)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def run_steps(chosen: list[Step], threads: Callable[[], int]) -> int:
    """Makes the steps in order; 1 at the first that cannot be made."""
    for step in chosen:
        if step.done:
            print(f"{step.name}: there already", flush=True)
            continue
        torch.set_num_threads(threads())
        print(f"{step.name}: {step.what}", flush=True)
        started = time.time()
        try:
            step.run()
        except (DataError, ArtefactError) as error:
            print(f"{step.name}: {error}", file=sys.stderr)
            return 1
        seconds = round(time.time() - started)
        steps.record_time(step.name, seconds)
        print(f"{step.name}: done in {seconds} s", flush=True)
    return 0


def run_all(known: list[Step], threads: int, again: bool) -> int:
    """Everything: `BESIDE` in a second process, the card when both are through."""
    own = [s for s in known if s.name not in (*BESIDE, "card")]
    with made_beside(max(1, threads // 2), again) as beside:
        free = lambda: threads if beside.poll() is not None else max(1, threads // 2)  # noqa: E731
        code = run_steps(own, free) or beside.wait()
    return code or run_steps([s for s in known if s.name == "card"], lambda: threads)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="*", help="only these steps")
    parser.add_argument("--list", action="store_true", help="name the steps and stop")
    parser.add_argument("--again", action="store_true", help="run the steps from nothing even where they were made")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    known = all_steps()
    if options.list:
        for step in known:
            print(f"{step.name:12} {step.what}")
        return 0
    unknown = set(options.steps) - {s.name for s in known}
    if unknown:
        print(f"steps: expected some of {[s.name for s in known]}, got {sorted(unknown)}", file=sys.stderr)
        return 2
    chosen = [step for step in known if not options.steps or step.name in options.steps]
    if options.again:
        for step in chosen:
            if options.steps or step.name not in BESIDE:
                step.forget()
    if not options.steps:
        return run_all(known, options.threads, options.again)
    return run_steps(chosen, lambda: options.threads)


if __name__ == "__main__":
    sys.exit(main())
