"""Writes what the Python model makes of texts and chats, for `evaluate.mjs --reference` to compare llama.cpp with.

    python3 reference.py --from FOLDER --to FILE
"""

import argparse
import json
import random
from pathlib import Path

import torch

from corpus import load_follow_ups, load_held_out, load_intents
from model import Config, Tiny, greedy
from paraphrase import variant
from tokenizer import Tokenizer

ODD_TEXTS = [
    "", " ", "  two  spaces ", "line\nbreaks\n\nand\ttabs", "naïve café, Größe, 日本語, emoji 🙂", "<|end|> is text",
    "CAPITALS AND 1234567890", "https://example.org/a?b=c&d=%20", "don't  stop", "▁ and ▁▁", "x" * 40,
]  # fmt: skip


def load_model(folder):
    state = torch.load(folder / "checkpoint.pt", map_location="cpu")
    model = Tiny(Config(**state["config"]))
    model.load_state_dict(state["model"])
    return model.eval()


def chats(intents, rng):
    """Single questions of the dev set, and two-turn chats with and without a system prompt."""
    for item in load_held_out("dev"):
        yield [("user", item["phrasing"])]
    for i, item in enumerate(load_follow_ups()):
        first = intents[item["first"]]
        system = [("system", "You are a helpful assistant.")] if i % 2 else []
        yield [
            *system,
            ("user", first["phrasings"][0]),
            ("assistant", first["answers"][0]),
            ("user", variant(item["phrasing"], rng)),
        ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    args = parser.parse_args()
    rng, intents = random.Random(5), load_intents()
    tokenizer, model = Tokenizer(args.source), load_model(args.source)

    texts = [variant(p, rng) for i in intents.values() for p in rng.sample(i["phrasings"], 3)]
    texts += [a for i in intents.values() for a in i["answers"]]
    dialogues = list(chats(intents, rng))
    prompts = [tokenizer.prompt(turns) for turns in dialogues]
    answers = [tokenizer.sp.decode(tokens) for tokens in greedy(model, prompts, tokenizer.end)]
    reference = {
        "texts": [{"text": t, "tokens": tokenizer.text(t)} for t in texts + ODD_TEXTS],
        "dialogues": [
            {"messages": [{"role": r, "content": c} for r, c in turns], "prompt": prompt, "answer": answer}
            for turns, prompt, answer in zip(dialogues, prompts, answers)
        ],
    }
    args.to.write_text(json.dumps(reference), encoding="utf-8")


if __name__ == "__main__":
    main()
