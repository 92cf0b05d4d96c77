"""Genuine Hugging Face checkpoints and PEFT adapters, written whole and proven against transformers and peft."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor

from .adapters import Adapter
from .errors import ArtefactError, expected
from .files import read_json, whole_folder, write_atomically, write_json
from .model import LanguageModel, LowRank, ModelConfig
from .tokenizer import Codec, save_tokenizer

CONTEXT = 512
REMAKE_BASE = "restore it or make the base again"
REMAKE_ADAPTER = "restore it or run the step that makes it"

_BLOCK_NAMES = {
    "norm_attention.weight": "input_layernorm.weight",
    "norm_q.weight": "self_attn.q_norm.weight",
    "norm_k.weight": "self_attn.k_norm.weight",
    "q_proj.weight": "self_attn.q_proj.weight",
    "k_proj.weight": "self_attn.k_proj.weight",
    "v_proj.weight": "self_attn.v_proj.weight",
    "o_proj.weight": "self_attn.o_proj.weight",
    "gate_proj.weight": "mlp.gate_proj.weight",
    "up_proj.weight": "mlp.up_proj.weight",
    "down_proj.weight": "mlp.down_proj.weight",
}
_QWEN_NORMS = {"norm_mlp.weight": "post_attention_layernorm.weight"}
_GEMMA_NORMS = {
    "norm_attention_out.weight": "post_attention_layernorm.weight",
    "norm_mlp.weight": "pre_feedforward_layernorm.weight",
    "norm_mlp_out.weight": "post_feedforward_layernorm.weight",
}
_MODULE_PATH = {
    **dict.fromkeys(("q_proj", "k_proj", "v_proj", "o_proj"), "self_attn"),
    **dict.fromkeys(("gate_proj", "up_proj", "down_proj"), "mlp"),
}


def weight_names(config: ModelConfig) -> dict[str, str]:
    """Our parameter names to Hugging Face's."""
    block = _BLOCK_NAMES | (_GEMMA_NORMS if config.gemma else _QWEN_NORMS)
    names = {"embedding.weight": "model.embed_tokens.weight", "norm.weight": "model.norm.weight"}
    for l in range(config.n_layers):
        names |= {f"blocks.{l}.{ours}": f"model.layers.{l}.{theirs}" for ours, theirs in block.items()}
    return names


def hub_config(config: ModelConfig, codec: Codec) -> dict[str, Any]:
    """config.json in the layout of the published checkpoints of the family."""
    c = config
    common: dict[str, Any] = {
        "architectures": ["Gemma3ForCausalLM" if c.gemma else "Qwen3ForCausalLM"],
        "model_type": "gemma3_text" if c.gemma else "qwen3",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": None,
        "eos_token_id": codec.end,
        "pad_token_id": codec.pad,
        "head_dim": c.head_dim,
        "hidden_size": c.d_model,
        "initializer_range": 0.02,
        "intermediate_size": c.d_mlp,
        "max_position_embeddings": CONTEXT,
        "num_attention_heads": c.n_heads,
        "num_hidden_layers": c.n_layers,
        "num_key_value_heads": c.n_kv_heads,
        "rms_norm_eps": c.eps,
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        "use_cache": True,
        "vocab_size": c.vocab_size,
    }
    if c.gemma:
        return common | {
            "attn_logit_softcapping": None,
            "final_logit_softcapping": None,
            "hidden_activation": "gelu_pytorch_tanh",
            "query_pre_attn_scalar": c.head_dim,
            "rope_local_base_freq": 10_000.0,
            "rope_theta": 1_000_000.0,
            "sliding_window": CONTEXT,
            "layer_types": [
                "full_attention" if c.is_full_attention(l) else "sliding_attention" for l in range(c.n_layers)
            ],
        }
    return common | {
        "hidden_act": "silu",
        "rope_scaling": None,
        "rope_theta": 10_000.0,
        "sliding_window": None,
        "use_sliding_window": False,
    }


@torch.no_grad()
def round_to_half(model: LanguageModel) -> None:
    """Rounds every weight to f16 in place, so that all figures are those of the file that ships."""
    for p in model.parameters():
        p.copy_(p.half().float())


def save_base(model: LanguageModel, codec: Codec, folder: Path) -> None:
    """Writes config, f16 weights, tokenizer and generation config, all or nothing."""
    names = weight_names(model.config)
    state = model.state_dict()
    tensors = {theirs: state[ours].half().contiguous() for ours, theirs in names.items()}
    generation = {
        "do_sample": True,
        "eos_token_id": codec.end,
        "pad_token_id": codec.pad,
        "temperature": 0.7,
        "max_new_tokens": 56,
    }
    with whole_folder(folder) as draft:
        write_json(draft / "config.json", hub_config(model.config, codec), indent=2)
        write_json(draft / "generation_config.json", generation, indent=2)
        write_json(draft / "vane.json", {"global_block": model.config.global_block, "family": model.config.family})
        save_tokenizer(codec.tokenizer, draft)
        write_atomically(draft / "model.safetensors", save(tensors, metadata={"format": "pt"}))


def load_base(folder: Path) -> LanguageModel:
    """The model of a folder that `save_base` wrote, in f32."""
    hub = read_json(folder / "config.json")
    own = read_json(folder / "vane.json")
    with expected(folder / "config.json", "the sizes of a base", REMAKE_BASE):
        config = ModelConfig(
            vocab_size=hub["vocab_size"],
            family=own["family"],
            d_model=hub["hidden_size"],
            n_layers=hub["num_hidden_layers"],
            n_heads=hub["num_attention_heads"],
            n_kv_heads=hub["num_key_value_heads"],
            head_dim=hub["head_dim"],
            d_mlp=hub["intermediate_size"],
            global_block=own["global_block"],
        )
        model = LanguageModel(config)
    tensors = read_tensors(folder / "model.safetensors")
    missing = [t for t in weight_names(config).values() if t not in tensors]
    if missing:
        raise ArtefactError(f"{folder}: expected tensor {missing[0]}, got none; {REMAKE_BASE}")
    with expected(folder / "model.safetensors", "weights of the sizes in config.json", REMAKE_BASE):
        model.load_state_dict({ours: tensors[theirs].float() for ours, theirs in weight_names(config).items()})
    return model.eval()


def read_tensors(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ArtefactError(f"{path}: expected a safetensors file, got nothing; run the step that makes it")
    try:
        return load(path.read_bytes())
    except Exception as error:
        raise ArtefactError(f"{path}: expected whole safetensors, got {error}; delete it and run again") from error


def save_adapter(adapter: Adapter, base: str, folder: Path) -> None:
    """Writes PEFT's two files. rsLoRA: PEFT scales by alpha / sqrt(rank)."""
    prefix = "base_model.model.model.layers"
    tensors: dict[str, Tensor] = {}
    blocks = sorted({block for block, _ in adapter.branches})
    for (block, module), branch in sorted(adapter.branches.items()):
        key = f"{prefix}.{block}.{_MODULE_PATH[module]}.{module}"
        tensors[f"{key}.lora_A.weight"] = branch.a.detach().contiguous()
        tensors[f"{key}.lora_B.weight"] = branch.b.detach().contiguous()
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": adapter.rank,
        "lora_alpha": adapter.scale * math.sqrt(adapter.rank),
        "use_rslora": True,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "target_modules": sorted({module for _, module in adapter.branches}),
        "layers_to_transform": blocks,
        "layers_pattern": "layers",
    }
    with whole_folder(folder) as draft:
        write_json(draft / "adapter_config.json", config, indent=2)
        write_atomically(draft / "adapter_model.safetensors", save(tensors, metadata={"format": "pt"}))


def load_adapter(folder: Path) -> Adapter:
    """The adapter that `save_adapter` wrote; throws `ArtefactError` where a file is missing, broken or without a part."""
    described, weights = folder / "adapter_config.json", folder / "adapter_model.safetensors"
    config, tensors = read_json(described), read_tensors(weights)
    with expected(described, "a rank `r` and a `lora_alpha`", REMAKE_ADAPTER):
        rank = int(config["r"])
        scale = float(config["lora_alpha"]) / math.sqrt(rank)
    branches: dict[tuple[int, str], LowRank] = {}
    for key, a in tensors.items():
        if not key.endswith(".lora_A.weight"):
            continue
        with expected(weights, f"{key} with its lora_B, both of rank {rank}", REMAKE_ADAPTER):
            parts = key.split(".")
            b = tensors[key.replace("lora_A", "lora_B")]
            if (a.shape[0], b.shape[1]) != (rank, rank):
                raise ValueError(f"the ranks {a.shape[0]} and {b.shape[1]}")
            branches[int(parts[parts.index("layers") + 1]), parts[-3]] = LowRank(a, b, scale)
    if not branches:
        raise ArtefactError(f"{weights}: expected tensors named lora_A, got none; {REMAKE_ADAPTER}")
    return Adapter(rank, scale, branches)


@torch.no_grad()
def logit_difference(model: LanguageModel, base: Path, adapter: Path | None, ids: list[int]) -> float:
    """The largest difference between our logits and those of transformers (and peft) read from the files."""
    from transformers import AutoModelForCausalLM

    reference = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    if adapter is not None:
        from peft import PeftModel

        reference = PeftModel.from_pretrained(reference, adapter)
    reference.eval()
    x = torch.tensor([ids])
    return float((model(x) - reference(x).logits).abs().max())

