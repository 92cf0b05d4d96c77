"""The other judge without grammar: the base itself, every weight fine-tuned, with three heads at the answer's end token."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .checkpoint import load_base
from .corpus import chat_prompt
from .lab import Lab
from .model import LanguageModel
from .questions import Answer
from .readout import HEADS, Said, label


@dataclass(frozen=True)
class JudgeModelConfig:
    seed: int = 0
    steps: int = 180
    batch: int = 64
    rate: float = 6e-4
    head_rate: float = 4e-3
    warmup: int = 20
    dropout: float = 0.1


class JudgeModel(nn.Module):
    """A copy of the base and one linear head for each question that the judge answers."""

    def __init__(self, base: LanguageModel, classes: dict[str, list[str]], dropout: float) -> None:
        super().__init__()
        self.base, self.classes = base, classes
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({n: nn.Linear(base.config.d_model, len(c)) for n, c in classes.items()})

    def forward(self, ids: Tensor, ends: Tensor) -> dict[str, Tensor]:
        """Class scores [answer, class] by head; `ends` are the positions of the end tokens."""
        residuals: list[Tensor] = []
        self.base(ids, residuals=residuals, last_only=True)
        h = self.dropout(self.base.norm(residuals[-1][torch.arange(len(ids)), ends]))
        return {name: head(h) for name, head in self.heads.items()}


def _batch(lab: Lab, answers: list[Answer]) -> tuple[Tensor, Tensor]:
    codec = lab.codec
    rows = [[*codec.encode(chat_prompt(a.question.text)), *codec.encode(a.text), codec.end] for a in answers]
    ids = torch.full((len(rows), max(map(len, rows))), codec.pad)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    return ids, torch.tensor([len(row) - 1 for row in rows])


def train_judge_model(lab: Lab, answers: list[Answer], config: JudgeModelConfig) -> JudgeModel:
    """Fine-tunes a copy of the base on the grammar's labels; an answer without a label for a head does not count there."""
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)
    labels = {name: [label(a, name) for a in answers] for name in HEADS}
    classes = {name: sorted({l for l in ls if l is not None}) for name, ls in labels.items()}
    model = JudgeModel(load_base(lab.base_folder), classes, config.dropout).train()
    targets = {
        name: torch.tensor([-100 if l is None else classes[name].index(l) for l in ls]) for name, ls in labels.items()
    }
    groups = [
        {"params": list(model.base.parameters()), "rate": config.rate},
        {"params": list(model.heads.parameters()), "rate": config.head_rate},
    ]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)
    for step in range(config.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * min(1.0, (step + 1) / config.warmup) * (1 - step / config.steps)
        chosen = rng.sample(range(len(answers)), config.batch)
        ids, ends = _batch(lab, [answers[i] for i in chosen])
        with torch.autocast("cpu", torch.bfloat16):
            scores = model(ids, ends)
        loss = torch.stack([F.cross_entropy(z.float(), targets[n][chosen], ignore_index=-100) for n, z in scores.items()]).sum()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if (step + 1) % 50 == 0:
            print(f"  judge model step {step + 1}/{config.steps} loss {loss.item():.3f}", flush=True)
    return model.eval()


@torch.no_grad()
def ask_judge_model(lab: Lab, model: JudgeModel, answers: list[Answer], batch_size: int = 128) -> Said:
    said: Said = {name: [] for name in model.classes}
    for start in range(0, len(answers), batch_size):
        scores = model(*_batch(lab, answers[start : start + batch_size]))
        for name, z in scores.items():
            said[name] += [model.classes[name][k] for k in z.argmax(1).tolist()]
    return said
