"""Makes training batches: rows of chats, each chat hidden from its neighbours in the row."""

import torch

from corpus import held_out_keys, load_follow_ups, load_intents, assert_held_out, plain
from out_of_scope import out_of_scope_question
from paraphrase import variant
from phrasebook import expand, load_phrasebook
from system_prompts import system_prompt

BEYOND = "beyond"
NONE = -100  # the label that cross_entropy ignores
USER_WEIGHT = 0.1  # the model need not predict questions, but doing so a little teaches it their words
DECIDING, DECIDING_WEIGHT = 4, 4  # the first words of an answer decide which answer it is
CUT = 0.5  # of the chats: their last answer is cut short


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
        self.order = {name: i for i, name in enumerate(self.intents)}
        self.ids = [i for i in self.intents if i != BEYOND]

    def ask(self, phrasing, rng):
        """A variant of the phrasing that is not a held-out one."""
        while True:
            text = variant(phrasing, rng)
            if plain(text) not in self.held_out:
                return text

    def exchange(self, rng, name=None):
        if name is None:
            name = BEYOND if rng.random() < 0.14 else rng.choice(self.ids)
        intent = self.intents[name]
        phrasing = rng.choice(intent["phrasings"])
        if name in self.patterns and rng.random() < 0.75:
            phrasing = expand(rng.choice(self.patterns[name]), rng)
        if name == BEYOND and rng.random() < 0.5:
            phrasing = out_of_scope_question(rng)
        return self.ask(phrasing, rng), name

    def answer(self, name, rng):
        """The first answer more often than the rest, so that greedy decoding has one clear path."""
        answers = self.intents[name]["answers"]
        return answers[0] if rng.random() < 0.7 else rng.choice(answers)

    def follow_up(self, rng):
        item = rng.choice(self.follow_ups)
        question = self.ask(item["phrasing"], rng)
        return [self.exchange(rng, item["first"]), (question, item["answer"])]

    def chat(self, rng, turns):
        exchanges = []
        while len(exchanges) < turns:
            if turns > 1 and self.follow_ups and rng.random() < 0.3:
                exchanges += self.follow_up(rng)
            else:
                exchanges.append(self.exchange(rng))
        return exchanges

    def encode(self, exchanges, rng, gaps, reading):
        """Tokens, positions, loss weights and intents. Gaps between turns stand for turns that a short row has no room for."""
        t, tokens, positions, weights, intents, at = self.tokenizer, [], [], [], [], 0

        def put(new, weight, intent=NONE):
            nonlocal at
            intents.extend([intent] * len(new))
            tokens.extend(new)
            positions.extend(range(at, at + len(new)))
            weights.extend([weight] * len(new))
            at += len(new)

        if rng.random() < 0.9:  # some clients forget the first token
            put([t.bos], 0)
        if rng.random() < 0.2:
            put(t.turn("system", system_prompt(rng)), 0)
        for question, name in exchanges:
            intent = self.order[name]
            if gaps:
                at += rng.choice([0, 0, rng.randrange(64), rng.randrange(400)])
            dropout = 0.1 if rng.random() < 0.25 else 0.0
            put(t.opening("user"), 0)
            put(t.text(question, dropout), USER_WEIGHT)
            put([t.end], USER_WEIGHT, intent)
            put([t.newline, *t.opening("assistant")], 0, intent)
            answer = [*t.text(self.answer(name, rng)), t.end]
            put(answer[:DECIDING], DECIDING_WEIGHT)
            put(answer[DECIDING:], 1)
            put([t.newline], 0)
        if reading or rng.random() < CUT:
            # The rest of an answer is soon known by heart.
            start = len(weights) - weights[::-1].index(USER_WEIGHT) + 3
            length = start if reading else start + rng.choice([1, 2, 4, 8, 16, 32])
            tokens, positions, weights, intents = (x[:length] for x in (tokens, positions, weights, intents))
        return tokens, positions, weights, intents

    def row(self, rng, reading):
        """One row: a long chat, or as many short ones as fit. For `reading` these are questions without answers."""
        long = not reading and rng.random() < 0.1
        columns, number = ([], [], [], [], []), 0
        while len(columns[0]) < self.width - 40:
            turns = 8 if long else 1 if reading else rng.choice([1, 1, 1, 1, 1, 1, 2, 3])
            chat = self.encode(self.chat(rng, turns), rng, long or rng.random() < 0.1, reading)
            number += 1
            for column, new in zip(columns, (*chat, [number] * len(chat[0]))):
                column.extend(new)
        for column, padding in zip(columns, (self.tokenizer.end, 0, 0, NONE, 0)):
            column.extend([padding] * (self.width - len(column)))
        return [column[: self.width] for column in columns]

    def batch(self, rng, rows, reading=False):
        tokens, positions, weights, intents, chats = (
            torch.tensor(x) for x in zip(*(self.row(rng, reading) for _ in range(rows)))
        )
        visible = (chats[:, :, None] == chats[:, None, :]).tril()
        mask = torch.zeros(visible.shape).masked_fill(~visible, -1e9)[:, None]
        return tokens, positions.clamp(max=2047), mask, weights.float(), intents, chats
