"""Exports the real Qwen as an ONNX model that transformers.js runs, for the bench: the same de-quantised weights, block-32 int4.

    python tools/real-weights/peer.py

Writes `.cache/real-weights/peer-qwen-q4/` (config, tokenizer, onnx/model.onnx). Needs torch, transformers 5, onnxruntime-genai, onnx and onnx-ir.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import onnx
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "real-weights"
SPEC = json.loads((Path(__file__).resolve().parent / "checkpoints.json").read_text())["qwen2.5-coder-0.5b-instruct"]
TARGET = CACHE / "peer-qwen-q4"


def main() -> int:
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        folder, exported = Path(scratch) / "hf", Path(scratch) / "onnx"
        source = AutoModelForCausalLM.from_pretrained(CACHE, gguf_file=SPEC["file"], dtype=torch.float32)
        # transformers refuses to save what it knows as GGUF, so the weights move to a plain model of the same shape.
        config = AutoConfig.for_model(**{key: value for key, value in source.config.to_dict().items() if key != "quantization_config"})
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        model.load_state_dict(source.state_dict())
        del source
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(CACHE, gguf_file=SPEC["file"]).save_pretrained(folder)
        del model
        options = ["hf_token=false", "int4_block_size=32", "int4_accuracy_level=0"]
        command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-m", "local", "-i", str(folder), "-o", str(exported), "-p", "int4", "-e", "webgpu"]
        subprocess.run([*command, "--extra_options", *options], check=True)
        shutil.rmtree(TARGET, ignore_errors=True)
        (TARGET / "onnx").mkdir(parents=True)
        for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja"):
            if (folder / name).exists():
                shutil.copy(folder / name, TARGET / name)
        # transformers.js looks for model.onnx_data; the two names are equally long, so the references can be changed in place. It also
        # makes the empty cache from the shapes of the graph's inputs, where the width must be a number.
        graph = onnx.load(exported / "model.onnx", load_external_data=False)
        for value in graph.graph.input:
            for size in value.type.tensor_type.shape.dim:
                if size.dim_param == "kv_cache_dim":
                    size.dim_value = config.hidden_size // config.num_attention_heads
        written = graph.SerializeToString().replace(b"model.onnx.data", b"model.onnx_data")
        (TARGET / "onnx" / "model.onnx").write_bytes(written)
        shutil.move(exported / "model.onnx.data", TARGET / "onnx" / "model.onnx_data")
    print(TARGET, sum(file.stat().st_size for file in TARGET.rglob("*") if file.is_file()), "bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
