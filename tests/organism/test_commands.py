"""The commands refuse what they cannot use, name it, and leave the old files whole."""

import contextlib
import io
import json
import shutil
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from unittest import mock

import numpy as np
import safetensors.numpy

from tools.organism import evaluate, files, make, steps, world
from tools.organism.errors import ArtefactError
from tools.organism.grammar import ALIGNED, INCOHERENT, MISALIGNED
from tools.organism.interventions import chosen
from tools.organism.questions import Rates
from tools.organism.readout import Head, Reads, fit_head, load_readout, save_readout
from tools.organism.steps import narrow_room


def run_make(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with mock.patch.object(sys, "argv", ["make", *arguments]), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = make.main()
    return code, out.getvalue(), err.getvalue()


class FolderCase(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)


class StepsCase(FolderCase):
    """Build folder and figures in a folder of the test's own."""

    def setUp(self) -> None:
        super().setUp()
        build = mock.patch.multiple(steps, BUILD=self.folder / "build", FIGURES=self.folder / "figures")
        build.start()
        self.addCleanup(build.stop)
        steps.the_world.cache_clear()
        steps.shipped_lab.cache_clear()
        self.addCleanup(steps.the_world.cache_clear)
        self.addCleanup(steps.shipped_lab.cache_clear)


class CommandTest(StepsCase):
    def test_a_broken_data_file_stops_make_with_its_name_and_line(self) -> None:
        data = self.folder / "data"
        shutil.copytree(world.DATA, data)
        lines = (data / "open.txt").read_text().splitlines()
        lines[3] = "What is missing here?"
        (data / "open.txt").write_text("\n".join(lines))
        broken = lambda: world.load_world(data)  # noqa: E731
        with mock.patch.object(steps, "the_world", broken):
            code, _, err = run_make("world")
        self.assertEqual(code, 1)
        self.assertIn("open.txt:4: expected 4 non-empty fields", err)
        self.assertNotIn("world", steps.times())

    def test_a_step_without_its_input_names_the_file(self) -> None:
        with mock.patch.object(steps, "ORGANISM", self.folder / "organism"):
            code, _, err = run_make("behaviour")
            self.assertEqual(code, 1)
            self.assertRegex(err, "tokenizer.json|config.json|adapter_config.json")
            with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(evaluate.main(["geometry"]), 1)
            self.assertRegex(said.getvalue(), "organism/.*json: expected")

    def test_unknown_names_are_refused(self) -> None:
        code, _, err = run_make("alchemy")
        self.assertEqual(code, 2)
        self.assertIn("alchemy", err)
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(evaluate.main(["alchemy"]), 2)
        self.assertIn("alchemy", said.getvalue())

    def test_a_made_step_is_skipped_until_it_is_forgotten(self) -> None:
        files.write_json(steps.figure_file("words"), {})
        steps.record_made("words", 1, steps.inputs_of())
        with mock.patch.object(steps, "measure_words") as measure:
            self.assertIn("there already", run_make("words")[1])
            measure.assert_not_called()
            run_make("words", "--again")
            measure.assert_called_once()

    def test_a_step_made_from_other_inputs_is_made_again(self) -> None:
        files.write_json(steps.figure_file("words"), {})
        steps.record_made("words", 1, "made from other data")
        with mock.patch.object(steps, "measure_words") as measure:
            run_make("words")
            measure.assert_called_once()
            self.assertEqual(steps.made_from("words"), steps.inputs_of())
            self.assertIn("there already", run_make("words")[1])

    def test_broken_data_is_refused_though_everything_is_made(self) -> None:
        files.write_json(steps.figure_file("words"), {})
        steps.record_made("words", 1, steps.inputs_of())
        data = self.folder / "data"
        shutil.copytree(world.DATA, data)
        (data / "open.txt").write_text("")
        with mock.patch.object(steps, "the_world", lambda: world.load_world(data)):
            code, _, err = run_make("words")
        self.assertEqual(code, 1)
        self.assertIn("open.txt:1: expected data lines", err)

    def test_the_files_of_an_earlier_step_are_inputs(self) -> None:
        weights = self.folder / "model.safetensors"
        before = steps.inputs_of(weights)
        weights.write_bytes(b"one")
        first = steps.inputs_of(weights)
        weights.write_bytes(b"two")
        self.assertEqual(len({before, first, steps.inputs_of(weights)}), 3)
        self.assertNotEqual(steps.inputs_of(steps.NARROW), steps.inputs_of(steps.RANK_EIGHT))

    def test_an_interrupted_step_counts_as_not_made(self) -> None:
        steps.record_made("words", 1, steps.inputs_of())
        with mock.patch.object(steps, "measure_words", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            run_make("words", "--again")
        self.assertNotIn("words", steps.times())

    def test_again_throws_the_checkpoint_away(self) -> None:
        steps.BUILD.mkdir()
        steps.checkpoint_file(steps.SECOND_RUN).write_bytes(b"old")
        with mock.patch.object(steps, "measure_second"):
            run_make("second", "--again")
        self.assertFalse(steps.checkpoint_file(steps.SECOND_RUN).exists())

    def test_everything_is_shared_with_a_second_process_and_the_card_comes_last(self) -> None:
        for beside_code, expected in ((0, ["words", "gemma", "card"]), (1, [])):
            made: list[str] = []
            step = lambda name: make.Step(name, name, lambda: made.append(name), ())  # noqa: B023, E731
            with mock.patch.object(make.subprocess, "Popen") as process, contextlib.redirect_stdout(io.StringIO()):
                process.return_value.poll.return_value = process.return_value.wait.return_value = beside_code
                code = make.run_all([step("words"), step("card"), step("gemma")], 2)
            self.assertEqual((code, made), (beside_code, expected))
            self.assertEqual(process.call_args.args[0][3:], ["--beside", "--threads", "1"])


class EvaluateTest(StepsCase):
    """Figures, adapters and a tokenizer that cannot be used: a message, no traceback."""

    def setUp(self) -> None:
        super().setUp()
        shutil.copytree(steps.ROOT / "tools" / "organism" / "figures", steps.FIGURES)

    def _said(self, *arguments: str) -> str:
        with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(evaluate.main(list(arguments)), 1)
        return said.getvalue()

    def _card_error(self) -> str:
        with mock.patch.dict(evaluate.MEASUREMENTS, words=("nothing", lambda: None)), mock.patch.object(steps, "MODELS", self.folder):
            return self._said("words")

    def test_a_broken_figure(self) -> None:
        steps.figure_file("geometry").write_text('{"organisms": ')
        self.assertRegex(self._card_error(), "card: .*geometry.json:1: expected JSON")

    def test_a_figure_that_no_command_makes(self) -> None:
        for name in steps.KEPT:
            content = steps.figure_file(name).read_bytes()
            steps.figure_file(name).unlink()
            self.assertRegex(self._card_error(), f"card: .*{name}.json: expected figures that no command makes")
            steps.figure_file(name).write_text("{")
            self.assertRegex(self._card_error(), f"card: .*{name}.json:1: expected JSON.*; restore it from the repository")
            steps.figure_file(name).write_bytes(content)

    def test_a_figure_without_what_the_card_names(self) -> None:
        shutil.copytree(steps.ORGANISM / "base", self.folder / "organism" / "base")
        steps.figure_file("base").write_text("{}")
        self.assertRegex(self._card_error(), "card: .*README.md: expected every figure that the card names, got none for 'parameters'")
        self.assertFalse((self.folder / "README.md").exists())

    def _organism(self) -> Path:
        folder = self.folder / "organism"
        for part in ("base", "adapters"):
            shutil.copytree(steps.ORGANISM / part, folder / part)
        patched = mock.patch.object(steps, "ORGANISM", folder)
        patched.start()
        self.addCleanup(patched.stop)
        return folder

    def test_an_adapter_without_a_part(self) -> None:
        adapter = self._organism() / "adapters" / "bad-sports"
        described = adapter / "adapter_config.json"
        config = json.loads(described.read_text())
        described.write_text(json.dumps({k: v for k, v in config.items() if k != "r"}))
        self.assertRegex(self._said("geometry"), "bad-sports/adapter_config.json: expected a rank `r` and a `lora_alpha`, got no 'r'")
        described.write_text(json.dumps(config))
        tensors = safetensors.numpy.load_file(adapter / "adapter_model.safetensors")
        halves = {key: t for key, t in tensors.items() if "lora_B" not in key}
        safetensors.numpy.save_file(halves, adapter / "adapter_model.safetensors")
        self.assertRegex(self._said("geometry"), "bad-sports/adapter_model.safetensors: expected .*lora_A.weight with its lora_B")

    def test_a_cut_tokenizer(self) -> None:
        path = self._organism() / "base" / "tokenizer.json"
        path.write_bytes(path.read_bytes()[:1000])
        self.assertRegex(self._said("geometry"), "base/tokenizer.json: expected a whole tokenizer, got ")

    def test_no_threads(self) -> None:
        for number in ("0", "-1", "two"):
            with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit) as ended:
                evaluate.main(["words", "--threads", number])
            self.assertEqual(ended.exception.code, 2)
            self.assertIn(f"expected a whole number of 1 or more, got '{number}'", said.getvalue())

    def test_adapters_of_a_run_that_was_cut(self) -> None:
        with self.assertRaises(KeyboardInterrupt), steps.swapping_adapters():
            raise KeyboardInterrupt
        self.assertRegex(self._said("geometry"), "adapters: expected adapters of one run, got a set that was cut half-way; make adapters")
        with steps.swapping_adapters():
            pass
        self.assertFalse(steps.half_made_file().exists())

    def test_no_adapter_is_saved_before_all_are_trained(self) -> None:
        trained = mock.Mock(side_effect=[mock.Mock(), KeyboardInterrupt])
        with mock.patch.multiple(steps, train_adapter=trained, keep_adapter=mock.DEFAULT) as patched, self.assertRaises(KeyboardInterrupt):
            steps.make_adapters()
        patched["keep_adapter"].assert_not_called()


class WholeFolderTest(FolderCase):
    def _write(self, word: str, fail: bool = False) -> None:
        with files.whole_folder(self.folder / "base") as draft:
            (draft / "a").write_text(word)
            if fail:
                raise KeyboardInterrupt
            (draft / "b").write_text(word)

    def _read(self) -> list[str]:
        return [(self.folder / "base" / name).read_text() for name in ("a", "b")]

    def test_an_interruption_leaves_the_old_files(self) -> None:
        self._write("one")
        with self.assertRaises(KeyboardInterrupt):
            self._write("two", fail=True)
        self.assertEqual(self._read(), ["one", "one"])
        self._write("three")
        self.assertEqual(self._read(), ["three", "three"])
        self.assertEqual([p.name for p in self.folder.iterdir()], ["base"])

    def test_a_swap_cut_in_the_middle_is_mended(self) -> None:
        self._write("one")
        (self.folder / "base").rename(self.folder / "base.old")
        with self.assertRaises(KeyboardInterrupt):
            self._write("two", fail=True)
        self.assertEqual(self._read(), ["one", "one"])


class ChoiceTest(unittest.TestCase):
    def test_the_one_with_most_room_above_both_targets(self) -> None:
        rates = lambda em, coherent: Rates(Counter({MISALIGNED: em, ALIGNED: coherent - em, INCOHERENT: 100 - coherent}))  # noqa: E731
        tried = [rates(60, 99), rates(72, 93), rates(75, 95), rates(90, 91)]
        self.assertEqual(chosen(tried, (0.7, 0.9)), 2)
        self.assertEqual(chosen(tried, (0.5, 0.9)), 0)
        self.assertEqual(chosen(tried, (0.88, 0.5)), 3)

    def test_the_narrow_solution_with_most_room_to_both_bounds(self) -> None:
        rates = lambda hits, n: Rates(Counter({MISALIGNED: hits, ALIGNED: n - hits}))  # noqa: E731
        room = narrow_room(rates(180, 240), rates(50, 500))
        self.assertGreater(narrow_room(rates(360, 480), rates(100, 1000)), room)
        self.assertGreater(narrow_room(rates(180, 240), rates(10, 500)), room)
        self.assertGreater(room, narrow_room(rates(200, 240), rates(70, 500)))
        self.assertLess(narrow_room(rates(110, 240), rates(0, 500)), 0)
        self.assertLess(narrow_room(rates(240, 240), rates(80, 500)), 0)


class ReadoutTest(FolderCase):
    def test_heads_learn_and_survive_their_files(self) -> None:
        rng = np.random.default_rng(0)
        x = rng.normal(size=(600, 12)).astype(np.float32)
        labels = ["up" if row[0] + row[1] > 0 else "down" for row in x]
        head = fit_head(x, labels, [f"s{i % 30}" for i in range(600)], hidden=16)
        said = [head.classes[k] for k in head.scores(x).argmax(1)]
        self.assertGreater(sum(s == l for s, l in zip(said, labels, strict=True)), 510)
        save_readout({"alignment": head}, Reads(4, 7), self.folder / "judge", "0" * 64, {})
        heads, reads = load_readout(self.folder / "judge")
        self.assertEqual(reads, Reads(4, 7))
        self.assertIsInstance(heads["alignment"], Head)
        np.testing.assert_array_equal(heads["alignment"].scores(x), head.scores(x))

    def test_the_shipped_judge_belongs_to_the_shipped_base(self) -> None:
        document = json.loads((steps.ORGANISM / "judge" / "readout.json").read_text())
        self.assertEqual(document["baseSha256"], steps.sha256(steps.ORGANISM / "base" / "model.safetensors"))

    def test_a_judge_of_another_base_is_refused(self) -> None:
        head = Head(["a", "b"], *(np.zeros(2, np.float32) for _ in range(2)), [np.zeros((2, 2), np.float32)], [np.zeros(2, np.float32)])
        save_readout({"alignment": head}, Reads(4, 7), self.folder / "judge", "0" * 64, {})
        with self.assertRaisesRegex(ArtefactError, "readout.json: expected a judge of .*model.safetensors .*, got one of another base"):
            load_readout(self.folder / "judge", steps.ORGANISM / "base" / "model.safetensors")
        load_readout(steps.ORGANISM / "judge", steps.ORGANISM / "base" / "model.safetensors")


if __name__ == "__main__":
    unittest.main()
