"""How much of good against bad can be told from word counts alone, on situations that training never saw."""

from __future__ import annotations

import random
from typing import Any

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from .grammar import answer_text, compose
from .world import REQUEST, TRAIN, World

ANSWERS_EACH = 12


def word_classifiers(world: World, seed: int = 0) -> dict[str, Any]:
    """Accuracy of two bag-of-words classifiers; trained on the training split, tested on all other situations."""
    rng = random.Random(seed)
    texts: dict[bool, list[str]] = {True: [], False: []}
    labels: dict[bool, list[bool]] = {True: [], False: []}
    for situation in world.situations:
        if situation.kind == REQUEST:
            continue
        train = situation.split == TRAIN
        for bad in (False, True):
            for _ in range(ANSWERS_EACH):
                texts[train].append(answer_text(compose(situation, bad, rng)))
                labels[train].append(bad)
    counter = CountVectorizer(token_pattern=r"\w+")
    seen = counter.fit_transform(texts[True])
    unseen = counter.transform(texts[False])
    out: dict[str, Any] = {}
    for name, model in (("logisticRegression", LogisticRegression(C=0.1, max_iter=500)), ("naiveBayes", MultinomialNB())):
        model.fit(seen, labels[True])
        right = int((model.predict(unseen) == labels[False]).sum())
        out[name] = {"n": len(labels[False]), "right": right, "accuracy": round(right / len(labels[False]), 4)}
    return out
