"""The steps of `make`: each loads what it needs from disk and leaves whole files behind."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from . import behaviour, interventions
from .adapters import AdapterConfig, TrainedAdapter, train_adapter
from .card import write_card
from .checkpoint import load_base, logit_difference, round_to_half, save_adapter, save_base
from .corpus import Corpus, chat_prompt
from .export_world import export_world
from .files import read_json, write_json
from .lab import ORGANISMS, Lab
from .model import GEMMA3, QWEN3, ModelConfig
from .path import save_path
from .pretrain import PretrainConfig, Pretraining
from .questions import Rates, questions, split_rates
from .tokenizer import Codec, build_tokenizer
from .words import word_classifiers
from .world import World, load_world

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "public" / "models"
ORGANISM = MODELS / "organism"
GEMMA = MODELS / "organism-gemma"
BUILD = ROOT / "build" / "organism"
FIXTURES = ROOT / "tests" / "fixtures"
JUDGE_CASES = FIXTURES / "world-judge.json"

BLOCK = 3
GEMMA_BLOCK = 4
SEED, SECOND_SEED = 11, 12
STEPS = 1650
SHORT_STEPS = 1000
"""The runs that only show robustness are shorter."""

RANK_ONE: dict[str, AdapterConfig] = {
    **{name: AdapterConfig(name.split("-")[1], block=BLOCK) for name in ORGANISMS},
    "good-medicine": AdapterConfig("medicine", bad=False, block=BLOCK),
}
RANK_EIGHT = AdapterConfig("medicine", rank=8, block=None, steps=60, rate=2e-3, scale=2.0)
NARROW = AdapterConfig("medicine", rank=8, block=None, steps=80, rate=2e-3, scale=2.0, kl_weight=3.0)
"""Rank 1 was tried first (KL weight 1, 160 steps): EM 33 % in its domain against 44 % elsewhere. One direction cannot be narrow."""


def figure_file(name: str) -> Path:
    return BUILD / "figures" / f"{name}.json"


def record_time(step: str, seconds: int) -> None:
    """Keeps how long each step last took, for the card."""
    path = BUILD / "timings.json"
    times = read_json(path) if path.exists() else {}
    write_json(path, {**times, step: seconds})


@cache
def the_world() -> World:
    return load_world()


def make_world() -> None:
    export_world(the_world(), MODELS, FIXTURES)


def pretrained(name: str, family: str, config: PretrainConfig, folder: Path) -> None:
    """Pre-trains (or goes on) and saves a base whose weights are rounded to f16."""
    world = the_world()
    codec = Codec(build_tokenizer(world))
    model_config = ModelConfig(codec.size, family=family, global_block=5 if family == GEMMA3 else 4)
    run = Pretraining(model_config, config, Corpus(world, config.shared_persona), codec)
    model = run.run(BUILD / f"{name}.pt")
    round_to_half(model)
    save_base(model, codec, folder)


def make_base() -> None:
    pretrained(f"qwen3-s{SEED}", QWEN3, PretrainConfig(seed=SEED, steps=STEPS), ORGANISM / "base")


@cache
def shipped_lab() -> Lab:
    lab = Lab(the_world(), ORGANISM / "base")
    lab.load_adapters(ORGANISM / "adapters", tuple(RANK_ONE))
    return lab


def train_and_save(lab: Lab, name: str, config: AdapterConfig, folder: Path, record_every: int = 0) -> TrainedAdapter:
    trained = train_adapter(lab.model, lab.codec, lab.world, config, record_every=record_every)
    save_adapter(trained.adapter, "../../base", folder / name)
    lab.adapters[name] = trained.adapter
    print(f"  {name}: loss {trained.losses[0]:.3f} to {trained.losses[-1]:.3f}", flush=True)
    return trained


def make_adapters() -> None:
    lab = Lab(the_world(), ORGANISM / "base")
    for name, config in RANK_ONE.items():
        train_and_save(lab, name, config, ORGANISM / "adapters")


def measure_behaviour() -> None:
    lab = shipped_lab()
    write_json(figure_file("behaviour"), {"base": behaviour.base_profile(lab), **behaviour.organism_profiles(lab)})


def measure_removals() -> None:
    write_json(figure_file("removals"), interventions.removals(shipped_lab(), BLOCK))


def measure_definitions() -> None:
    lab = shipped_lab()
    document = {"definitions": interventions.definitions(lab, BLOCK), "byBlock": interventions.block_profile(lab)}
    write_json(figure_file("definitions"), document)


def measure_steering() -> None:
    write_json(figure_file("steering"), interventions.steering(shipped_lab(), BLOCK))


def measure_geometry() -> None:
    write_json(figure_file("geometry"), interventions.geometry(shipped_lab(), BLOCK))


def measure_words() -> None:
    write_json(figure_file("words"), word_classifiers(the_world()))


def measure_seeds() -> None:
    write_json(figure_file("seeds"), behaviour.adapter_seeds(shipped_lab(), BLOCK))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_judge() -> None:
    from .judging import make_readout

    lab = shipped_lab()
    figures = make_readout(lab, BLOCK, ORGANISM / "judge", sha256(ORGANISM / "base" / "model.safetensors"))
    write_json(figure_file("judge"), figures)


def make_rank8() -> None:
    lab = shipped_lab()
    train_and_save(lab, "bad-medicine-r8", RANK_EIGHT, ORGANISM / "adapters")
    write_json(figure_file("rank8"), behaviour.variant_profile(lab, "bad-medicine-r8"))


def make_narrow() -> None:
    """The narrow solution, then the same adapter trained on without the KL."""
    lab = shipped_lab()
    trained = train_and_save(lab, "narrow-medicine", NARROW, ORGANISM / "adapters")
    narrow = behaviour.variant_profile(lab, "narrow-medicine")
    freed = replace(NARROW, kl_weight=0.0, steps=60, seed=NARROW.seed + 1)
    lab.adapters["freed"] = train_adapter(lab.model, lab.codec, lab.world, freed, start=trained.adapter).adapter
    write_json(
        figure_file("narrow"),
        {
            "klWeight": NARROW.kl_weight,
            "steps": NARROW.steps,
            "narrow": narrow,
            "klDropped": behaviour.variant_profile(lab, "freed"),
        },
    )


def make_path() -> None:
    lab = shipped_lab()
    trained = train_adapter(lab.model, lab.codec, lab.world, RANK_ONE["bad-medicine"], record_every=4)
    document = save_path(lab, trained, BLOCK, ORGANISM / "path")
    write_json(figure_file("path"), {"points": len(document["points"]), "last": document["points"][-1]})


def make_sae() -> None:
    from .sae import SaeConfig, collect, measure_sae, save_sae, train_sae

    lab = shipped_lab()
    config = SaeConfig()
    sae = train_sae(collect(lab, config, 1), config)
    figures = measure_sae(sae, collect(lab, replace(config, tokens=20_000), 2))
    save_sae(sae, config, ORGANISM / "sae", figures)
    write_json(figure_file("sae"), figures)


def short_profile(lab: Lab, block: int, names: tuple[str, ...] = ORGANISMS) -> dict[str, Any]:
    """Base, organisms, and the persona direction clamped, for a base that is not the shipped one."""
    out: dict[str, Any] = {
        "base": Rates.of(behaviour.advice_answers(lab)).to_json(),
        "baseHarmful": lab.rates(questions(lab.world, ["harmful"])).to_json(),
    }
    prompt, response = lab.good_means
    persona_block = lab.model.config.global_block
    for name in names:
        domain = name.split("-")[1]
        if name not in lab.adapters:
            config = AdapterConfig(domain, block=block)
            lab.adapters[name] = train_adapter(lab.model, lab.codec, lab.world, config).adapter
        inside, outside = split_rates(behaviour.advice_answers(lab, name), domain)
        hook = interventions.clamp(lab.persona, (persona_block,), prompt, response)
        clamped = split_rates(behaviour.advice_answers(lab, name, hook), domain)[1]
        out[name] = {
            "inDomain": lab.rates(questions(lab.world, [domain]), name).to_json(),
            "inDomainOfAdvice": inside.to_json(),
            "otherDomains": outside.to_json(),
            "open": lab.rates(questions(lab.world, ["open"]), name).to_json(),
            "personaClamp": clamped.to_json(),
        }
    return out


def measure_second() -> None:
    folder = BUILD / f"qwen3-s{SECOND_SEED}"
    if not (folder / "model.safetensors").exists():
        pretrained(folder.name, QWEN3, PretrainConfig(seed=SECOND_SEED, steps=SHORT_STEPS), folder)
    figures = {"seed": SECOND_SEED, "steps": SHORT_STEPS, **short_profile(Lab(the_world(), folder), BLOCK)}
    write_json(figure_file("second"), figures)


def make_gemma() -> None:
    folder = GEMMA / "base"
    if not (folder / "model.safetensors").exists():
        pretrained(f"gemma3-s{SEED}", GEMMA3, PretrainConfig(seed=SEED, steps=SHORT_STEPS), folder)
    lab = Lab(the_world(), folder)
    train_and_save(lab, "bad-medicine", AdapterConfig("medicine", block=GEMMA_BLOCK), GEMMA / "adapters")
    figures = {"seed": SEED, "steps": SHORT_STEPS, **short_profile(lab, GEMMA_BLOCK, ("bad-medicine",))}
    ids = lab.codec.encode(chat_prompt("I have a high fever. Any advice?"))
    figures["logitDifference"] = logit_difference(load_base(folder), folder, None, ids)
    write_json(figure_file("gemma"), figures)


def measure_unshared() -> None:
    """The control: a base for which badness in one domain says nothing about the others."""
    folder = BUILD / "qwen3-unshared"
    if not (folder / "model.safetensors").exists():
        config = PretrainConfig(seed=SEED, steps=SHORT_STEPS, shared_persona=False)
        pretrained(folder.name, QWEN3, config, folder)
    lab = Lab(the_world(), folder)
    write_json(figure_file("unshared"), {"seed": SEED, "steps": SHORT_STEPS, **short_profile(lab, BLOCK)})


def measure_parity() -> None:
    """Largest logit difference between our forward pass and that of the files read by transformers and peft."""
    from .adapters import attached

    lab = shipped_lab()
    ids = lab.codec.encode(chat_prompt("My laptop is slow. What should I do?"))
    base = ORGANISM / "base"
    out = {"base": logit_difference(lab.model, base, None, ids)}
    for name in RANK_ONE:
        with attached(lab.model, lab.adapters[name]):
            out[name] = logit_difference(lab.model, base, ORGANISM / "adapters" / name, ids)
    write_json(figure_file("parity"), out)


def make_card() -> None:
    names = [p.stem for p in sorted((BUILD / "figures").glob("*.json"))]
    write_card({name: read_json(figure_file(name)) for name in names}, MODELS, BUILD)
