"""A sparse autoencoder on one residual hook point, saved in SAELens's layout."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from .checkpoint import read_tensors
from .corpus import Corpus
from .errors import expected
from .files import whole_folder, write_atomically, write_json
from .lab import Lab


@dataclass(frozen=True)
class SaeConfig:
    block: int = 4
    latents_per_dim: int = 8
    tokens: int = 80_000
    steps: int = 2500
    batch: int = 1024
    rate: float = 2e-3
    sparsity: float = 1.0
    seed: int = 0


@torch.no_grad()
def collect(lab: Lab, config: SaeConfig, seed: int) -> Tensor:
    """Residuals [token, dModel] of single exchanges, good and bad ones, plain causal attention.

    The first token is left out: its residual is a constant sink, many times longer than all others.
    """
    corpus = Corpus(lab.world)
    rng = random.Random(seed)
    out: list[Tensor] = []
    total = 0
    while total < config.tokens:
        rows: list[list[int]] = []
        for _ in range(128):
            segments = corpus.fine_tuning(rng) if rng.random() < 0.5 else corpus.persona_document(rng)
            ids = [i for pieces in segments for p in pieces for i in lab.codec.encode(p.text)]
            rows.append(ids[:128])
        length = max(map(len, rows))
        ids_tensor = torch.full((len(rows), length), lab.codec.pad)
        for i, row in enumerate(rows):
            ids_tensor[i, : len(row)] = torch.tensor(row)
        residuals: list[Tensor] = []
        lab.model(ids_tensor, residuals=residuals)
        for i, row in enumerate(rows):
            out.append(residuals[config.block][i, 1 : len(row)])
            total += len(row) - 1
    return torch.cat(out)


@dataclass
class Sae:
    """f = relu((x - b_dec) W_enc + b_enc); x' = f W_dec + b_dec. W_enc [dIn, dSae], W_dec [dSae, dIn]."""

    w_enc: Tensor
    b_enc: Tensor
    w_dec: Tensor
    b_dec: Tensor

    def encode(self, x: Tensor) -> Tensor:
        return torch.relu((x - self.b_dec) @ self.w_enc + self.b_enc)

    def decode(self, f: Tensor) -> Tensor:
        return f @ self.w_dec + self.b_dec


def train_sae(x: Tensor, config: SaeConfig) -> Sae:
    """L2 loss plus L1 on latents times decoder norms, on activations scaled to norm sqrt(dModel)."""
    torch.manual_seed(config.seed)
    d = x.shape[1]
    n = d * config.latents_per_dim
    scale = d**0.5 / float(x.norm(dim=1).mean())
    x = x * scale
    w_dec = torch.randn(n, d)
    w_dec = w_dec / w_dec.norm(dim=1, keepdim=True) * 0.1
    p = [w_dec.T.clone(), torch.zeros(n), w_dec.clone(), x.mean(0)]
    for t in p:
        t.requires_grad_(True)
    sae = Sae(*p)
    optimiser = torch.optim.Adam(p, lr=config.rate, betas=(0.9, 0.999))
    for step in range(config.steps):
        decay = min(1.0, 5 * (1 - step / config.steps))
        for group in optimiser.param_groups:
            group["lr"] = config.rate * decay * min(1.0, (step + 1) / 100)
        batch = x[torch.randint(len(x), (config.batch,))]
        f = sae.encode(batch)
        error = (sae.decode(f) - batch).pow(2).sum(1).mean()
        penalty = (f * sae.w_dec.norm(dim=1)).sum(1).mean()
        loss = error + config.sparsity * min(1.0, step / 500) * penalty
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if (step + 1) % 500 == 0:
            print(f"  sae step {step + 1} loss {loss.item():.2f} l0 {(f > 0).float().sum(1).mean().item():.1f}", flush=True)
    for t in p:
        t.requires_grad_(False)
    norms = sae.w_dec.norm(dim=1).clamp_min(1e-9)
    return Sae(sae.w_enc * norms, sae.b_enc * norms / scale, sae.w_dec / norms[:, None], sae.b_dec / scale)


@torch.no_grad()
def measure_sae(sae: Sae, x: Tensor) -> dict[str, float | int]:
    """Explained variance, L0 and dead share on tokens that training did not see."""
    f = sae.encode(x)
    residual = (sae.decode(f) - x).pow(2).sum()
    total = (x - x.mean(0)).pow(2).sum()
    return {
        "tokens": len(x),
        "explainedVariance": round(1 - float(residual / total), 4),
        "l0": round(float((f > 0).float().sum(1).mean()), 2),
        "deadShare": round(float((f.sum(0) == 0).float().mean()), 4),
    }


def save_sae(sae: Sae, config: SaeConfig, folder: Path, figures: dict[str, Any]) -> None:
    d_in, d_sae = sae.w_enc.shape
    tensors = {"W_enc": sae.w_enc, "b_enc": sae.b_enc, "W_dec": sae.w_dec, "b_dec": sae.b_dec}
    cfg = {
        "architecture": "standard",
        "activation_fn": "relu",
        "activation_fn_kwargs": {},
        "apply_b_dec_to_input": True,
        "context_size": 128,
        "d_in": d_in,
        "d_sae": d_sae,
        "dataset_path": "tools/organism",
        "device": "cpu",
        "dtype": "float32",
        "finetuning_scaling_factor": False,
        "hook_head_index": None,
        "hook_layer": config.block,
        "hook_name": f"blocks.{config.block}.hook_resid_post",
        "model_name": "organism/base",
        "normalize_activations": "none",
        "prepend_bos": False,
        "sae_lens_training_version": None,
        "vane_figures": figures,
    }
    with whole_folder(folder) as draft:
        write_atomically(draft / "sae_weights.safetensors", save({k: t.contiguous() for k, t in tensors.items()}))
        write_json(draft / "cfg.json", cfg, indent=2)


def load_sae(folder: Path) -> Sae:
    path = folder / "sae_weights.safetensors"
    t = read_tensors(path)
    with expected(path, "the four tensors of an autoencoder", "make sae again"):
        return Sae(t["W_enc"], t["b_enc"], t["W_dec"], t["b_dec"])
