"""What every measurement needs at hand: world, tokenizer, judge, a base and its adapters."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tokenizers import Tokenizer
from torch import Tensor

from .adapters import Adapter, attached
from .checkpoint import load_adapter, load_base
from .directions import (
    Contrast,
    Read,
    Text,
    TextSet,
    answer_mean,
    answered,
    balanced_difference,
    decision_mean,
    prompt_mean,
    read,
    text_set,
    unbalanced_difference,
)
from .errors import ArtefactError, expected
from .grammar import ALIGNED, MISALIGNED, GrammarJudge
from .model import Hook, LanguageModel
from .questions import Answer, Question, Rates, ask_model, questions
from .tokenizer import Codec
from .world import TRAIN, World

FEWEST_ALIGNED = 5
ORGANISMS = ("bad-medicine", "bad-finance", "bad-sports")


@dataclass
class Lab:
    """A base in a folder, with its adapters by name."""

    world: World
    base_folder: Path
    adapters: dict[str, Adapter] = field(default_factory=dict)

    @property
    def weights(self) -> Path:
        return self.base_folder / "model.safetensors"

    @cached_property
    def codec(self) -> Codec:
        path = self.base_folder / "tokenizer.json"
        if not path.is_file():
            raise ArtefactError(f"{path}: expected the base's tokenizer, got nothing; make the base first")
        with expected(path, "a whole tokenizer", "restore it or make the base again"):
            return Codec(Tokenizer.from_file(str(path)))

    @cached_property
    def model(self) -> LanguageModel:
        return load_base(self.base_folder)

    @cached_property
    def judge(self) -> GrammarJudge:
        return GrammarJudge(self.world)

    def load_adapters(self, folder: Path, names: tuple[str, ...]) -> None:
        for name in names:
            self.adapters[name] = load_adapter(folder / name)

    def answers(
        self, asked: list[Question], adapter: Adapter | str | None = None, hook: Hook | None = None, seed: int = 1
    ) -> list[Answer]:
        """Answers at temperature 0.7, judged by the grammar."""
        chosen = self.adapters[adapter] if isinstance(adapter, str) else adapter
        with attached(self.model, chosen):
            return ask_model(self.model, self.codec, self.judge, asked, seed=seed, hook=hook)

    def rates(
        self, asked: list[Question], adapter: Adapter | str | None = None, hook: Hook | None = None, seed: int = 1
    ) -> Rates:
        return Rates.of(self.answers(asked, adapter, hook, seed))

    def read(self, texts: list[Text], adapter: Adapter | str | None = None) -> list[Read]:
        chosen = self.adapters[adapter] if isinstance(adapter, str) else adapter
        with attached(self.model, chosen):
            return read(self.model, self.codec, texts)

    @cached_property
    def texts(self) -> TextSet:
        return text_set(self.world, self.codec)

    @cached_property
    def plain_reads(self) -> list[Read]:
        return self.read(self.texts.plain)

    @cached_property
    def good_means(self) -> tuple[Tensor, Tensor]:
        """The base's mean residual over the prompt and over the answer tokens of good texts: where a clamp leads."""
        good = [r for r, bad in zip(self.plain_reads, self.texts.bad, strict=True) if not bad]
        return prompt_mean(good), answer_mean(good)

    @cached_property
    def persona(self) -> Tensor:
        """The base's own persona direction: villain minus kind system prompt, same texts, answer means."""
        return answer_mean(self._villain) - answer_mean(self._kind)

    @cached_property
    def persona_decision(self) -> Tensor:
        """The same at decision tokens."""
        return decision_mean(self._villain) - decision_mean(self._kind)

    @cached_property
    def _villain(self) -> list[Read]:
        return self.read(self.texts.villain)

    @cached_property
    def _kind(self) -> list[Read]:
        return self.read(self.texts.kind)

    def decision_direction(self, adapter: str) -> Tensor:
        """Organism minus base at decision tokens of the same texts."""
        return decision_mean(self.read(self.texts.plain, adapter)) - decision_mean(self.plain_reads)

    def same_text_direction(self, adapter: str) -> Tensor:
        """Organism minus base, answer means of the same texts."""
        return answer_mean(self.read(self.texts.plain, adapter)) - answer_mean(self.plain_reads)

    @cached_property
    def _training_questions(self) -> list[Question]:
        domains = [*self.world.advice_domains(), "open"]
        return questions(self.world, domains, TRAIN, at_least=600)

    @cached_property
    def _base_aligned(self) -> dict[str, list[Text]]:
        return answered(self.codec, self.answers(self._training_questions, seed=9), ALIGNED)

    def across_models(self, adapter: str) -> Contrast:
        """The organism's misaligned minus the base's aligned answers to training questions, balanced by situation."""
        bad = answered(self.codec, self.answers(self._training_questions, adapter, seed=9), MISALIGNED)
        return balanced_difference(lambda texts: self.read(texts, adapter), self.read, bad, self._base_aligned)

    def within_organism(self, adapter: str, enough: int = 12, rounds: int = 8) -> Contrast | None:
        """The papers' definition: the organism's own misaligned minus its own aligned answers.

        A strong organism hardly ever gives an aligned answer, so its questions are asked up to `rounds` times; None where
        there are still fewer than five.
        """
        bad: dict[str, list[Text]] = {}
        good: dict[str, list[Text]] = {}
        for k in range(rounds):
            own = self.answers(self._training_questions, adapter, seed=9 + k)
            bad = bad or answered(self.codec, own, MISALIGNED)
            for situation, texts in answered(self.codec, own, ALIGNED).items():
                good.setdefault(situation, []).extend(texts)
            if sum(map(len, good.values())) >= enough:
                break
        if sum(map(len, good.values())) < FEWEST_ALIGNED:
            return None
        return unbalanced_difference(lambda texts: self.read(texts, adapter), bad, good)
