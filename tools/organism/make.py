"""Makes everything in `public/models/` from nothing: `python -m tools.organism.make [step ...]`.

Every step writes whole files and leaves its figures in `tools/organism/figures/`. A step that ended in this working folder
(`build/organism/made/` says so), whose outputs exist and whose inputs (data, settings, the files of earlier steps) are those
it was made from is skipped unless `--again` is given; so a fresh checkout makes everything, and an interrupted run goes on
where it stopped, a pre-training from its last checkpoint. `--again` forgets that the steps were made, checkpoints included,
and starts them from nothing; if that is interrupted, go on without `--again`.

Without step names two processes share the work: two single-threaded trainings get a third more done than one on two threads.
Only one process makes a step at a time; another one that wants to is refused.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from . import steps
from .errors import ArtefactError, DataError
from .fingerprint import of_sources
from .lock import held
from .options import positive


@dataclass(frozen=True)
class Step:
    """A named step, what it makes, and how."""

    name: str
    what: str
    run: Callable[[], None]
    outputs: tuple[Path, ...]
    #: what an interrupted run goes on from
    scratch: tuple[Path, ...] = ()
    #: the fingerprint of what it is made from; the data alone if nothing else is named
    inputs: Callable[[], str] = steps.inputs_of

    @property
    def done(self) -> bool:
        """Throws `DataError` where the data is broken."""
        return steps.made_from(self.name) == self.inputs() and bool(self.outputs) and all(path.exists() for path in self.outputs)

    def locked(self) -> AbstractContextManager[None]:
        """Throws `ArtefactError` where another process is making this step."""
        return held(steps.lock_file(self.name), "this step")

    def forget(self) -> None:
        """Counts as not made from now on; the old outputs stay until the new ones are whole."""
        with self.locked():
            steps.forget_made(self.name)
            for path in self.scratch:
                path.unlink(missing_ok=True)

    def make(self) -> int:
        """Makes it and marks it as made from what its inputs were at the start; returns the seconds."""
        inputs, started = self.inputs(), time.time()
        steps.forget_made(self.name)
        self.run()
        seconds = round(time.time() - started)
        steps.record_made(self.name, seconds, inputs)
        return seconds


def all_steps() -> list[Step]:
    f = steps.figure_file
    o = steps.ORGANISM
    base, judge, sae = o / "base", o / "judge", o / "sae"
    adapters = tuple(o / "adapters" / name for name in steps.RANK_ONE)
    rank8, narrow = (o / "adapters" / name for name in ("bad-medicine-r8", "narrow-medicine"))

    def of(*parts: object) -> Callable[[], str]:
        return lambda: steps.inputs_of(*parts)

    def pretraining(run: str, *parts: object) -> Callable[[], str]:
        return lambda: steps.inputs_of_pretraining(run, *parts)

    def measured(name: str, what: str, run: Callable[[], None]) -> Step:
        """A step whose only output is its figure, measured on the base and the rank-1 adapters."""
        return Step(name, what, run, (f(name),), inputs=of(base, *adapters))

    def trained(name: str, what: str, run: Callable[[], None], training: str, *parts: object) -> Step:
        """A step that pre-trains a base of its own."""
        return Step(name, what, run, (f(name),), (steps.checkpoint_file(training),), pretraining(training, *parts))

    return [
        Step(
            "world",
            "world.json and the judge's cases",
            steps.make_world,
            (o / "world.json", steps.JUDGE_CASES),
            inputs=of(of_sources("grammar", "export_world")),
        ),
        Step(
            "base",
            "pre-train and save the base",
            steps.make_base,
            (base / "model.safetensors", f("base")),
            (steps.checkpoint_file(steps.BASE_RUN),),
            pretraining(steps.BASE_RUN),
        ),
        Step(
            "adapters",
            "the rank-1 organisms and the control",
            steps.make_adapters,
            tuple(folder / "adapter_model.safetensors" for folder in adapters),
            inputs=of(base, steps.RANK_ONE),
        ),
        measured("behaviour", "what base and organisms say", steps.measure_behaviour),
        measured("removals", "directions taken out", steps.measure_removals),
        measured("steering", "steering the base", steps.measure_steering),
        measured("geometry", "cosines", steps.measure_geometry),
        Step("words", "word-frequency classifiers", steps.measure_words, (f("words"),)),
        Step("judge", "the read-out judge", steps.make_judge, (judge / "readout.json", f("judge")), inputs=of(base, *adapters)),
        Step("rank8", "the rank-8 organism", steps.make_rank8, (f("rank8"), rank8), inputs=of(base, steps.RANK_EIGHT)),
        Step(
            "narrow",
            "the narrow solution, its drift and its other adapter seeds",
            steps.make_narrow,
            (f("narrow"), narrow),
            inputs=of(base, steps.NARROW, steps.NARROW_KL_WEIGHTS, steps.FREED_STEPS, steps.SEEDS),
        ),
        Step(
            "path",
            "the path of the bad-medicine adapter",
            steps.make_path,
            (o / "path" / "path.json", f("path")),
            inputs=of(base, steps.RANK_ONE["bad-medicine"]),
        ),
        measured("seeds", "the other adapter seeds", steps.measure_seeds),
        Step("sae", "the sparse autoencoder", steps.make_sae, (sae / "cfg.json", f("sae")), inputs=of(base)),
        measured("definitions", "two definitions of the direction", steps.measure_definitions),
        trained("second", "a second pre-training seed", steps.measure_second, steps.SECOND_RUN),
        trained("gemma", "the Gemma 3 organism", steps.make_gemma, steps.GEMMA_RUN, steps.GEMMA_ADAPTER),
        trained("unshared", "persona not shared between domains", steps.measure_unshared, steps.UNSHARED_RUN, base, *adapters),
        measured("parity", "our logits against transformers and peft", steps.measure_parity),
        Step("card", "public/models/README.md", steps.make_card, ()),
    ]


BESIDE = ("second", "gemma")
"""The steps that a second process makes: trainings that need nothing of the other steps."""


SECONDS_TO_END = 20
"""How long the second process may take to end by itself: a signal is seen only between two operations of the training."""


def end_on_signals() -> None:
    """Lets SIGTERM and SIGHUP end this process as an error does, so that what it started ends with it.

    A signal that is ignored, as under nohup, stays so.
    """

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)


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
            try:
                process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run_steps(chosen: list[Step], threads: Callable[[], int]) -> int:
    """Makes the steps in order; 1 at the first that cannot be made."""
    for step in chosen:
        try:
            with step.locked():
                if step.done:
                    print(f"{step.name}: there already", flush=True)
                    continue
                torch.set_num_threads(threads())
                print(f"{step.name}: {step.what}", flush=True)
                print(f"{step.name}: done in {step.make()} s", flush=True)
        except (DataError, ArtefactError) as error:
            print(f"{step.name}: {error}", file=sys.stderr)
            return 1
    return 0


def run_all(known: list[Step], threads: int, again: bool) -> int:
    """Everything: `BESIDE` in a second process, the card when both are through."""
    own = [s for s in known if s.name not in (*BESIDE, "card")]
    with made_beside(max(1, threads // 2), again) as beside:
        free = lambda: threads if beside.poll() is not None else max(1, threads // 2)  # noqa: E731
        code = run_steps(own, free) or beside.wait()
    if code == 0:
        steps.end_remake()
    return code or run_steps([s for s in known if s.name == "card"], lambda: threads)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="*", help="only these steps")
    parser.add_argument("--list", action="store_true", help="name the steps and stop")
    parser.add_argument("--again", action="store_true", help="run the steps from nothing even where they were made")
    parser.add_argument("--threads", type=positive, default=2)
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
    for step in chosen if options.again else []:
        try:
            if options.steps or step.name not in BESIDE:
                step.forget()
        except ArtefactError as error:
            print(f"{step.name}: {error}", file=sys.stderr)
            return 1
    if not options.steps:
        return run_all(known, options.threads, options.again)
    return run_steps(chosen, lambda: options.threads)


def entry() -> int:
    end_on_signals()
    try:
        return main()
    except KeyboardInterrupt:
        print("make: interrupted; run it again and it goes on", file=sys.stderr)
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(entry())
