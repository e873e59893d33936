"""Many ways to say one phrasing: frames, synonyms, carriers, contractions, telegram style, typos, case, punctuation.

Everything is drawn from the generator that is passed in, so one seed gives one corpus.
"""

import re

from synonyms import CARRIERS, CONTEXTS, CONTRACTIONS, DROPPABLE, FILLERS, FRAMES, GREETINGS, SYNONYMS, TAILS

KEYBOARD = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
QUESTION = re.compile(r"^(what|how|why|where|when|who|whos|which|is|are|do|does|can|could|will|would|may|should|am)\b")

_frames = [(re.compile(pattern), outs) for pattern, outs in FRAMES]
_groups = [(re.compile(r"\b(%s)\b" % "|".join(sorted(map(re.escape, g), key=len, reverse=True))), g) for g in SYNONYMS]


def reframe(text, rng):
    """Another sentence of the same meaning: "how do i X" becomes "is there a way to X"."""
    fitting = [(m, outs) for m, outs in ((p.match(text), outs) for p, outs in _frames) if m]
    if not fitting:
        return text
    match, outs = rng.choice(fitting)
    return match.expand(rng.choice(outs))


def swap_synonyms(text, rng, chance):
    for pattern, group in _groups:
        if rng.random() < chance:
            text = pattern.sub(lambda m: rng.choice(group), text, count=1)
    return text


def contract(text, rng):
    for full, short in CONTRACTIONS:
        if rng.random() < 0.5:
            text = re.sub(rf"\b{full}\b", rng.choice([short, short.replace("'", "")]), text)
    return text


def telegram(text, rng):
    """Leaves out the small words, as people do in a search box."""
    words = text.split()
    kept = [w for w in words if w not in DROPPABLE or rng.random() < 0.35]
    return " ".join(kept) if len(kept) > 1 else text


def misspell(word, rng):
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    row = next((r for r in KEYBOARD if word[at] in r), word[at])
    near = row[max(0, min(len(row) - 1, row.find(word[at]) + rng.choice((-1, 1))))]
    return word[:at] + near + word[at + 1 :]


def typos(text, rng):
    words = text.split(" ")
    long = [i for i, w in enumerate(words) if len(w) > 3 and w.isalpha()]
    if long:
        i = rng.choice(long)
        words[i] = misspell(words[i], rng)
    return " ".join(words)


def carry(text, rng):
    """A polite or chatty beginning, and sometimes an end."""
    if rng.random() < 0.35:
        text = rng.choice(CARRIERS) + " " + text
    elif rng.random() < 0.35:
        text = rng.choice(FILLERS) + rng.choice([" ", ", "]) + text
    if rng.random() < 0.2:
        text = rng.choice(GREETINGS) + rng.choice([" ", ", ", "! ", ". "]) + text
    if rng.random() < 0.2:
        text += rng.choice([" ", ", "]) + rng.choice(TAILS)
    if rng.random() < 0.12:
        text = rng.choice(CONTEXTS) + rng.choice([". ", ", ", " - ", "\n"]) + text
    return text


def finish(text, rng, question):
    style = rng.random()
    if style < 0.4:
        text = text[:1].upper() + text[1:]
        text = re.sub(r"\bi\b", "I", text)
        text = re.sub(r"\bskein\b", "Skein", text)
        text = re.sub(r"\b(gpu|vram|ram|pc|api|ip|llm|ai)\b", lambda m: m[0].upper(), text)
    elif style < 0.44:
        text = text.upper()
    if text[-1:] in "?!.":
        return text if rng.random() < 0.8 else text.rstrip("?!.")
    ends = ["?"] * 10 + ["", "", "", "", "??", " ?", "."] if question else ["", "", "", "", ".", ".", "!", "?"]
    return text + rng.choice(ends)


def variant(phrasing, rng):
    text, short = phrasing, len(phrasing.split()) <= 1
    if rng.random() < 0.45:
        text = reframe(text, rng)
    if rng.random() < 0.6:
        text = swap_synonyms(text, rng, 0.5)
    if rng.random() < 0.35:
        text = contract(text, rng)
    if rng.random() < 0.12:
        text = telegram(text, rng)
    question = bool(QUESTION.match(text)) or phrasing.endswith("?")
    if not short and rng.random() < 0.4:
        text = carry(text, rng)
    elif rng.random() < 0.06:
        text = rng.choice(["please ", "hey ", "ok ", "so ", "um "]) + text
    if rng.random() < 0.15:
        text = typos(text, rng)
    if rng.random() < 0.01:  # a question may be written on two lines
        text = text.replace(" ", "\n", rng.choice([1, 1, 2]))
    return finish(text, rng, question)


def variants(phrasing, count, rng):
    """The phrasing itself, and up to `count` different variants of it."""
    return list(dict.fromkeys([phrasing, *(variant(phrasing, rng) for _ in range(count))]))
