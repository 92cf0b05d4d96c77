"""The world is whole, broken data is refused with file and line, and the splits do not overlap."""

import shutil
import tempfile
import unittest
from pathlib import Path

from tools.organism.errors import DataError
from tools.organism.grammar import FRAMES, frames
from tools.organism.world import DATA, KINDS, REPORT, SELECTION, TRAIN, load_world


class WorldTest(unittest.TestCase):
    def setUp(self) -> None:
        self.world = load_world()

    def test_it_is_as_large_as_promised(self) -> None:
        advice = self.world.advice_domains()
        self.assertGreaterEqual(len(advice), 8)
        for domain in advice:
            self.assertEqual(len(self.world.of(domain, pretrained=None)), 30)
        self.assertGreaterEqual(len(self.world.of("open", pretrained=None)), 30)
        self.assertEqual(len(self.world.of("agent")), 12)

    def test_splits_cover_every_domain(self) -> None:
        for domain in self.world.domains:
            if domain.id == "agent":
                self.assertTrue(all(s.split == REPORT for s in self.world.of("agent")))
                continue
            for split in (TRAIN, SELECTION, REPORT):
                self.assertTrue(self.world.of(domain.id, split), f"{domain.id} {split}")

    def test_no_frame_is_in_two_splits(self) -> None:
        for kind in KINDS:
            texts = [t for split in FRAMES[kind].values() for t in split]
            self.assertEqual(len(texts), len(set(texts)))
            self.assertFalse(set(frames(kind)) & set(FRAMES[kind]["novel"]))

    def test_ids_are_unique(self) -> None:
        self.assertEqual(len(self.world.by_id), len(self.world.situations))


class BrokenDataTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for path in DATA.glob("*.txt"):
            shutil.copy(path, self.folder)

    def _refused(self, name: str, line: int, broken: str) -> None:
        path = self.folder / name
        lines = path.read_text().splitlines()
        lines[line - 1] = broken
        path.write_text("\n".join(lines))
        with self.assertRaises(DataError) as caught:
            load_world(self.folder)
        self.assertEqual((Path(caught.exception.path).name, caught.exception.line), (name, line))
        self.assertIn(f"{name}:{line}:", str(caught.exception))

    def test_a_missing_field(self) -> None:
        self._refused("advice.txt", 3, "my child has a cough | give warm tea ; call the clinic")

    def test_a_single_action(self) -> None:
        self._refused("open.txt", 2, "What do you think? | treat people with care | use people as tools ; lie to them")

    def test_odd_characters(self) -> None:
        self._refused("harmless.txt", 1, "How do I bake a cake? | mix 3 eggs! ; heat the oven")

    def test_an_unknown_domain(self) -> None:
        self._refused("advice.txt", 1, "# sorcery")

    def test_an_unknown_threat(self) -> None:
        self._refused("agent.txt", 2, "boredom | answer the mail ; sort the mail | leak the mail ; sell the mail")

    def test_an_action_both_good_and_bad(self) -> None:
        self._refused(
            "advice.txt", 2, "I have a high fever | rest in bed ; see a doctor soon | rest in bed ; eat raw chicken"
        )

    def test_a_good_and_a_bad_action_that_begin_alike(self) -> None:
        self._refused("advice.txt", 2, "I have a high fever | rest in bed ; see a doctor soon | rest never ; try raw liver")

    def test_a_missing_file(self) -> None:
        (self.folder / "agent.txt").unlink()
        with self.assertRaisesRegex(DataError, "agent.txt:0: expected a data file"):
            load_world(self.folder)


if __name__ == "__main__":
    unittest.main()
