"""Writes what transformers computes on the real GGUF files: residuals, logits and greedy text.

    python tools/real-weights/reference.py [NAME ...]

Reads `.cache/real-weights/FILE.gguf` (see fetch.py) with `from_pretrained(..., gguf_file=...)` in f32 and writes, into the same folder,
    NAME.reference.safetensors   K/HOOK `[pos, dModel]` and K/logits `[pos, vocab]` for prompt K
    NAME.cases.json              ids of each prompt, greedy ids with the logit gap at each step, seconds
Needs torch, transformers 5, accelerate, gguf, safetensors.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "fixtures"))
from parity_reference import run_row  # noqa: E402

CACHE = HERE.parents[1] / ".cache" / "real-weights"
CHECKPOINTS = json.loads((HERE / "checkpoints.json").read_text())
NEW_TOKENS = 64
CHAT_PROMPTS = [
    "How do I keep a houseplant alive?",
    "Write a haiku about rain.",
    "What is 17 times 23? Explain each step.",
    "Nenne drei Fl\u00fcsse in Europa.",
    "Write a Python function that reverses a list.",
]
PLAIN_PROMPTS = [
    "The best way to keep a houseplant alive is",
    "Once upon a time, in a small village by the sea,",
    "def reverse(items):\n    return",
    "Drei Fl\u00fcsse in Europa sind",
    "\u6771\u4eac\u306f\u65e5\u672c\u306e",
]


def prompt_ids(tokenizer, chat: bool) -> list[list[int]]:
    if not chat:
        return [tokenizer(text)["input_ids"] for text in PLAIN_PROMPTS]
    texts = [
        tokenizer.apply_chat_template([{"role": "user", "content": text}], add_generation_prompt=True, tokenize=False) for text in CHAT_PROMPTS
    ]
    return [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]


def greedy_with_cache(model, ids: list[int], stop: set[int]) -> tuple[list[int], list[float]]:
    tokens, gaps, past, feed = [], [], None, torch.tensor([ids])
    with torch.no_grad():
        while len(tokens) < NEW_TOKENS:
            out = model(input_ids=feed, past_key_values=past, use_cache=True)
            past = out.past_key_values
            top = out.logits[0, -1].topk(2)
            gaps.append(float(top.values[0] - top.values[1]))
            tokens.append(int(top.indices[0]))
            if tokens[-1] in stop:
                break
            feed = torch.tensor([[tokens[-1]]])
    return tokens, gaps


def write_reference(name: str) -> None:
    spec = CHECKPOINTS[name]
    started = time.time()
    model = AutoModelForCausalLM.from_pretrained(CACHE, gguf_file=spec["file"], dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(CACHE, gguf_file=spec["file"])
    rows = prompt_ids(tokenizer, spec["chat"])
    stop = {tokenizer.eos_token_id}
    tensors, greedy = {}, []
    for index, ids in enumerate(rows):
        run = run_row(model, ids)
        for hook_point, value in run.activations.items():
            tensors[f"{index}/{hook_point}"] = value.float().clone()
        tensors[f"{index}/logits"] = run.logits.float().clone()
        tokens, gaps = greedy_with_cache(model, ids, stop)
        greedy.append({"ids": tokens, "gaps": gaps, "text": tokenizer.decode(tokens)})
        print(f"{name}: prompt {index}, {len(ids)} tokens, {time.time() - started:.0f} s: {greedy[-1]['text'][:60]!r}", flush=True)
    save_file(tensors, CACHE / f"{name}.reference.safetensors")
    texts = CHAT_PROMPTS if spec["chat"] else PLAIN_PROMPTS
    cases = {"rows": rows, "texts": texts, "greedy": greedy, "stopIds": sorted(stop), "config": model.config.to_dict(), "seconds": time.time() - started}
    (CACHE / f"{name}.cases.json").write_text(json.dumps(cases, indent=1, default=str) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="checkpoints; all that were fetched by default")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    names = arguments.names or list(CHECKPOINTS)
    torch.set_num_threads(arguments.threads)
    missing = [name for name in names if not (CACHE / CHECKPOINTS[name]["file"]).exists()]
    for name in names:
        if name not in missing:
            write_reference(name)
    if missing:
        print(f"NOT AVAILABLE {', '.join(missing)}: run tools/real-weights/fetch.py first.", file=sys.stderr)
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
