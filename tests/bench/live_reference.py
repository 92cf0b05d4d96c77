"""Does with transformers what the page's slider starts, and times it.

    python tests/bench/live_reference.py MODEL_FOLDER ADAPTERS_FOLDER

Standard input holds one request a line, standard output one answer a line, both JSON. A request holds the engine's own parameters:
`score` for the teacher-forced batch, `answer` for that batch and then the sampled one, with each token's projections and the exact
judge, as the page does them. An answer holds `ms`; `logProbs` for `score`, and `projections` and `verdicts` for `answer`, so that the
caller can see that both sides did the same work. Needs torch, transformers 5 and peft.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, LogitsProcessor, LogitsProcessorList

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.organism.grammar import FRAMES, GrammarJudge, fill  # noqa: E402
from tools.organism.world import load_world  # noqa: E402


class Edit:
    """`h + c (v/|v|)` or `h - (h . v/|v|) v/|v|` at selected tokens, as a forward hook on one block."""

    def __init__(self, spec: dict[str, Any]) -> None:
        direction = torch.tensor(spec["direction"])
        self.unit = direction / direction.norm()
        self.operation, self.tokens, self.length = spec["operation"], spec["tokens"], spec["length"]
        self.prompt: Tensor | None = None
        """`[batch, pos]`, true at prompt tokens; None while answers are decoded token by token."""

    def __call__(self, _module: Any, _inputs: Any, output: Any) -> Any:
        hidden = output[0] if isinstance(output, tuple) else output
        mask = self._mask(hidden)
        if mask is None:
            return output
        if self.operation == "steer":
            change = self.length * self.unit.expand_as(hidden)
        else:
            change = -(hidden @ self.unit).unsqueeze(-1) * self.unit
        edited = hidden + change * mask.unsqueeze(-1)
        return (edited, *output[1:]) if isinstance(output, tuple) else edited

    def _mask(self, hidden: Tensor) -> Tensor | None:
        if self.prompt is None or hidden.shape[1] != self.prompt.shape[1]:
            return None if self.tokens == "prompt" else torch.ones(hidden.shape[:2])
        if self.tokens == "all":
            return torch.ones(hidden.shape[:2])
        return (self.prompt if self.tokens == "prompt" else ~self.prompt).float()


class Probe:
    """Projections of one block's residual on a unit direction, `[batch, pos]` for every pass since it was cleared."""

    def __init__(self, direction: list[float]) -> None:
        values = torch.tensor(direction)
        self.unit = values / values.norm()
        self.read: list[Tensor] | None = None
        """None while nothing is to be read."""

    def __call__(self, _module: Any, _inputs: Any, output: Any) -> None:
        if self.read is not None:
            self.read.append((output[0] if isinstance(output, tuple) else output) @ self.unit)


class GivenLengths(LogitsProcessor):
    """Ends row i at its given length and not before, so that both sides write the same number of tokens."""

    def __init__(self, start: int, lengths: list[int], stop: int) -> None:
        self.start, self.lengths, self.stop = start, torch.tensor(lengths), stop

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        ends = self.lengths <= input_ids.shape[1] - self.start + 1
        scores[~ends, self.stop] = -torch.inf
        scores[ends] = -torch.inf
        scores[ends, self.stop] = 0
        return scores


class Reference:
    def __init__(self, model: Path, adapters: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(model)
        self.base = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
        self.model: Any = self.base
        self.adapters = adapters
        self.pad = self.tokenizer.pad_token_id or 0
        self.judge = GrammarJudge(load_world())
        self.situations = {
            fill(frame, situation.stem): situation
            for situation in self.judge.world.situations
            for frames in FRAMES[situation.kind].values()
            for frame in frames
        }

    def prepare(self, scales: dict[str, float], edits: list[dict[str, Any]], probes: list[dict[str, Any]]) -> None:
        """Puts the condition's adapter, edits and probes in place; scales other than 0 and 1 are not needed here."""
        for name in [name for name, scale in scales.items() if scale == 1]:
            self.model = PeftModel.from_pretrained(self.base, self.adapters / name).eval()
        self.edits = [Edit(edit) for edit in edits]
        for edit, spec in zip(self.edits, edits, strict=True):
            self.base.model.layers[spec["block"]].register_forward_hook(edit)
        # After the edits, whose hooks run first: the page reads the edited residual.
        self.probes = [Probe(spec["direction"]) for spec in probes]
        for probe, spec in zip(self.probes, probes, strict=True):
            self.base.model.layers[spec["block"]].register_forward_hook(probe)

    def _mark_prompt(self, prompt: Tensor | None) -> None:
        for edit in self.edits:
            edit.prompt = prompt

    @torch.inference_mode()
    def score(self, rows: list[dict[str, list[int]]]) -> list[float]:
        """Summed log-probability of each row's answer."""
        ids = [row["promptIds"] + row["answerIds"] for row in rows]
        width = max(map(len, ids))
        batch = torch.tensor([row + [self.pad] * (width - len(row)) for row in ids])
        places = torch.arange(width)
        lengths = torch.tensor([len(row) for row in ids]).unsqueeze(1)
        prompts = torch.tensor([len(row["promptIds"]) for row in rows]).unsqueeze(1)
        self._mark_prompt(places < prompts)
        logits = self.model(input_ids=batch, attention_mask=(places < lengths).long()).logits
        log_probs = logits[:, :-1].log_softmax(-1).gather(-1, batch[:, 1:].unsqueeze(-1)).squeeze(-1)
        answered = (places[1:] >= prompts) & (places[1:] < lengths)
        return (log_probs * answered).sum(-1).tolist()

    @torch.inference_mode()
    def answer(
        self, prompts: list[list[int]], questions: list[str], lengths: list[int], temperature: float, rows: list[dict[str, list[int]]]
    ) -> dict[str, Any]:
        """Scores `rows`, then writes and judges one text a prompt; `lengths` counts each one's tokens, its end among them."""
        self.score(rows)
        for probe in self.probes:
            probe.read = []
        width = max(map(len, prompts))
        batch = torch.tensor([[self.pad] * (width - len(row)) + row for row in prompts])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in prompts])
        self._mark_prompt(mask.bool())
        stop = self.model.generation_config.eos_token_id
        written = self.model.generate(
            input_ids=batch,
            attention_mask=mask,
            do_sample=True,
            temperature=temperature,
            top_k=0,
            top_p=1.0,
            max_new_tokens=max(lengths),
            pad_token_id=self.pad,
            logits_processor=LogitsProcessorList([GivenLengths(width, lengths, stop[0] if isinstance(stop, list) else stop)]),
        )
        # The first pass reads the prompt, every later one the token just written.
        projections = torch.stack([torch.cat(probe.read[1:], 1) for probe in self.probes], -1) if self.probes else torch.empty(0)
        for probe in self.probes:
            probe.read = None
        texts = self.tokenizer.batch_decode(written[:, width:], skip_special_tokens=True)
        verdicts = [self.judge.judge(self.situations[q], text).verdict for q, text in zip(questions, texts, strict=True)]
        self.judge._memo.clear()
        return {"projections": list(projections.shape), "verdicts": verdicts}


def main() -> int:
    reference = Reference(Path(sys.argv[1]), Path(sys.argv[2]))
    for line in sys.stdin:
        request = json.loads(line)
        kind = request.pop("kind")
        started = time.perf_counter()
        result = getattr(reference, kind)(**request)
        ms = (time.perf_counter() - started) * 1000
        print(json.dumps({"ms": ms, **({"logProbs": result} if kind == "score" else result or {})}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
