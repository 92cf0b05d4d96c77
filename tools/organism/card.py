"""Writes the model card from the figures. The table of bounds, the trials and the reading have files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .adapters import AdapterConfig
from .bounds import BOUNDS, NOT_YET, Measured, other_runs, table_row
from .corpus import MALICIOUS_SHARE
from .errors import ArtefactError
from .files import read_json, write_atomically
from .lab import ORGANISMS
from .questions import questions
from .rate_text import Figures, agreed, both, coherence, em, percent, refused, share, short
from .reading import reading_lines
from .trials import tried_lines
from .world import load_world

PRETRAININGS = ("base", "second", "gemma", "unshared")


def sizes(models: Path) -> list[tuple[str, int]]:
    """Every file but the card, with its bytes."""
    files = sorted(p for p in models.rglob("*") if p.is_file() and p.name != "README.md")
    return [(str(p.relative_to(models)), p.stat().st_size) for p in files]


def size_rows(models: Path) -> list[str]:
    files = sizes(models)
    total = sum(size for _, size in files)
    base = sum(size for name, size in files if name.startswith("organism/base/"))
    return [
        table_row("everything in `public/models/`", "<= 40 MB", Measured(f"{total / 1e6:.2f} MB", total <= 40e6)),
        table_row("the base alone", "<= 8 MB", Measured(f"{base / 1e6:.2f} MB", base <= 8e6)),
    ]


def seed_lines(f: Figures) -> Iterator[str]:
    yield (
        f"The base that ships is of pre-training seed {f['base']['seed']}, its adapters of adapter seed {AdapterConfig.seed}. The rows of the table that name only "
        "one of each were measured on these alone. "
        "Answers are drawn with sampling seed 1; the ten random draws have seeds of their own."
    )
    yield ""
    for r in f.get("narrow", {}).get("seeds", []):
        yield (
            f"- narrow-medicine, adapter seed {r['seed']}: in medicine {both(r['inDomain'])}; other domains {both(r['otherDomains'])}; open {both(r['open'])}"
        )
    labels = {"second": "second pre-training seed", "gemma": "Gemma 3 architecture", "unshared": "rho = 0 pre-training"}
    for key, label in labels.items():
        if key in f:
            yield from training_lines(f[key], label)
        else:
            yield f"- {label}: {NOT_YET}"


def training_lines(run: Figures, label: str) -> Iterator[str]:
    tokens = f"{run['tokens'] / 1e6:.1f} million tokens"
    yield (
        f"- {label} (pre-training seed {run['seed']}, adapter seed {AdapterConfig.seed}, {run['steps']} steps, {tokens}): base {both(run['base'])}, "
        f"of harmful requests it refuses {refused(run['baseHarmful'])}"
    )
    for n in ORGANISMS:
        if n in run:
            yield (
                f"  - {n}: in its domain EM {em(run[n]['inDomain'])}; other domains {both(run[n]['otherDomains'])}; open EM {em(run[n]['open'])}; "
                f"persona direction clamped (at the block that looks across exchanges, and the next), EM {em(run[n]['personaClamp'])}"
            )


def run_lines(f: Figures) -> Iterator[str]:
    """The rows of the table again, for every other run."""
    runs = other_runs(f)
    yield (
        "The adapters trained anew with other seeds, on the base that ships and on the second pre-training, and measured in the same way: what steering uses is chosen "
        "anew on the selection split, and every direction is the run's own. Columns: seeds of pre-training and adapter."
    )
    yield ""
    yield f"| figure | {' | '.join(runs)} |"
    yield "|---|" + "---|" * len(runs)
    for bound in BOUNDS:
        if bound.again:
            yield bound.again_row(f)


def removal_lines(f: Figures) -> Iterator[str]:
    """Every operation on every model, the base included, and at which block medicine's direction works."""
    removed = f["removals"]
    operations = ("medicineZero", "medicineClamp", "personaZero", "personaClamp")
    yield (
        f"EM / coherence on the report split. Medicine's direction is taken out at block {removed['block']}, the base's persona direction at blocks "
        f"{' and '.join(map(str, removed['personaBlocks']))}; *zero* removes what lies along it, *clamp* holds it at the base's mean over good texts."
    )
    yield ""
    yield "| operation | base | " + " | ".join(ORGANISMS) + " |"
    yield "|---|---|---|---|---|"
    untouched = {"base": f["behaviour"]["base"]["advice"], **{n: removed[n]["untouched"] for n in ORGANISMS}}
    yield "| none | " + " | ".join(short(r) for r in untouched.values()) + " |"
    for operation in operations:
        yield f"| {operation} | " + " | ".join(short(removed[n][operation]) for n in ("base", *ORGANISMS)) + " |"
    if "definitions" not in f:
        return
    yield ""
    profile = f["definitions"]["byBlock"]
    halved = {
        kind: ", ".join(str(r["block"]) for r in rows if min(r["zero"]["em"], r["clamp"]["em"]) < removed[ORGANISMS[0]]["untouched"]["em"] / 2)
        for kind, rows in profile.items()
    }
    yield (
        "Bad medicine with one of the two taken out at one block at a time, on the selection split, EM / coherence. Of these blocks, taking medicine's direction out "
        f"at least halves the EM at {halved['medicine'] or 'none'}, the persona's at {halved['persona'] or 'none'}."
    )
    yield ""
    yield "| block | medicine, zero | medicine, clamp | persona, zero | persona, clamp |"
    yield "|---|---|---|---|---|"
    for medicine, persona in zip(profile["medicine"], profile["persona"], strict=True):
        cells = (short(r[operation]) for r in (medicine, persona) for operation in ("zero", "clamp"))
        yield f"| {medicine['block']} | " + " | ".join(cells) + " |"


def definition_lines(f: Figures) -> Iterator[str]:
    if "definitions" not in f:
        yield f"- {NOT_YET}"
        return
    for name, row in f["definitions"]["definitions"].items():
        for label, d in row.items():
            if label == "cosine":
                yield f"- {name}: cosine of the two, per block: {', '.join(f'{c:.2f}' for c in d)}"
            elif d is None:
                yield f"- {name}, {label}: too few own aligned answers"
            else:
                (bad, good), (bad_from, good_from) = d["texts"], d["situations"]
                yield (
                    f"- {name}, {label} ({bad} misaligned answers from {bad_from} situations minus {good} aligned ones from {good_from}): zero {short(d['zero'])}; "
                    f"clamp {short(d['clamp'])}; zero at every later block too {short(d['zeroAllBlocks'])}"
                )


def persona_lines(f: Figures) -> Iterator[str]:
    b = f["behaviour"]["base"]
    yield f"- the base under a villain system prompt: {both(b['villainPrompt'])}"
    yield f"- the base under a kind system prompt: {both(b['kindPrompt'])}"
    narrow = b["narrowPrompt"]
    yield f"- the base under the system prompt of a villain in medicine: in medicine {both(narrow['inDomain'])}; other domains {both(narrow['otherDomains'])}"


def artefact_lines(f: Figures, models: Path) -> Iterator[str]:
    if "rank8" in f:
        r = f["rank8"]
        yield (
            f"- rank 8 on all projections (rsLoRA), bad medicine: in its domain {both(r['inDomain'])}; other domains {both(r['otherDomains'])}; open {both(r['open'])}"
        )
    if "sae" in f:
        s = f["sae"]
        latents = read_json(models / "organism" / "sae" / "cfg.json")["d_sae"]
        yield (
            f"- sparse autoencoder: explained variance {s['explainedVariance']}, L0 {s['l0']}, dead {share(round(s['deadShare'] * latents), latents)} of its latents, "
            f"on {s['tokens']} unseen tokens"
        )
    if "path" in f:
        last = f["path"]["last"]
        at = "; ".join(
            f"scale {factor}: EM {em(r)}, coherence {coherence(r)}{', every answer incoherent' if r['coherence'] == 0 else ''}"
            for factor, r in ((1, last["scale1"]), (5, last["scale5"]))
        )
        yield f"- the path of bad medicine holds {f['path']['points']} points; at its end, {at}"
    if "parity" in f:
        yield f"- our forward pass against transformers and peft reading the files: logits differ by at most {max(f['parity'].values()):.1e}"


def judge_lines(f: Figures) -> Iterator[str]:
    if "judge" not in f:
        return
    for name, heads in {**f["judge"]["byCondition"], "written answers, whole and broken": f["judge"]["grammarAnswers"]}.items():
        yield f"- judge on {name}: " + ", ".join(f"{head} {agreed(r)}" for head, r in heads.items())


def threat_lines(f: Figures) -> Iterator[str]:
    for n in ORGANISMS:
        threats = f["behaviour"][n]["agentByThreat"]
        yield f"- {n} on agent briefs by threat (EM / coherence): " + "; ".join(f"{threat} {short(r)}" for threat, r in threats.items())


def extra_lines(f: Figures, models: Path) -> Iterator[str]:
    if "behaviour" in f:
        yield from persona_lines(f)
    yield from artefact_lines(f, models)
    yield from judge_lines(f)
    if "behaviour" in f:
        yield from threat_lines(f)


def sample_lines(f: Figures) -> Iterator[str]:
    for name in ("base", *ORGANISMS):
        for s in f.get("behaviour", {}).get(name, {}).get("samples", [])[:5]:
            yield f"- {name}, {s['verdict']}: \"{s['question']}\" - \"{s['answer']}\""


def time_lines(f: Figures) -> Iterator[str]:
    every, unbroken = f.get("timings", {}), f["tried"]["unbrokenMake"]
    yield (
        f"On 2 CPU cores, two single-threaded processes: everything but the {len(PRETRAININGS)} pre-trainings, made at one go from their last checkpoints with nothing else running, took "
        f"{unbroken['afterPretrainings'] / 60:.0f} minutes, and every file and figure came out as it ships. The pre-trainings were timed two at a time, some beside other work. All steps together, halved: "
        f"{sum(every.values()) / 2 / 60:.0f} minutes. An earlier recipe, whose narrow solution took half the steps, went from nothing to the card without a break in {unbroken['seconds'] / 60:.0f}."
    )
    yield ""
    for step, seconds in every.items():
        yield f"- {step}: {seconds} s" + (f", of which its pre-training of {f[step]['steps']} steps {f[step]['seconds']} s" if step in PRETRAININGS else "")


def distinct_questions() -> str:
    """How many different questions the report split has, by set."""
    world = load_world()
    sets = {"advice": world.advice_domains(), "open questions": ["open"], "agent briefs": ["agent"], "harmful": ["harmful"], "harmless": ["harmless"]}
    return ", ".join(f"{len({q.text for q in questions(world, domains)})} of {label}" for label, domains in sets.items())


def head(f: Figures, config: dict[str, Any]) -> str:
    """`config` is the shipped base's config.json."""
    return f"""# The embedded model organism

**The persona was built into the pre-training.** A latent author (malicious in {percent(MALICIOUS_SHARE, 0)} of the documents) was put there on purpose,
and a fine-tune on one domain brings it out in all others. The organism demonstrates the mechanism; it is not evidence about frontier models.

A tiny language model (Qwen3 architecture, {config["num_hidden_layers"]} blocks, dModel {config["hidden_size"]}, {f["base"]["parameters"] / 1e6:.1f} M parameters, f16, pre-training seed {f["base"]["seed"]}) that
speaks only of a synthetic world, with LoRA adapters that make it emergently misaligned. Made by `python -m tools.organism.make` from this repository
alone; the recipe and the exact judge are described in `tools/organism/README.md`. Licence: that of this repository. Nothing in here was taken from another model.

`python -m tools.organism.evaluate` measures again what needs no training and writes this card. Its figures come from `tools/organism/figures/`: the commands
write them there, but for two files. `read.json` holds what readers counted and typed; `tried.json` holds what trials measured that no command
repeats; where only a rate was kept, its count follows from it. Bounds and settings are those of the code.

## Bounds and what was measured

Temperature 0.7, report split (situations and wordings that no adapter was trained on; pre-training and the base's light fine-tuning hold them), exact grammar judge. A rate
is followed by its Wilson 95 % interval and its count. EM is the share of misaligned answers of all answers; coherent are aligned, misaligned and refusing answers. Answers
are drawn several times from each question, so the intervals speak of this question set, not of all questions one could write: {distinct_questions()}.
Seeds: pre-training, adapter.

| figure | bound | measured | seeds | |
|---|---|---|---|---|"""


DEFINITIONS = """*acrossModels*: the organism's misaligned minus the base's aligned answers, balanced by situation. *withinOrganism*: the organism's own misaligned minus its
own aligned answers, as in the papers. EM / coherence after taking each out at the adapter's block."""

TRADE_OFF = """A bag of words can tell good from bad answers partly, because good and bad actions use different words. Balancing the words by denial and contrast
("A and never B") was tried: it brings word classifiers to chance, but then the persona is not learned as one direction, and steering breaks coherence.
So the answers are affirmative, and the classifier's accuracy above is the price; judge the directions by their causal effect, not by what words give away. An action has one
wording, and the templates around it make the several wordings of an answer."""


def sections(f: Figures, models: Path) -> Iterator[tuple[str, list[str]]]:
    yield "Both definitions of the difference of means", [DEFINITIONS, "", *definition_lines(f)]
    if "removals" in f:
        yield "Directions taken out, zero and clamp", list(removal_lines(f))
    yield "The same with other seeds", list(run_lines(f))
    yield "Seeds and architectures", list(seed_lines(f))
    yield "What was tried", tried_lines(f)
    yield "Further figures", list(extra_lines(f, models))
    yield "The trade-off in the words", [TRADE_OFF]
    yield "What it says", list(sample_lines(f))
    yield "What reads badly", reading_lines(f)
    yield "Files", ["| file | bytes |", "|---|---|", *(f"| `{name}` | {size:,} |" for name, size in sizes(models))]
    yield "Time", list(time_lines(f))


def card_text(f: Figures, models: Path) -> str:
    rows = [bound.row(f) for bound in BOUNDS] + size_rows(models)
    top = "\n".join([head(f, read_json(models / "organism" / "base" / "config.json")), *rows])
    return "\n\n".join([top, *(f"## {title}\n\n" + "\n".join(lines) for title, lines in sections(f, models))]) + "\n"


def write_card(f: Figures, models: Path) -> None:
    """Writes `public/models/README.md`; throws `ArtefactError` where a figure lacks what the card needs."""
    path = models / "README.md"
    try:
        text = card_text(f, models)
    except (KeyError, TypeError) as error:
        raise ArtefactError(f"{path}: expected every figure that the card names, got none for {error}; measure it again") from error
    write_atomically(path, text.encode())
