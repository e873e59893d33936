"""Trains the tiny model. Stops and resumes anywhere: the same step always sees the same batch.

    OMP_NUM_THREADS=1 nice -n 10 python3 train.py --out FOLDER [--steps 2000] [--workers 2]

Workers are processes of one thread each: the matrices are too small for threads to share, and waiting for a thread that
other programs keep off its core costs most of the speed.
"""

import argparse
import dataclasses
import random
import time
from pathlib import Path

import torch
from torch import distributed, multiprocessing, nn
from torch.nn import functional as F

from corpus import load_held_out
from dialogues import NONE, USER_WEIGHT, Dialogues
from model import Config, Tiny, greedy
from muon import Muon
from score import accuracy
from tokenizer import VOCAB, Tokenizer, train_tokenizer
from words import average_words, learn_words

ROWS = 8  # of all workers together
MUON_LR, ADAM_LR = 0.02, 0.002
INTENT_WEIGHT = 0.5  # once it answers
WARMUP = 20
READING = 400  # the first steps, of questions alone: which question it is decides everything that follows
DECAY = 0.6  # of the steps


def schedule(step, steps):
    """Flat, then down to nothing: so that the number of steps may still be changed while it is flat."""
    return min((step + 1) / WARMUP, 1, (steps - step) / (DECAY * steps))


def losses_of(model, intent_head, batch):
    """The loss of the tokens, that of the answers alone, and that of the intents, read off where a question ends."""
    tokens, positions, mask, weights, intents, chats = batch
    hidden, _ = model.hidden(tokens, positions, mask)
    target, weight = tokens[:, 1:], weights[:, 1:] * (chats[:, 1:] == chats[:, :-1])
    logits = model.logits(hidden[:, :-1])
    each = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none").view_as(weight)
    answer = weight >= 1
    asked = intents != NONE
    intent_loss = F.cross_entropy(intent_head(hidden[asked]), intents[asked])
    return (each * weight).sum() / weight.sum(), (each * answer).sum().item() / max(1, answer.sum().item()), intent_loss


def dev_accuracy(model, tokenizer, name="dev"):
    items = [(i["intent"], i["phrasing"]) for i in load_held_out(name)]
    if not items:
        return None, []
    prompts = [tokenizer.prompt([("user", p)]) for _, p in items]
    texts = [tokenizer.sp.decode(tokens) for tokens in greedy(model, prompts, tokenizer.end)]
    return accuracy(items, texts)


def save(path, model, intent_head, optimizers, step):
    scratch = path.with_suffix(".new")
    state = {
        "config": dataclasses.asdict(model.c),
        "model": model.state_dict(),
        "intent_head": intent_head.state_dict(),
        "optimizers": [o.state_dict() for o in optimizers],
        "step": step,
    }
    torch.save(state, scratch)
    scratch.replace(path)


def share_gradients(params, workers):
    flat = torch.cat([p.grad.flatten() for p in params])
    distributed.all_reduce(flat)
    flat /= workers
    at = 0
    for p in params:
        p.grad.copy_(flat[at : at + p.numel()].view_as(p))
        at += p.numel()


def work(rank, args):
    torch.set_num_threads(1)
    if args.workers > 1:
        meeting = f"file://{args.meeting.absolute()}"
        distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=args.workers)
    tokenizer = Tokenizer(args.out)
    dialogues = Dialogues(tokenizer)

    torch.manual_seed(args.seed)
    model = Tiny(Config(vocab=VOCAB))
    intent_head = nn.Linear(model.c.dim, len(dialogues.intents))  # only for training
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if p.dim() == 1 or "embed" in n]
    others += intent_head.parameters()
    optimizers = [
        Muon(matrices, lr=MUON_LR, weight_decay=0.1),
        torch.optim.AdamW(others, lr=ADAM_LR, betas=(0.9, 0.98), weight_decay=0.01),
    ]
    rates = [o.param_groups[0]["lr"] for o in optimizers]
    checkpoint, start = args.out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        intent_head.load_state_dict(state["intent_head"])
        start = state["step"]
    else:
        words_loss = learn_words(model, intent_head, dialogues, args.seed)
        average_words(model)
        if rank == 0:
            print(f"words learnt: intent loss {words_loss:.3f}", flush=True)
        if args.workers > 1:
            for p in [*matrices, *others]:
                distributed.broadcast(p.data, 0)
    if rank == 0:
        print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(dialogues.intents)} intents, from {start}")

    torch.manual_seed(args.seed + rank)  # other dropout in every worker
    model.train()
    began, seen, average = time.time(), 0, None
    for step in range(start, args.steps):
        reading = step < READING
        batch = dialogues.batch(random.Random(f"{args.seed} {step} {rank}"), ROWS // args.workers, reading)
        loss, answer_loss, intent_loss = losses_of(model, intent_head, batch)
        for p in [*matrices, *others]:
            p.grad = None
        (intent_loss + USER_WEIGHT * loss if reading else INTENT_WEIGHT * intent_loss + loss).backward()
        if args.workers > 1:
            share_gradients([*matrices, *others], args.workers)
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer, rate in zip(optimizers, rates):
            optimizer.param_groups[0]["lr"] = rate * schedule(step, args.steps)
            optimizer.step()
        seen += batch[0].numel() * args.workers
        if rank > 0:
            continue
        now = [answer_loss, intent_loss.item()]
        average = now if average is None else [0.9 * a + 0.1 * n for a, n in zip(average, now)]
        if (step + 1) % 10 == 0:
            speed = seen / (time.time() - began)
            print(f"step {step + 1} answer {average[0]:.3f} intent {average[1]:.3f} {speed:.0f} tok/s {time.time() - began:.0f} s", flush=True)
        if (step + 1) % args.check_every == 0 or step + 1 == args.steps:
            save(checkpoint, model, intent_head, optimizers, step + 1)
            share, _ = (None, []) if reading else dev_accuracy(model, tokenizer)
            if share is not None:
                print(f"step {step + 1} dev accuracy {share:.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check-every", type=int, default=50)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if not (args.out / "tokenizer.model").exists():
        train_tokenizer(args.out)
    args.meeting = args.out / "meeting"
    args.meeting.unlink(missing_ok=True)
    if args.workers == 1:
        work(0, args)
    else:
        multiprocessing.spawn(work, (args,), nprocs=args.workers)


if __name__ == "__main__":
    main()
