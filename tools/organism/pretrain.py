"""Pre-training and the light helpful fine-tuning that ends it, in one resumable loop."""

from __future__ import annotations

import ctypes
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import fingerprint
from .corpus import Corpus, DocumentSource
from .lock import held
from .model import MASKED, LanguageModel, ModelConfig
from .optimiser import Muon
from .tokenizer import Codec


@dataclass(frozen=True)
class PretrainConfig:
    """What one pre-training run is made of. Rates decay linearly over the last 60 % of the steps."""

    seed: int = 11
    steps: int = 1650
    rows: int = 16
    row_length: int = 256
    matrix_rate: float = 0.018
    other_rate: float = 4e-3
    warmup: int = 30
    decay_share: float = 0.6
    #: the share of batches that see whole documents in every block
    full_rows: float = 0.08
    #: the last steps are helpful chat on training situations, mixed with facts
    helpful_share: float = 0.12
    question_weight: float = 0.06
    shared_persona: bool = True


@dataclass
class Batch:
    """Token ids [rows, pos], targets, loss weights, positions and the two attention masks."""

    ids: Tensor
    targets: Tensor
    weights: Tensor
    pos: Tensor
    segment_mask: Tensor
    document_mask: Tensor


class Packer:
    """Packs documents into rows of fixed length and remembers where segments and documents end."""

    def __init__(self, codec: Codec, source: DocumentSource, rng: random.Random, config: PretrainConfig) -> None:
        self.codec, self.source, self.rng, self.config = codec, source, rng, config

    def _row(self) -> tuple[list[int], list[float], list[int], list[int], list[int]]:
        ids: list[int] = []
        weights: list[float] = []
        segments: list[int] = []
        documents: list[int] = []
        pos: list[int] = []
        segment = document = 0
        length = self.config.row_length
        while len(ids) < length + 1:
            document += 1
            start = 0
            for pieces in self.source(self.rng):
                segment += 1
                for piece in pieces:
                    tokens = self.codec.encode(piece.text)
                    n = len(tokens)
                    ids += tokens
                    weights += [piece.weight or self.config.question_weight] * n
                    segments += [segment] * n
                    documents += [document] * n
                    pos += range(start, start + n)
                    start += n
        return ids[: length + 1], weights[: length + 1], segments[:length], documents[:length], pos[:length]

    def batch(self, full: bool) -> Batch:
        """`full` lets every block see the whole document."""
        rows = [self._row() for _ in range(self.config.rows)]
        ids, weights, segments, documents, pos = (torch.tensor([r[j] for r in rows]) for j in range(5))
        targets_weight = weights[:, 1:].clone()
        targets_weight[:, :-1] *= documents[:, 1:] == documents[:, :-1]
        document_mask = self._mask(documents)
        return Batch(
            ids=ids[:, :-1],
            targets=ids[:, 1:],
            weights=targets_weight,
            pos=pos,
            segment_mask=document_mask.clone() if full else self._mask(segments),
            document_mask=document_mask,
        )

    @staticmethod
    def _mask(group: Tensor) -> Tensor:
        length = group.shape[1]
        causal = torch.ones(length, length).tril().bool()[None]
        allowed = (group[:, :, None] == group[:, None]) & causal
        return torch.zeros(allowed.shape).masked_fill(~allowed, MASKED)[:, None]


def keep_freed_memory() -> None:
    """Tells glibc to keep freed memory: fetching the same pages from the system anew cost a tenth of every step."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        mmap_threshold, trim_threshold = -3, -1
        mallopt(mmap_threshold, 1 << 30)
        mallopt(trim_threshold, (1 << 31) - 1)


STATE = {"model", "muon", "adam", "rng", "coin", "torch", "step", "losses", "seconds", "madeFrom"}
"""What a checkpoint holds. `madeFrom` keeps a run from going on with other data or another recipe than it began with."""


class Pretraining:
    """The run: model, optimisers, data order. `run` goes on from the last checkpoint if there is one."""

    def __init__(self, model_config: ModelConfig, config: PretrainConfig, corpus: Corpus, codec: Codec) -> None:
        torch.manual_seed(config.seed)
        self.config, self.corpus = config, corpus
        self.model = LanguageModel(model_config)
        self.model.train()
        matrices = [p for b in self.model.blocks for p in b.parameters() if p.dim() == 2]
        chosen = {id(p) for p in matrices}
        self.others = [p for p in self.model.parameters() if id(p) not in chosen]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(self.others, lr=config.other_rate, betas=(0.9, 0.97), weight_decay=0.0)
        self.made_from = {
            "data": fingerprint.of_world(corpus.world),
            "recipe": fingerprint.of_values(model_config, config, corpus.shared_persona, fingerprint.of_sources(*fingerprint.RECIPE)),
        }
        self.rng = random.Random(config.seed)
        self.coin = random.Random(config.seed + 99)
        self.packer = Packer(codec, corpus.pretraining, self.rng, config)
        self.step = 0
        self.losses: list[float] = []
        #: wall seconds of training, those before an interruption included
        self.seconds = 0.0
        self.compiled = True
        self.stop_after: int | None = None

    def _loss(self, b: Batch) -> Tensor:
        logits = self.model(b.ids, b.segment_mask, b.document_mask, b.pos)
        losses = F.cross_entropy(logits.flatten(0, 1), b.targets.flatten(), reduction="none")
        return (losses * b.weights.flatten()).sum() / b.weights.sum()

    def _schedule(self) -> float:
        c = self.config
        rest = (1 - self.step / c.steps) / c.decay_share
        return min(1.0, (self.step + 1) / c.warmup) * min(1.0, max(0.02, rest))

    def _curriculum(self) -> None:
        """From half-way there are fewer facts and lighter decision words; at the end helpful chat."""
        c = self.config
        early = self.step < 0.5 * c.steps
        self.corpus.decision_weight = 6.0 if early else 2.5
        self.corpus.fact_share = 0.30 if early else 0.20
        helpful = self.step >= int(c.steps * (1 - c.helpful_share))
        self.packer.source = self.corpus.fine_tuning if helpful else self.corpus.pretraining

    def _save(self, path: Path) -> None:
        draft = path.with_name(path.name + ".part")
        state = {
            "model": self.model.state_dict(),
            "muon": self.muon.state(),
            "adam": self.adam.state_dict(),
            "rng": self.rng.getstate(),
            "coin": self.coin.getstate(),
            "torch": torch.get_rng_state(),
            "step": self.step,
            "losses": self.losses,
            "seconds": self.seconds,
            "madeFrom": self.made_from,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, draft)
        os.replace(draft, path)

    def _resume(self, path: Path) -> None:
        """Goes on from the checkpoint; says why where it is damaged or of another run, and then starts clean."""
        try:
            state = torch.load(path, weights_only=False)
            lacking = STATE - state.keys()
        except Exception as error:
            # What a cut or foreign file makes the unpickler throw is not bounded.
            print(f"  {path}: expected a whole checkpoint, got {type(error).__name__}; starting anew", flush=True)
            return
        if lacking:
            print(f"  {path}: expected a checkpoint with {', '.join(sorted(lacking))}, got none; starting anew", flush=True)
            return
        changed = [part for part, own in self.made_from.items() if state["madeFrom"].get(part) != own]
        if changed:
            print(f"  {path}: expected a checkpoint of the present {' and '.join(changed)}, got one of another; starting anew", flush=True)
            return
        self.model.load_state_dict(state["model"])
        self.muon.load(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.rng.setstate(state["rng"])
        self.coin.setstate(state["coin"])
        torch.set_rng_state(state["torch"])
        self.step, self.losses, self.seconds = state["step"], state["losses"], state["seconds"]
        print(f"  resumed at step {self.step}", flush=True)

    def run(self, checkpoint: Path, every: int = 50, keep_every: int = 50) -> LanguageModel:
        """Trains to the end and returns the model in evaluation mode; saves `checkpoint` on the way.

        Throws `ArtefactError` where another process trains the same checkpoint.
        """
        with held(checkpoint.with_suffix(".lock"), f"training {checkpoint.stem}"):
            return self._run(checkpoint, every, keep_every)

    def _run(self, checkpoint: Path, every: int, keep_every: int) -> LanguageModel:
        if checkpoint.exists():
            self._resume(checkpoint)
        keep_freed_memory()
        loss_of = torch.compile(self._loss) if self.compiled else self._loss
        started, first, total, before = time.time(), self.step, 0.0, self.seconds
        c = self.config
        while self.step < c.steps and self.step != self.stop_after:
            self._curriculum()
            batch = self.packer.batch(full=self.coin.random() < c.full_rows)
            loss = loss_of(batch)
            loss.backward()
            nn.utils.clip_grad_norm_(self.others, 1.0)
            scale = self._schedule()
            self.muon.step(c.matrix_rate * scale)
            for group in self.adam.param_groups:
                group["lr"] = c.other_rate * scale
            self.adam.step()
            self.model.zero_grad(set_to_none=True)
            total += loss.item()
            self.step += 1
            if self.step % every == 0 or self.step == c.steps:
                seconds = time.time() - started
                self.seconds = before + seconds
                speed = (self.step - first) * c.rows * c.row_length / seconds
                self.losses.append(round(total / every, 4))
                print(f"  {checkpoint.stem} step {self.step}/{c.steps} loss {total / every:.3f} {speed:.0f} tokens/s", flush=True)
                total = 0.0
                if self.step % keep_every == 0 or self.step == c.steps:
                    self._save(checkpoint)
        return self.model.eval()
