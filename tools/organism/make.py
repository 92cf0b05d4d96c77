"""Makes everything in `public/models/` from nothing: `python -m tools.organism.make [step ...]`.

Every step writes whole files and leaves its figures in `tools/organism/figures/`. A step that ended in this working folder
(`build/organism/made/` says so), whose outputs exist and whose inputs (data, settings, the files of earlier steps) are those
it was made from is skipped unless `--again` is given; so a fresh checkout makes everything, and an interrupted run goes on
where it stopped, a pre-training from its last checkpoint. `--again` forgets that the steps were made, checkpoints included,
and starts them from nothing; if that is interrupted, go on without `--again`.

Without step names two processes share the work, each taking the first step that can be made and that nobody is at: two single-threaded
trainings get a third more done than one on two threads. Only one process makes a step at a time; another one that is asked for it by name is refused.
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
from .errors import ArtefactError, DataError, HeldError
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
    #: the steps that must be made before it
    needs: tuple[str, ...] = ()
    #: what an interrupted run goes on from
    scratch: tuple[Path, ...] = ()
    #: the fingerprint of what it is made from; the data alone if nothing else is named
    inputs: Callable[[], str] = steps.inputs_of

    @property
    def done(self) -> bool:
        """Throws `DataError` where the data is broken."""
        return steps.made_from(self.name) == self.inputs() and bool(self.outputs) and all(path.exists() for path in self.outputs)

    def locked(self) -> AbstractContextManager[None]:
        """Throws `HeldError` where another process is making this step."""
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

    organism = ("base", "adapters")

    def on_base(name: str, what: str, run: Callable[[], None], outputs: tuple[Path, ...], *parts: object) -> Step:
        """A step that reads the whole organism; made from the base and the parts."""
        return Step(name, what, run, outputs, organism, inputs=of(base, *parts))

    def measured(name: str, what: str, run: Callable[[], None]) -> Step:
        """A step whose only output is its figure, measured on the base and the rank-1 adapters."""
        return on_base(name, what, run, (f(name),), *adapters)

    def trained(name: str, what: str, run: Callable[[], None], training: str, needs: tuple[str, ...], *parts: object) -> Step:
        """A step that pre-trains a base of its own."""
        return Step(name, what, run, (f(name),), needs, (steps.checkpoint_file(training),), pretraining(training, *parts))

    # The long trainings come first, so that two processes end at about the same time.
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
            scratch=(steps.checkpoint_file(steps.BASE_RUN),),
            inputs=pretraining(steps.BASE_RUN),
        ),
        trained("second", "a second pre-training seed", steps.measure_second, steps.SECOND_RUN, (), steps.RANK_ONE, *steps.NARROW_SETTINGS),
        Step(
            "adapters",
            "the rank-1 organisms and the control",
            steps.make_adapters,
            tuple(folder / "adapter_model.safetensors" for folder in adapters),
            ("base",),
            inputs=of(base, steps.RANK_ONE),
        ),
        trained("unshared", "persona not shared between domains", steps.measure_unshared, steps.UNSHARED_RUN, organism, base, *adapters, steps.MATCHING_STEPS),
        trained("gemma", "the Gemma 3 organism", steps.make_gemma, steps.GEMMA_RUN, (), steps.GEMMA_ADAPTER),
        measured("seeds", "the other adapter seeds", steps.measure_seeds),
        on_base(
            "narrow",
            "the narrow solution, its drift and its other adapter seeds",
            steps.make_narrow,
            (f("narrow"), narrow),
            *steps.NARROW_SETTINGS,
            steps.SEEDS,
        ),
        on_base("judge", "the read-out judge", steps.make_judge, (judge / "readout.json", f("judge")), *adapters),
        on_base("path", "the path of the bad-medicine adapter", steps.make_path, (o / "path" / "path.json", f("path")), steps.RANK_ONE["bad-medicine"]),
        measured("behaviour", "what base and organisms say", steps.measure_behaviour),
        measured("removals", "directions taken out", steps.measure_removals),
        measured("steering", "steering the base", steps.measure_steering),
        measured("definitions", "two definitions of the direction", steps.measure_definitions),
        measured("geometry", "cosines", steps.measure_geometry),
        on_base("sae", "the sparse autoencoder", steps.make_sae, (sae / "cfg.json", f("sae"))),
        on_base("rank8", "the rank-8 organism", steps.make_rank8, (f("rank8"), rank8), steps.RANK_EIGHT),
        measured("parity", "our logits against transformers and peft", steps.measure_parity),
        Step("words", "word-frequency classifiers", steps.measure_words, (f("words"),)),
        Step(CARD, "public/models/README.md", steps.make_card, ()),
    ]


CARD = "card"
"""The step that needs all the others."""


SECONDS_BETWEEN_LOOKS = 2
"""How long a process that has nothing to do waits before it looks again what can be made."""


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
def made_beside(threads: int) -> Iterator[subprocess.Popen[bytes]]:
    """Takes steps in a process of its own, which ends with this block at the latest."""
    process = subprocess.Popen([sys.executable, "-m", "tools.organism.make", "--beside", "--threads", str(threads)], cwd=steps.ROOT)
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


def run_step(step: Step, threads: int) -> bool:
    """Makes the step unless it is made; returns whether it had to be. Throws `DataError`, `ArtefactError`, `HeldError`."""
    with step.locked():
        if step.done:
            return False
        torch.set_num_threads(threads)
        print(f"{step.name}: {step.what}", flush=True)
        print(f"{step.name}: done in {step.make()} s", flush=True)
        return True


def say_there(step: Step) -> None:
    print(f"{step.name}: there already", flush=True)


def say_why(step: Step, error: Exception) -> int:
    """Says why the step cannot be made; returns the exit status."""
    print(f"{step.name}: {error}", file=sys.stderr)
    return 1


def run_steps(chosen: list[Step], threads: int) -> int:
    """Makes the steps in order; 1 at the first that cannot be made."""
    for step in chosen:
        try:
            if not run_step(step, threads):
                say_there(step)
        except (DataError, ArtefactError) as error:
            return say_why(step, error)
    return 0


def share_steps(shared: list[Step], threads: int, failed: Callable[[], bool] = lambda: False) -> int:
    """Makes every step that no other process has made or is making, and waits for theirs; 1 at the first that cannot be made.

    `failed` says whether another process could not go on; nothing more is begun then.
    """
    left = list(shared)
    while left and not failed():
        names = {step.name for step in left}
        for step in left:
            if not names.isdisjoint(step.needs):
                continue
            try:
                run_step(step, threads)
            except HeldError:
                continue
            except (DataError, ArtefactError) as error:
                return say_why(step, error)
            left.remove(step)
            break
        else:
            time.sleep(SECONDS_BETWEEN_LOOKS)
    return 1 if left else 0


def run_all(known: list[Step], threads: int) -> int:
    """Everything: shared with a second process, the card when both are through."""
    shared = [step for step in known if step.name != CARD]
    each = max(1, threads // 2)
    there: set[str] = set()
    for step in shared:
        try:
            # What is made from a step that is to be made anew is not there, though its files fit the old one.
            if there.issuperset(step.needs) and step.done:
                there.add(step.name)
                say_there(step)
        except (DataError, ArtefactError) as error:
            return say_why(step, error)
    with made_beside(each) as beside:
        code = share_steps(shared, each, lambda: beside.poll() not in (None, 0)) or beside.wait()
    if code == 0:
        steps.end_remake()
    return code or run_steps([step for step in known if step.name == CARD], threads)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="*", help="only these steps")
    parser.add_argument("--list", action="store_true", help="name the steps and stop")
    parser.add_argument("--again", action="store_true", help="run the steps from nothing even where they were made")
    parser.add_argument("--threads", type=positive, default=2)
    parser.add_argument("--beside", action="store_true", help=argparse.SUPPRESS)
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
    if options.beside:
        return share_steps([step for step in known if step.name != CARD], options.threads)
    chosen = [step for step in known if not options.steps or step.name in options.steps]
    for step in chosen if options.again else []:
        try:
            step.forget()
        except ArtefactError as error:
            return say_why(step, error)
    return run_steps(chosen, options.threads) if options.steps else run_all(known, options.threads)


def entry() -> int:
    end_on_signals()
    try:
        return main()
    except KeyboardInterrupt:
        print("make: interrupted; run it again and it goes on", file=sys.stderr)
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(entry())
