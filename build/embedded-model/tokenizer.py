"""Trains the tokenizer: SentencePiece BPE with byte fallback, the kind that llama.cpp calls "llama".

No normalisation and no dummy prefix, so that llama.cpp, which normalises nothing, splits any text the same way.

    python3 tokenizer.py --out FOLDER
"""

import argparse
import random
import tempfile
from pathlib import Path

import sentencepiece as spm

from corpus import held_out_keys, load_follow_ups, load_intents, plain
from out_of_scope import out_of_scope_questions
from paraphrase import variants
from phrasebook import expand, load_phrasebook

VOCAB = 2048
TURNS = ["<|system|>", "<|user|>", "<|assistant|>"]
END = "<|end|>"

# The layout of Phi-3, which llama.cpp recognises from these tokens: clients without Jinja format chats the same way.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>\n' + (message['content'] | trim) + '<|end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)


def training_lines(rng):
    held_out = held_out_keys()
    for intent in load_intents().values():
        for phrasing in intent["phrasings"]:
            yield from (v for v in variants(phrasing, 12, rng) if plain(v) not in held_out)
        for answer in intent["answers"]:
            yield from [answer] * 8
    for patterns in load_phrasebook().values():
        for pattern in patterns * 12:
            yield from (v for v in variants(expand(pattern, rng), 1, rng) if plain(v) not in held_out)
    for follow_up in load_follow_ups():
        yield from (v for v in variants(follow_up["phrasing"], 8, rng) if plain(v) not in held_out)
    yield from (q for q in out_of_scope_questions(2000, rng) if plain(q) not in held_out)


def train_tokenizer(folder):
    with tempfile.TemporaryDirectory() as scratch:
        lines = Path(scratch) / "lines.txt"
        lines.write_text("\n".join(training_lines(random.Random(1))), encoding="utf-8")
        spm.SentencePieceTrainer.train(
            input=str(lines),
            model_prefix=str(folder / "tokenizer"),
            model_type="bpe",
            vocab_size=VOCAB,
            byte_fallback=True,
            character_coverage=1.0,
            split_digits=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            add_dummy_prefix=False,
            control_symbols=TURNS,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            eos_piece=END,
            pad_id=-1,
            minloglevel=1,
        )


class Tokenizer:
    def __init__(self, folder):
        self.sp = spm.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
        self.bos, self.end = self.sp.bos_id(), self.sp.eos_id()
        self.newline = self.sp.piece_to_id("<0x0A>")
        self.role = {turn[2:-2]: self.sp.piece_to_id(turn) for turn in TURNS}

    def text(self, text, dropout=0.0):
        """With dropout, some merges are left out: the model then also knows words by their pieces, and reads typos."""
        if dropout == 0:
            return self.sp.encode(text)
        return self.sp.encode(text, enable_sampling=True, alpha=dropout, nbest_size=-1)

    def turn(self, role, text, dropout=0.0):
        return [*self.opening(role), *self.text(text, dropout), self.end, self.newline]

    def opening(self, role):
        return [self.role[role], self.newline]

    def prompt(self, turns):
        """What the chat template makes of (role, text) turns, ready for the answer."""
        tokens = [self.bos]
        for role, text in turns:
            tokens += self.turn(role, text)
        return tokens + self.opening("assistant")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    train_tokenizer(folder)
    print(Tokenizer(folder).text("Hello! What is Skein?"))
