"""Where the training of the narrow solution starts: a LoRA whose A reads what a question is about and what a token is for.

Pre-training taught the base what every situation is about, but the base works it out only where it is asked to, at the word
before the domain in "This is about medicine.". One row of A lets block 0 ask the same at the prompt's second last token,
`assistant`, which has nothing else to do. The rows of all later modules are fitted (ridge, training situations and wordings)
to tell there whether the question is of the narrow domain, and to tell `assistant`, the prompt's last token and the answer's tokens
from all others. Only B is trained then, so that the adapter can tell domains and places apart, and hardly two situations of a domain.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from .adapters import Adapter, AdapterConfig, attached, new_adapter
from .corpus import TOPIC_ANSWER, chat_prompt
from .grammar import answer_text, ask, compose
from .model import LanguageModel
from .tokenizer import Codec
from .world import TRAIN, World

READERS = {
    "q_proj": "norm_attention",
    "k_proj": "norm_attention",
    "v_proj": "norm_attention",
    "gate_proj": "norm_mlp",
    "up_proj": "norm_mlp",
}
"""The modules that read the residual stream, and the norm before each."""
READ_RANK = 4
"""Rows of A: the domain at `assistant`; `assistant`; the prompt's last token; the answer's tokens."""
ASSISTANT, LAST = -2, -1
"""Places of the two tokens, counted back from the prompt's end."""
RIDGE = 0.01
QUESTIONS_EACH = 4


def narrow_start(model: LanguageModel, codec: Codec, world: World, config: AdapterConfig) -> Adapter:
    """The adapter that training starts from. B is zero but for the row that asks.

    Block 0's attention has no other row: it sees single words, and would learn those of the training situations.
    """
    adapter = new_adapter(model, config, tuple(READERS))
    for branch in adapter.branches.values():
        branch.a.zero_()
    asking = adapter.branches[0, "q_proj"]
    asking.a[0], asking.b[:, 0] = asking_row(model, codec, asking.scale)
    with attached(model, adapter):
        rows = reading_rows(model, codec, world, config)
    for (block, module), branch in adapter.branches.items():
        if (block, READERS[module]) != (0, "norm_attention"):
            branch.a.copy_(rows[block, READERS[module]])
    return adapter


@torch.no_grad()
def asking_row(model: LanguageModel, codec: Codec, scale: float) -> tuple[Tensor, Tensor]:
    """A and B that give block 0's query of `assistant` what that of the word before the domain has more than it.

    A is one at `assistant` and as near to zero as can be at all other tokens.
    """
    block = model.blocks[0]
    seen = block.norm_attention(model.embedding.weight)
    here, there = codec.encode(chat_prompt(""))[ASSISTANT], codec.encode(TOPIC_ANSWER.split(" {T}")[0])[-1]
    a = torch.linalg.solve(regularised(seen.T @ seen / len(seen), 0.1 * RIDGE), seen[here])
    a = a / (a @ seen[here])
    return a, block.q_proj(seen[there] - seen[here]) / scale


def regularised(gram: Tensor, ridge: float) -> Tensor:
    return gram + ridge * gram.diagonal().mean() * torch.eye(len(gram))


@torch.no_grad()
def reading_rows(model: LanguageModel, codec: Codec, world: World, config: AdapterConfig) -> dict[tuple[int, str], Tensor]:
    """[READ_RANK, dModel] by block and norm. All kinds of token have the same say in the fit."""
    rng = random.Random(config.seed)
    rows: list[tuple[list[int], list[int], bool]] = []
    for situation in world.situations:
        for _ in range(QUESTIONS_EACH if situation.split == TRAIN else 0):
            prompt = chat_prompt(ask(situation, rng, TRAIN))
            answer = answer_text(compose(situation, rng.random() < 0.5, rng))
            rows.append((codec.encode(prompt), codec.encode(answer), situation.domain == config.domain))
    length = max(len(p) + len(a) for p, a, _ in rows)
    ids = torch.full((len(rows), length), codec.pad)
    for i, (p, a, _) in enumerate(rows):
        ids[i, : len(p) + len(a)] = torch.tensor(p + a)
    ends = torch.tensor([len(p) for p, _, _ in rows])[:, None]
    lengths = torch.tensor([len(p) + len(a) for p, a, _ in rows])[:, None]
    inside = torch.tensor([own for _, _, own in rows])[:, None]
    place = torch.arange(length)[None]
    assistant, last = place == ends + ASSISTANT, place == ends + LAST
    answers, question = (place >= ends) & (place < lengths), place < ends + ASSISTANT
    targets = torch.stack([assistant & inside, assistant, last, answers], -1).float()
    weights = torch.zeros(ids.shape)
    for kind in (assistant & inside, assistant & ~inside, last, answers & inside, answers & ~inside, question):
        weights[kind] = 1 / kind.sum()
    real = weights > 0
    with normed(model) as inputs:
        model(ids)
    out = {}
    for key, x in inputs.items():
        weighted = x[real] * weights[real][:, None]
        out[key] = torch.linalg.solve(regularised(weighted.T @ x[real], RIDGE), weighted.T @ targets[real]).T
    return out


@contextmanager
def normed(model: LanguageModel) -> Iterator[dict[tuple[int, str], Tensor]]:
    """What the forward passes inside give to the modules that read the residual stream, by block and norm."""
    out: dict[tuple[int, str], Tensor] = {}

    def keep(key: tuple[int, str]) -> Callable[[object, object, Tensor], None]:
        return lambda _module, _input, output: out.__setitem__(key, output)

    handles = [
        getattr(block, norm).register_forward_hook(keep((l, norm)))
        for l, block in enumerate(model.blocks)
        for norm in sorted(set(READERS.values()))
    ]
    try:
        yield out
    finally:
        for handle in handles:
            handle.remove()
