"""The path of the bad-medicine adapter through training: A and B, loss, gradient norm, and EM at scale 1 and 5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from .adapters import Adapter, TrainedAdapter
from .behaviour import advice_answers
from .files import whole_folder, write_atomically, write_json
from .lab import Lab
from .model import LowRank
from .questions import Rates

SCALES = (1, 5)


def save_path(lab: Lab, trained: TrainedAdapter, block: int, folder: Path) -> dict[str, Any]:
    """Writes path.safetensors (A [point, dIn], B [point, dOut]) and path.json, and returns the latter."""
    points = []
    scale = trained.adapter.scale
    for point in trained.path:
        row: dict[str, Any] = {"step": point.step, "loss": point.loss, "gradientNorm": point.gradient_norm}
        for factor in SCALES:
            branch = LowRank(point.a[None], point.b[:, None], scale * factor)
            adapter = Adapter(1, scale * factor, {(block, "down_proj"): branch})
            row[f"scale{factor}"] = Rates.of(advice_answers(lab, adapter)).to_json()
        points.append(row)
    tensors = {
        "A": torch.stack([p.a for p in trained.path]).contiguous(),
        "B": torch.stack([p.b for p in trained.path]).contiguous(),
    }
    document = {
        "format": "vane-adapter-path",
        "version": 1,
        "adapter": "organism/adapters/bad-medicine",
        "module": f"model.layers.{block}.mlp.down_proj",
        "scale": scale,
        "points": points,
    }
    with whole_folder(folder) as draft:
        write_atomically(draft / "path.safetensors", save(tensors))
        write_json(draft / "path.json", document, indent=1)
    return document
