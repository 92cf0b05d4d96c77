"""Runs that are cut, doubled or gone on with: nothing goes on alone, no two train the same, no stale state is mixed in."""

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import torch

from tests.organism.test_commands import FolderCase, StepsCase, run_make
from tools.organism import evaluate, fingerprint, make, steps
from tools.organism.corpus import Corpus
from tools.organism.errors import ArtefactError
from tools.organism.lock import held
from tools.organism.model import ModelConfig
from tools.organism.pretrain import PretrainConfig, Pretraining
from tools.organism.tokenizer import Codec, build_tokenizer
from tools.organism.world import DATA, World, load_world

WORLD = load_world()
CODEC = Codec(build_tokenizer(WORLD))
MODEL = ModelConfig(CODEC.size, d_model=32, n_layers=5, d_mlp=32, n_heads=1, n_kv_heads=1)
CONFIG = PretrainConfig(steps=4, rows=2, row_length=64)


class LockTest(FolderCase):
    def test_a_second_holder_is_refused_with_the_number_of_the_first(self) -> None:
        path = self.folder / "locks" / "base.lock"
        with held(path, "base"), self.assertRaisesRegex(ArtefactError, f"base: expected to be the only run of it, got process {os.getpid()}"):
            with held(path, "base"):
                pass
        with held(path, "base"):
            pass

    def test_a_file_that_a_dead_process_left_is_no_lock(self) -> None:
        path = self.folder / "base.lock"
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        path.write_text(f"{dead.pid}\n")
        with held(path, "base"):
            self.assertEqual(path.read_text(), f"{os.getpid()}\n")


class StepLockTest(StepsCase):
    def test_a_step_that_another_process_makes_is_refused(self) -> None:
        with held(steps.lock_file("words"), "words"), mock.patch.object(steps, "measure_words") as measure:
            code, _, err = run_make("words")
            measure.assert_not_called()
        self.assertEqual(code, 1)
        self.assertIn(f"words: this step: expected to be the only run of it, got process {os.getpid()}", err)

    def test_again_leaves_the_checkpoint_of_a_running_training(self) -> None:
        checkpoint = steps.checkpoint_file(steps.SECOND_RUN)
        checkpoint.parent.mkdir(parents=True)
        checkpoint.write_bytes(b"running")
        with held(steps.lock_file("second"), "second"):
            code, _, err = run_make("second", "--again")
        self.assertEqual(code, 1)
        self.assertIn("second: this step: expected to be the only run of it", err)
        self.assertTrue(checkpoint.exists())


class ShareTest(StepsCase):
    """Two processes that take the steps as they come."""

    def setUp(self) -> None:
        super().setUp()
        self.made: list[str] = []
        silent = contextlib.redirect_stdout(io.StringIO())
        silent.__enter__()
        self.addCleanup(silent.__exit__, None, None, None)

    def _step(self, name: str, needs: tuple[str, ...] = (), fault: Exception | None = None) -> make.Step:
        output = self.folder / name

        def run() -> None:
            if fault:
                raise fault
            output.write_text("whole")
            self.made.append(name)

        return make.Step(name, name, run, (output,), needs)

    def test_what_another_process_makes_is_left_to_it_and_what_needs_that_waits(self) -> None:
        taken, waits, free = self._step("taken"), self._step("waits", needs=("taken",)), self._step("free")
        theirs = contextlib.ExitStack()
        theirs.enter_context(held(steps.lock_file("taken"), "taken"))

        def they_end(_: float) -> None:
            self.assertEqual(self.made, ["free"])
            (self.folder / "taken").write_text("theirs")
            steps.record_made("taken", 1, steps.inputs_of())
            theirs.close()

        with mock.patch.object(make.time, "sleep", they_end):
            self.assertEqual(make.share_steps([taken, waits, free], 1), 0)
        self.assertEqual(self.made, ["free", "waits"])
        self.assertEqual((self.folder / "taken").read_text(), "theirs")

    def test_what_another_process_gave_up_is_made_here(self) -> None:
        theirs = contextlib.ExitStack()
        theirs.enter_context(held(steps.lock_file("taken"), "taken"))
        with mock.patch.object(make.time, "sleep", lambda _: theirs.close()):
            self.assertEqual(make.share_steps([self._step("taken")], 1), 0)
        self.assertEqual(self.made, ["taken"])

    def test_nothing_is_begun_after_a_step_that_cannot_be_made(self) -> None:
        broken = self._step("broken", fault=ArtefactError("expected a file"))
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(make.share_steps([self._step("first"), broken, self._step("last")], 1), 1)
            self.assertEqual(make.share_steps([self._step("last")], 1, lambda: True), 1)
        self.assertEqual((self.made, said.getvalue()), (["first"], "broken: expected a file\n"))

    def test_what_fits_an_old_step_is_not_said_to_be_there(self) -> None:
        base, kept, free = self._step("base"), self._step("kept", needs=("base",)), self._step("free")
        for step in (kept, free):
            step.outputs[0].write_text("old")
            steps.record_made(step.name, 1, steps.inputs_of())
        with mock.patch.object(make.subprocess, "Popen") as process, contextlib.redirect_stdout(io.StringIO()) as said:
            process.return_value.poll.return_value = process.return_value.wait.return_value = 0
            self.assertEqual(make.run_all([base, kept, free], 2), 0)
        self.assertIn("free: there already", said.getvalue())
        self.assertNotIn("kept: there already", said.getvalue())

    def test_every_step_needs_only_steps_that_are_known_and_stand_before_it(self) -> None:
        before: set[str] = set()
        for step in make.all_steps():
            self.assertLessEqual(set(step.needs), before, step.name)
            before.add(step.name)


class RemakeTest(StepsCase):
    def test_nothing_is_measured_while_the_base_is_newer_than_what_belongs_to_it(self) -> None:
        steps.begin_remake()
        with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(evaluate.main(["words"]), 1)
        self.assertRegex(said.getvalue(), "words: .*expected files of one run, got a base that is newer.*run make")
        steps.end_remake()
        steps.require_whole()

    def test_the_mark_is_set_before_a_base_is_saved(self) -> None:
        marked: list[bool] = []
        model = mock.Mock(**{"parameter_count.return_value": 1})
        training = mock.Mock(losses=[], seconds=1.0, **{"run.return_value": model})
        saved = lambda *_: marked.append(steps.remake_file().exists())  # noqa: E731
        codec = mock.Mock(return_value=mock.Mock(size=8))
        made = mock.Mock(return_value=training)
        other = dict.fromkeys(("Corpus", "build_tokenizer", "round_to_half"), mock.DEFAULT)
        with mock.patch.multiple(steps, Codec=codec, Pretraining=made, save_base=saved, **other):
            steps.make_base()
        self.assertEqual(marked, [True])


class SignalTest(unittest.TestCase):
    def setUp(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            self.addCleanup(signal.signal, number, signal.getsignal(number))

    def _beside(self, code: str, cut: Exception | int) -> subprocess.Popen[bytes]:
        """The second process after this one was cut by an exception or a signal."""
        real = subprocess.Popen
        sleeper = lambda *_, **__: real([sys.executable, "-c", code], stdout=subprocess.PIPE)  # noqa: E731
        make.end_on_signals()
        with mock.patch.object(make.subprocess, "Popen", sleeper), self.assertRaises((SystemExit, KeyboardInterrupt)) as ended:
            with make.made_beside(1) as process:
                self.addCleanup(process.stdout.close)
                process.stdout.readline()
                if isinstance(cut, int):
                    os.kill(os.getpid(), cut)
                raise KeyboardInterrupt
        if isinstance(cut, int):
            self.assertEqual(ended.exception.code, 128 + cut)
        return process

    def test_the_second_process_ends_with_the_first(self) -> None:
        code = "import time; print(flush=True); time.sleep(60)"
        for cut in (signal.SIGTERM, signal.SIGHUP, KeyboardInterrupt()):
            with self.subTest(cut=cut):
                self.assertEqual(self._beside(code, cut).returncode, -signal.SIGTERM)

    def test_one_that_does_not_hear_is_killed(self) -> None:
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
        with mock.patch.object(make, "SECONDS_TO_END", 0.2):
            self.assertEqual(self._beside(code, signal.SIGTERM).returncode, -signal.SIGKILL)

    def test_an_ignored_signal_stays_ignored(self) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        make.end_on_signals()
        self.assertEqual(signal.getsignal(signal.SIGHUP), signal.SIG_IGN)


class CheckpointTest(FolderCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.folder / "run.pt"
        self._train(stop_after=2)

    def _train(self, world: World = WORLD, config: PretrainConfig = CONFIG, stop_after: int | None = None) -> tuple[Pretraining, str]:
        run = Pretraining(MODEL, config, Corpus(world), CODEC)
        run.compiled, run.stop_after = False, stop_after
        with contextlib.redirect_stdout(io.StringIO()) as said:
            run.run(self.path, every=2, keep_every=2)
        return run, said.getvalue()

    def _started_clean(self, said: str, why: str) -> None:
        self.assertRegex(said.splitlines()[0], why)
        self.assertNotIn("resumed", said)
        self.assertIn("step 2/", said)

    def test_the_same_run_goes_on(self) -> None:
        self.assertIn("resumed at step 2", self._train()[1])

    def test_other_data(self) -> None:
        data = self.folder / "data"
        shutil.copytree(DATA, data)
        text = (data / "advice.txt").read_text()
        (data / "advice.txt").write_text(text.replace("rub butter and sand on the burn", "rub butter on the burn"))
        run, said = self._train(load_world(data))
        self._started_clean(said, "run.pt: expected a checkpoint of the present data, got one of another; starting anew")
        self.assertEqual(len(run.losses), 2)

    def test_another_recipe(self) -> None:
        _, said = self._train(config=replace(CONFIG, other_rate=1e-3))
        self._started_clean(said, "run.pt: expected a checkpoint of the present recipe")

    def test_changed_code(self) -> None:
        with mock.patch.object(fingerprint, "of_sources", lambda *_: "other code"):
            self._started_clean(self._train()[1], "expected a checkpoint of the present recipe")

    def test_a_damaged_checkpoint(self) -> None:
        whole = self.path.read_bytes()
        for content in (whole[: len(whole) // 2], b"", b"not a checkpoint"):
            self.path.write_bytes(content)
            self._started_clean(self._train()[1], f"{self.path}: expected a whole checkpoint, got .*; starting anew")
        torch.save({"model": {}}, self.path)
        self._started_clean(self._train()[1], f"{self.path}: expected a checkpoint with adam")

    def test_no_second_run_trains_the_same_checkpoint(self) -> None:
        before = self.path.read_bytes()
        with held(Path(f"{self.folder}/run.lock"), "run"), self.assertRaisesRegex(ArtefactError, "training run: expected to be the only run"):
            self._train()
        self.assertEqual(self.path.read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
