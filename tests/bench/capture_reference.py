"""Seconds that transformers takes for the capture of `capture.bench.ts`: every block's output, no logits, float32, all cores.

    python tests/bench/capture_reference.py FILE.gguf PROMPTS LENGTH

Prints JSON: seconds of the faster of two passes, and the threads of torch. Needs torch, transformers 5, accelerate and gguf.
"""

import json
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM


def main() -> None:
    file, prompts, length = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    model = AutoModelForCausalLM.from_pretrained(str(file.parent), gguf_file=file.name, dtype=torch.float32).eval().model
    ids = torch.tensor([[100 + (row * 997 + i * 131) % 40_000 for i in range(length)] for row in range(prompts)])
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        with torch.no_grad():
            model(input_ids=ids, output_hidden_states=True, use_cache=False)
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"seconds": min(seconds), "threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
