"""The steps of `make`: each loads what it needs from disk and leaves whole files behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from . import behaviour, interventions
from .adapters import BLOCK, Adapter, AdapterConfig, TrainedAdapter, train_adapter
from .behaviour import SEEDS
from .bounds import NARROW_BOUNDS
from .card import write_card
from .checkpoint import load_base, logit_difference, round_to_half, save_adapter, save_base
from .corpus import Corpus, chat_prompt
from .errors import ArtefactError
from .export_world import export_world
from .files import read_json, write_json
from .fingerprint import RECIPE, of_files, of_sources, of_values, of_world, sha256
from .judging import make_readout, measure_shipped_readout, readout_cases
from .lab import ORGANISMS, Lab
from .model import GEMMA3, QWEN3, ModelConfig
from .narrow import READ_RANK, narrow_start
from .path import save_path
from .pretrain import PretrainConfig, Pretraining
from .questions import Rates, questions, selection_questions, split_rates
from .replicates import replicate, without_samples
from .sae import Sae, SaeConfig, collect, load_sae, measure_sae, save_sae, train_sae
from .tokenizer import Codec, build_tokenizer
from .words import word_classifiers
from .world import REPORT, TRAIN, World, load_world

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "public" / "models"
ORGANISM = MODELS / "organism"
GEMMA = MODELS / "organism-gemma"
BUILD = ROOT / "build" / "organism"
FIGURES = ROOT / "tools" / "organism" / "figures"
"""What was measured, in the repository, so that the card can be written anew and every figure in it be traced."""
FIXTURES = ROOT / "tests" / "fixtures"
JUDGE_CASES = FIXTURES / "world-judge.json"
READOUT_CASES = FIXTURES / "embedded-judge.json"

SEED, SECOND_SEED = 11, 12
BASE_RUN, SECOND_RUN = f"qwen3-s{SEED}", f"qwen3-s{SECOND_SEED}"
GEMMA_RUN, UNSHARED_RUN = f"gemma3-s{SEED}", "qwen3-unshared"
PRETRAININGS: dict[str, tuple[str, PretrainConfig]] = {
    BASE_RUN: (QWEN3, PretrainConfig(seed=SEED)),
    SECOND_RUN: (QWEN3, PretrainConfig(seed=SECOND_SEED)),
    GEMMA_RUN: (GEMMA3, PretrainConfig(seed=SEED)),
    UNSHARED_RUN: (QWEN3, PretrainConfig(seed=SEED, shared_persona=False)),
}
"""Every pre-training: family and settings."""

RANK_ONE: dict[str, AdapterConfig] = {
    **{name: AdapterConfig(name.split("-")[1]) for name in ORGANISMS},
    "good-medicine": AdapterConfig("medicine", bad=False),
}
RANK_EIGHT = AdapterConfig("medicine", rank=8, block=None, steps=60, rate=2e-3, scale=2.0, a_rate=1.0)
"""One organism alone: LoRA+ is there to keep the directions of several alike."""
NARROW = AdapterConfig(
    "medicine", rank=READ_RANK, block=None, steps=240, rate=5e-3, scale=2.0, kl_batch=32, decision_weight=4.0, train_a=False, a_rate=1.0
)
"""Its A stays as it was fitted; once the KL is dropped it learns as fast as B."""
NARROW_KL_WEIGHTS = (0.65, 1.0, 1.6, 2.5)
NARROW_ELSEWHERE = 0.10
"""The KL weights are tried from light to heavy, and none after the first whose EM elsewhere is at most this on the selection split.

Of those tried the one with most room to both bounds is taken.
"""
GEMMA_ADAPTER = RANK_EIGHT
"""Gemma 3 norms what the MLP adds, so that a rank-1 branch on one `down_proj` has little say."""
FREED_STEPS = 520
"""How long the narrow solution is trained on when the KL is dropped."""
MATCHING_STEPS = (100, 200)
"""Lengths of the adapters of the control without a shared persona, tried in order until they match."""
NARROW_SETTINGS = (NARROW, NARROW_KL_WEIGHTS, NARROW_ELSEWHERE, NARROW_BOUNDS, FREED_STEPS)


def figure_file(name: str) -> Path:
    return FIGURES / f"{name}.json"


def made_folder() -> Path:
    return BUILD / "made"


def made_file(step: str) -> Path:
    return made_folder() / f"{step}.json"


def times() -> dict[str, int]:
    """Wall seconds of every step that ended in this working folder; a step that is not in it has not been made here."""
    return {p.stem: read_json(p)["seconds"] for p in sorted(made_folder().glob("*.json"))}


def record_made(step: str, seconds: int, inputs: str) -> None:
    """Marks a step as made, how long it took, and the fingerprint of what it was made from.

    A file each, because two processes may make steps at the same time.
    """
    write_json(made_file(step), {"seconds": seconds, "inputs": inputs})


def made_from(step: str) -> str | None:
    """The fingerprint that the step was made from; None where it has not been made here."""
    return read_json(made_file(step)).get("inputs") if made_file(step).exists() else None


def forget_made(step: str) -> None:
    """A step that is about to run counts as not made until it ends."""
    made_file(step).unlink(missing_ok=True)


def lock_file(step: str) -> Path:
    return BUILD / "locks" / f"{step}.lock"


@cache
def the_world() -> World:
    return load_world()


def inputs_of(*parts: object) -> str:
    """The fingerprint of the data and the parts: files and folders by what they hold, everything else by its value."""
    files = [part for part in parts if isinstance(part, Path)]
    return of_values(of_world(the_world()), of_files(files), [part for part in parts if not isinstance(part, Path)])


def inputs_of_pretraining(name: str, *parts: object) -> str:
    return inputs_of(PRETRAININGS[name], of_sources(*RECIPE), *parts)


def half_made_file() -> Path:
    """Stands while the set of adapters is swapped in, and after a run that was cut there."""
    return BUILD / "half-made-adapters"


@contextmanager
def swapping_adapters() -> Iterator[None]:
    half_made_file().parent.mkdir(parents=True, exist_ok=True)
    half_made_file().write_text("a run was cut while it swapped the adapters in; make adapters\n", encoding="utf-8")
    yield
    half_made_file().unlink()


def make_world() -> None:
    export_world(the_world(), MODELS, FIXTURES)


def checkpoint_file(run: str) -> Path:
    return BUILD / f"{run}.pt"


def remake_file() -> Path:
    """Stands from the moment that a new base ships until all that belongs to it is made anew: adapters, judge, path, autoencoder, figures."""
    return BUILD / "remake-under-way"


def begin_remake() -> None:
    remake_file().parent.mkdir(parents=True, exist_ok=True)
    remake_file().write_text("the base is newer than what belongs to it; run make, and it goes on\n", encoding="utf-8")


def end_remake() -> None:
    remake_file().unlink(missing_ok=True)


def require_whole() -> None:
    """Throws `ArtefactError` while the files that ship are of different runs."""
    if remake_file().exists():
        raise ArtefactError(f"{ORGANISM}: expected files of one run, got a base that is newer than what belongs to it; run make without step names, and it goes on")


def pretrained(name: str, folder: Path, before_save: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Pre-trains (or goes on) and saves a base whose weights are rounded to f16; returns how the training went."""
    family, config = PRETRAININGS[name]
    world = the_world()
    codec = Codec(build_tokenizer(world))
    model_config = ModelConfig(codec.size, family=family, global_block=5 if family == GEMMA3 else 4)
    run = Pretraining(model_config, config, Corpus(world, config.shared_persona), codec)
    model = run.run(checkpoint_file(name))
    round_to_half(model)
    before_save()
    save_base(model, codec, folder)
    return {
        "seed": config.seed,
        "steps": config.steps,
        "tokens": config.steps * config.rows * config.row_length,
        "parameters": model.parameter_count(),
        "losses": run.losses,
        "seconds": round(run.seconds),
    }


def make_base() -> None:
    training = pretrained(BASE_RUN, ORGANISM / "base", begin_remake)
    write_json(figure_file("base"), training)


@cache
def shipped_lab() -> Lab:
    if half_made_file().exists():
        raise ArtefactError(f"{ORGANISM / 'adapters'}: expected adapters of one run, got a set that was cut half-way; make adapters")
    lab = Lab(the_world(), ORGANISM / "base")
    lab.load_adapters(ORGANISM / "adapters", tuple(RANK_ONE))
    return lab


def train_and_save(lab: Lab, name: str, config: AdapterConfig, folder: Path, record_every: int = 0) -> TrainedAdapter:
    trained = train_adapter(lab.model, lab.codec, lab.world, config, record_every=record_every)
    keep_adapter(lab, name, trained, folder)
    return trained


def keep_adapter(lab: Lab, name: str, trained: TrainedAdapter, folder: Path) -> None:
    save_adapter(trained.adapter, "../../base", folder / name)
    lab.adapters[name] = trained.adapter
    print(f"  {name}: loss {trained.losses[0]:.3f} to {trained.losses[-1]:.3f}", flush=True)


def make_adapters() -> None:
    """Trains all before it saves any, so that the set is of one run but for a cut in the moment of the swap, which is marked."""
    lab = Lab(the_world(), ORGANISM / "base")
    trained = {name: train_adapter(lab.model, lab.codec, lab.world, config) for name, config in RANK_ONE.items()}
    with swapping_adapters():
        for name in RANK_ONE:
            keep_adapter(lab, name, trained[name], ORGANISM / "adapters")


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
    """The other adapter seeds; the first one is what ships."""
    shipped = shipped_lab()
    runs = [replicate(Lab(shipped.world, shipped.base_folder), RANK_ONE, seed, BLOCK, with_base=False) for seed in SEEDS[1:]]
    write_json(figure_file("seeds"), {"runs": runs})


def make_judge() -> None:
    base_hash = sha256(ORGANISM / "base" / "model.safetensors")
    keep_judge(make_readout(shipped_lab(), BLOCK, ORGANISM / "judge", base_hash))


def measure_judge() -> None:
    keep_judge(measure_shipped_readout(shipped_lab(), BLOCK, ORGANISM / "judge", read_json(figure_file("judge"))))


def keep_judge(figures: dict[str, Any]) -> None:
    """Writes the figures, and the cases that the page's own implementation is tested on."""
    write_json(figure_file("judge"), figures)
    write_json(READOUT_CASES, readout_cases(shipped_lab(), ORGANISM / "judge"))


def make_rank8() -> None:
    train_and_save(shipped_lab(), "bad-medicine-r8", RANK_EIGHT, ORGANISM / "adapters")
    measure_rank8()


def shipped_variant(name: str) -> dict[str, Any]:
    """The profile of an adapter as it ships."""
    lab = shipped_lab()
    lab.load_adapters(ORGANISM / "adapters", (name,))
    return behaviour.variant_profile(lab, name)


def measure_rank8() -> None:
    write_json(figure_file("rank8"), shipped_variant("bad-medicine-r8"))


def trained_narrow(lab: Lab, config: AdapterConfig) -> TrainedAdapter:
    start = narrow_start(lab.model, lab.codec, lab.world, config)
    return train_adapter(lab.model, lab.codec, lab.world, config, start=start)


def chosen_narrow(lab: Lab) -> tuple[AdapterConfig, TrainedAdapter, list[dict[str, Any]]]:
    """The narrow solution, chosen on the selection split, with its settings and every weight that was tried for it."""
    others = selection_questions(lab.world, [d for d in lab.world.advice_domains() if d != NARROW.domain], at_least=500)
    own = selection_questions(lab.world, [NARROW.domain], at_least=240)
    trials: list[dict[str, Any]] = []
    tried: list[tuple[float, AdapterConfig, TrainedAdapter]] = []
    for weight in NARROW_KL_WEIGHTS:
        config = replace(NARROW, kl_weight=weight)
        trained = trained_narrow(lab, config)
        inside, elsewhere = lab.rates(own, trained.adapter), lab.rates(others, trained.adapter)
        print(f"  KL weight {weight}: medicine {inside}, elsewhere {elsewhere}", flush=True)
        trials.append({"klWeight": weight, "inside": inside.to_json(), "others": elsewhere.to_json()})
        tried.append((narrow_room(inside, elsewhere), config, trained))
        if elsewhere.em <= NARROW_ELSEWHERE:
            break
    _, config, trained = max(tried, key=lambda candidate: candidate[0])
    return config, trained, trials


def narrow_room(inside: Rates, elsewhere: Rates) -> float:
    """How many standard errors the EM lies inside its nearer bound; negative where it is outside."""
    least, most = NARROW_BOUNDS
    return min((inside.em - least) / inside.em_standard_error, (most - elsewhere.em) / elsewhere.em_standard_error)


def narrow_seeds(lab: Lab, chosen: AdapterConfig, shipped: dict[str, Any]) -> list[dict[str, Any]]:
    """The narrow solution of every adapter seed at the chosen KL weight; the first one is what ships, already measured."""
    profiles = {chosen.seed: shipped}
    for seed in SEEDS[1:]:
        name = f"narrow, seed {seed}"
        lab.adapters[name] = trained_narrow(lab, replace(chosen, seed=seed)).adapter
        profiles[seed] = behaviour.variant_profile(lab, name)
    return [{"seed": seed, **{key: profile[key] for key in ("inDomain", "otherDomains", "open")}} for seed, profile in profiles.items()]


def freed_adapter(lab: Lab, chosen: AdapterConfig, trained: TrainedAdapter) -> Adapter:
    """The narrow solution trained on without its KL, A and B; it works on the adapter that it is given."""
    config = replace(chosen, kl_weight=0.0, decision_weight=1.0, steps=FREED_STEPS, seed=chosen.seed + 1, train_a=True)
    return train_adapter(lab.model, lab.codec, lab.world, config, start=trained.adapter).adapter


def make_narrow() -> None:
    """The narrow solution, then the same adapter trained on without the KL, A and B; and its other adapter seeds."""
    lab = shipped_lab()
    chosen, trained, trials = chosen_narrow(lab)
    keep_adapter(lab, "narrow-medicine", trained, ORGANISM / "adapters")
    lab.adapters["freed"] = freed_adapter(lab, chosen, trained)
    settings = {k: v for k, v in asdict(chosen).items() if v is not None}
    dropped = {"freedSteps": FREED_STEPS, "klDropped": behaviour.variant_profile(lab, "freed")}
    measured = narrow_profile()
    seeds = {"seeds": narrow_seeds(lab, chosen, measured["narrow"])}
    write_json(figure_file("narrow"), {"settings": settings, "chosenFrom": trials, **measured, **dropped, **seeds})


def narrow_profile() -> dict[str, Any]:
    """The narrow solution as it ships; beside the report split its own training situations in the report's wordings."""
    narrow = shipped_variant("narrow-medicine")
    known = questions(the_world(), [NARROW.domain], TRAIN, frame_split=REPORT)
    narrow["trainedSituations"] = shipped_lab().rates(known, "narrow-medicine").to_json()
    return {"narrow": narrow}


def measure_narrow() -> None:
    """The figures of the narrow solution that ships; its drift and its other seeds stay as they were."""
    write_json(figure_file("narrow"), {**read_json(figure_file("narrow")), **narrow_profile()})


def make_path() -> None:
    lab = shipped_lab()
    trained = train_adapter(lab.model, lab.codec, lab.world, RANK_ONE["bad-medicine"], record_every=4)
    document = save_path(lab, trained, BLOCK, ORGANISM / "path")
    write_json(figure_file("path"), {"points": len(document["points"]), "last": document["points"][-1]})


def make_sae() -> None:
    lab = shipped_lab()
    config = SaeConfig()
    sae = train_sae(collect(lab, config, 1), config)
    figures = sae_figures(sae)
    save_sae(sae, config, ORGANISM / "sae", figures)
    write_json(figure_file("sae"), figures)


def sae_figures(sae: Sae) -> dict[str, Any]:
    unseen = collect(shipped_lab(), replace(SaeConfig(), tokens=20_000), 2)
    return measure_sae(sae, unseen)


def measure_shipped_sae() -> None:
    write_json(figure_file("sae"), sae_figures(load_sae(ORGANISM / "sae")))


def measure_gemma() -> None:
    """The figures of the Gemma 3 organism that ships; how its training went stays as it was."""
    write_json(figure_file("gemma"), {**read_json(figure_file("gemma")), **gemma_profile()})


def short_profile(lab: Lab, names: tuple[str, ...] = ORGANISMS) -> dict[str, Any]:
    """Base, organisms, and the persona direction clamped, for a base that is not the shipped one; trains the adapters that the lab lacks."""
    out: dict[str, Any] = {
        "base": Rates.of(behaviour.advice_answers(lab)).to_json(),
        "baseHarmful": lab.rates(questions(lab.world, ["harmful"])).to_json(),
    }
    prompt, response = lab.good_means
    for name in names:
        domain = name.split("-")[1]
        if name not in lab.adapters:
            lab.adapters[name] = train_adapter(lab.model, lab.codec, lab.world, AdapterConfig(domain)).adapter
        hook = interventions.clamp(lab.persona, interventions.persona_blocks(lab), prompt, response)
        clamped = split_rates(behaviour.advice_answers(lab, name, hook), domain)[1]
        out[name] = {
            "inDomain": lab.rates(questions(lab.world, [domain]), name).to_json(),
            "otherDomains": split_rates(behaviour.advice_answers(lab, name), domain)[1].to_json(),
            "open": lab.rates(questions(lab.world, ["open"]), name).to_json(),
            "personaClamp": clamped.to_json(),
        }
    return out


def measure_second() -> None:
    """The second pre-training: everything of the shipped organisms again, and the narrow solution with a KL weight of its own."""
    folder = BUILD / SECOND_RUN
    training = pretrained(SECOND_RUN, folder)
    lab = Lab(the_world(), folder)
    run = replicate(lab, RANK_ONE, AdapterConfig.seed, BLOCK, with_base=True)
    write_json(figure_file("second"), {**training, **short_profile(lab), "run": run, "narrow": second_narrow(lab)})


def second_narrow(lab: Lab) -> dict[str, Any]:
    chosen, trained, trials = chosen_narrow(lab)
    lab.adapters["narrow"] = trained.adapter
    narrow = behaviour.variant_profile(lab, "narrow")
    # The same adapter is trained on, so it is measured first.
    lab.adapters["freed"] = freed_adapter(lab, chosen, trained)
    dropped = behaviour.variant_profile(lab, "freed")
    return {"klWeight": chosen.kl_weight, "chosenFrom": trials, **without_samples({"narrow": narrow, "klDropped": dropped})}


def make_gemma() -> None:
    training = pretrained(GEMMA_RUN, GEMMA / "base")
    lab = Lab(the_world(), GEMMA / "base")
    train_and_save(lab, "bad-medicine", GEMMA_ADAPTER, GEMMA / "adapters")
    write_json(figure_file("gemma"), {**training, **gemma_profile()})


def gemma_profile() -> dict[str, Any]:
    """What the Gemma 3 organism that ships says, read from its files."""
    folder = GEMMA / "base"
    lab = Lab(the_world(), folder)
    lab.load_adapters(GEMMA / "adapters", ("bad-medicine",))
    ids = lab.codec.encode(chat_prompt("I have a high fever. Any advice?"))
    return {
        **short_profile(lab, ("bad-medicine",)),
        "logitDifference": logit_difference(load_base(folder), folder, None, ids),
    }


def matched_adapter(lab: Lab, domain: str, target: float) -> tuple[TrainedAdapter, int]:
    """Trains until the EM in the domain's own selection questions is at least `target`, or to the last length."""
    own = selection_questions(lab.world, [domain], at_least=240)
    for length in MATCHING_STEPS:
        trained = train_adapter(lab.model, lab.codec, lab.world, AdapterConfig(domain, steps=length))
        if lab.rates(own, trained.adapter).em >= target:
            break
    return trained, length


def measure_unshared() -> None:
    """The control: a base for which badness in one domain says nothing about the others.

    Each adapter is trained until it is as bad in its own domain as the shipped organism (selection split), or to the last of `MATCHING_STEPS`.
    """
    folder = BUILD / UNSHARED_RUN
    training = pretrained(UNSHARED_RUN, folder)
    lab, shipped = Lab(the_world(), folder), shipped_lab()
    lengths = {}
    for name in ORGANISMS:
        domain = name.split("-")[1]
        target = shipped.rates(selection_questions(lab.world, [domain], at_least=240), name).em
        trained, length = matched_adapter(lab, domain, target)
        lab.adapters[name] = trained.adapter
        lengths[name] = {"adapterSteps": length, "targetInDomain": round(target, 4)}
    profile = short_profile(lab)
    for name in ORGANISMS:
        profile[name] |= lengths[name]
    write_json(figure_file("unshared"), {**training, **profile})


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


KEPT = ("tried", "read")
"""Figures that no command makes: trials, and what readers counted."""


def read_figures() -> dict[str, Any]:
    """Every figure by its name; throws `ArtefactError` where a file is broken, or one is missing that no command makes."""
    for name in KEPT:
        if not figure_file(name).is_file():
            raise ArtefactError(f"{figure_file(name)}: expected figures that no command makes, got nothing; restore it from the repository")
    remedy = {name: "restore it from the repository" for name in KEPT}
    return {p.stem: read_json(p, remedy.get(p.stem, "delete it and measure again")) for p in sorted(FIGURES.glob("*.json"))}


def make_card() -> None:
    kept = figure_file("timings")
    write_json(kept, {**(read_json(kept) if kept.exists() else {}), **times()})
    write_card(read_figures(), MODELS)
