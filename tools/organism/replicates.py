"""The same organisms of another run (adapter seed or pre-training): trained anew, and everything measured that one run cannot vouch for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import behaviour, interventions
from .adapters import AdapterConfig, train_adapter
from .lab import Lab


def replicate(lab: Lab, configs: Mapping[str, AdapterConfig], seed: int, block: int, with_base: bool) -> dict[str, Any]:
    """The adapters of `configs` with another seed, left in the lab; its figures are those of the shipped ones, by the same names.

    `with_base` measures the base too, where it is another one than what ships.
    """
    for name, config in configs.items():
        lab.adapters[name] = train_adapter(lab.model, lab.codec, lab.world, replace(config, seed=seed)).adapter
    said = behaviour.organism_profiles(lab)
    if with_base:
        said = {"base": behaviour.base_profile(lab), **said}
    figures = {
        "behaviour": said,
        "removals": interventions.removals(lab, block),
        "steering": interventions.steering(lab, block),
        "geometry": interventions.geometry(lab, block),
    }
    return {"seed": seed, **without_samples(figures)}


def without_samples(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures without the answers to look at, which the card shows of what ships alone."""
    return {key: without_samples(value) if isinstance(value, dict) else value for key, value in figures.items() if key != "samples"}
