"""Reads the corpus, and keeps the held-out phrasings out of training."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent / "corpus"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def plain(text):
    """What makes two phrasings the same one: letters and digits only, no case, single spaces."""
    return " ".join(re.sub(r"[^a-z0-9 ]+", "", text.lower().replace("-", " ")).split())


def load_intents():
    """Every intent as {id, answers, phrasings}; the parts of an intent that spans files are joined."""
    intents = {}
    for path in sorted(ROOT.glob("*.json")):
        if path.name == "follow-ups.json":
            continue
        for part in read(path):
            intent = intents.setdefault(part["id"], {"id": part["id"], "answers": [], "phrasings": []})
            intent["answers"] += [a for a in part["answers"] if a not in intent["answers"]]
            intent["phrasings"] += part["phrasings"]
    return intents


def load_follow_ups():
    """Second questions, as {first, phrasing, answer}: after intent `first` it means what intent `answer` answers."""
    path = ROOT / "follow-ups.json"
    return read(path) if path.exists() else []


def load_held_out(name):
    path = ROOT / "held-out" / f"{name}.json"
    return read(path) if path.exists() else []


def held_out_keys():
    """The plain forms that no training example may have."""
    return {plain(item["phrasing"]) for name in ("dev", "test") for item in load_held_out(name)}


def assert_held_out(intents, follow_ups):
    phrasings = [p for i in intents.values() for p in i["phrasings"]] + [f["phrasing"] for f in follow_ups]
    keys = held_out_keys()
    shared = [p for p in phrasings if plain(p) in keys]
    assert not shared, f"held-out phrasings in the training corpus: {shared}"
