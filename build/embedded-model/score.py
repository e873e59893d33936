"""When an answer counts as right: it says an accepted answer of the intent, up to a few words."""

from collections import Counter

from corpus import load_intents, plain

ENOUGH = 0.85


def overlap(a, b):
    """F1 of the words of two texts."""
    a, b = Counter(plain(a).split()), Counter(plain(b).split())
    shared = sum((a & b).values())
    return 2 * shared / max(1, sum(a.values()) + sum(b.values()))


def accuracy(items, texts):
    """The share of (intent, phrasing) items answered right, and the wrong ones with their answers."""
    intents = load_intents()
    wrong = [
        (name, phrasing, text)
        for (name, phrasing), text in zip(items, texts)
        if max(overlap(text, answer) for answer in intents[name]["answers"]) < ENOUGH
    ]
    return 1 - len(wrong) / len(items), wrong
