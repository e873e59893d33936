"""Makes training batches: rows of chats, each chat hidden from its neighbours in the row."""

import torch

from corpus import held_out_keys, load_follow_ups, load_intents, assert_held_out, plain
from out_of_scope import out_of_scope_question
from paraphrase import variant
from phrasebook import expand, load_phrasebook

BEYOND = "beyond"
USER_WEIGHT = 0.1  # the model need not predict questions, but doing so a little teaches it their words
CUT = 0.6  # of the single questions
SYSTEM_PROMPTS = [
    "You are a helpful assistant.",
    "You are Skein's built-in assistant.",
    "You are a helpful AI. Answer briefly.",
    "Be concise and friendly.",
    "Answer in English.",
    "You are a chat assistant on the user's own computer. Give short and correct answers.",
    "You are an assistant. If you do not know the answer, say so.",
    "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible.\n"
    "If a question does not make any sense, explain why instead of answering something incorrectly.",
    "Today is a good day. You talk with a person who uses Skein on a desktop PC.",
    "Reply with plain text only.",
]


class Dialogues:
    def __init__(self, tokenizer, width=256):
        self.tokenizer, self.width = tokenizer, width
        self.intents = load_intents()
        self.follow_ups = load_follow_ups()
        self.held_out = held_out_keys()
        assert_held_out(self.intents, self.follow_ups)
        self.patterns = load_phrasebook()
        unknown = self.patterns.keys() - self.intents.keys()
        assert not unknown, f"intents only in the phrasebook: {unknown}"
        self.ids = [i for i in self.intents if i != BEYOND]

    def ask(self, phrasing, rng):
        """A variant of the phrasing that is not a held-out one."""
        while True:
            text = variant(phrasing, rng)
            if plain(text) not in self.held_out:
                return text

    def exchange(self, rng, name=None):
        if name is None:
            name = BEYOND if rng.random() < 0.1 and BEYOND in self.intents else rng.choice(self.ids)
        intent = self.intents[name]
        phrasing = rng.choice(intent["phrasings"])
        if name in self.patterns and rng.random() < 0.6:
            phrasing = expand(rng.choice(self.patterns[name]), rng)
        if name == BEYOND and rng.random() < 0.5:
            phrasing = out_of_scope_question(rng)
        return self.ask(phrasing, rng), self.answer(name, rng)

    def answer(self, name, rng):
        """The first answer more often than the rest, so that greedy decoding has one clear path."""
        answers = self.intents[name]["answers"]
        return answers[0] if rng.random() < 0.7 else rng.choice(answers)

    def follow_up(self, rng):
        item = rng.choice(self.follow_ups)
        question = self.ask(item["phrasing"], rng)
        return [self.exchange(rng, item["first"]), (question, self.answer(item["answer"], rng))]

    def chat(self, rng, turns):
        exchanges = []
        while len(exchanges) < turns:
            if turns > 1 and self.follow_ups and rng.random() < 0.3:
                exchanges += self.follow_up(rng)
            else:
                exchanges.append(self.exchange(rng))
        return exchanges

    def encode(self, exchanges, rng, gaps):
        """Tokens, positions and loss weights. Gaps between turns stand for turns that a short row has no room for."""
        t, tokens, positions, weights, at = self.tokenizer, [], [], [], 0

        def put(new, weight):
            nonlocal at
            tokens.extend(new)
            positions.extend(range(at, at + len(new)))
            weights.extend([weight] * len(new))
            at += len(new)

        if rng.random() < 0.9:  # some clients forget the first token
            put([t.bos], 0)
        if rng.random() < 0.2:
            put(t.turn("system", rng.choice(SYSTEM_PROMPTS)), 0)
        for question, answer in exchanges:
            if gaps:
                at += rng.choice([0, 0, rng.randrange(64), rng.randrange(400)])
            dropout = 0.1 if rng.random() < 0.25 else 0.0
            put(t.opening("user"), 0)
            put([*t.text(question, dropout), t.end], USER_WEIGHT)
            put([t.newline, *t.opening("assistant")], 0)
            put([*t.text(answer), t.end], 1)
            put([t.newline], 0)
        if len(exchanges) == 1 and rng.random() < CUT:
            # The answer's first words decide which answer it is; the rest is soon known by heart.
            start = len(weights) - weights[::-1].index(USER_WEIGHT)
            length = start + 3 + rng.randrange(4, 16)
            tokens, positions, weights = tokens[:length], positions[:length], weights[:length]
        return tokens, positions, weights

    def row(self, rng):
        """One row: a long chat, or as many short ones as fit."""
        long = rng.random() < 0.15
        tokens, positions, weights, chats = [], [], [], []
        number = 0
        while len(tokens) < self.width - 40:
            turns = 8 if long else rng.choice([1, 1, 1, 1, 2, 2, 3, 4])
            t, p, w = self.encode(self.chat(rng, turns), rng, long or rng.random() < 0.1)
            tokens, positions, weights = tokens + t, positions + p, weights + w
            number += 1
            chats += [number] * len(t)
        spare = max(0, self.width - len(tokens))
        cut = slice(0, self.width)
        return (
            (tokens + [self.tokenizer.end] * spare)[cut],
            ([min(p, 2047) for p in positions] + [0] * spare)[cut],
            (weights + [0] * spare)[cut],
            (chats + [0] * spare)[cut],
        )

    def batch(self, rng, rows):
        tokens, positions, weights, chats = (torch.tensor(x) for x in zip(*(self.row(rng) for _ in range(rows))))
        visible = (chats[:, :, None] == chats[:, None, :]).tril()
        mask = torch.zeros(visible.shape).masked_fill(~visible, -1e9)[:, None]
        return tokens, positions, mask, weights.float(), chats
