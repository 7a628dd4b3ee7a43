"""What the speech networks train on: voices, pointers along the phones, streams of utterances."""

import lzma
import math

import torch
import torch.nn.functional as F

SAMPLE_RATE = 24000
SAMPLES_PER_TOKEN = 960
POINTER_OFFSET = 240
"""Token k covers latents 2k and 2k + 1, which see the audio about sample 960 k + 240."""
MAX_ADVANCE = 3

VOICES = (
    {"group": "af_heart", "id": "heart", "name": "Heart", "share": 0.32},
    {"group": "af_sarah", "id": "sarah", "name": "Sarah", "share": 0.14},
    {"group": "am_michael", "id": "michael", "name": "Michael", "share": 0.18},
    {"group": "am_puck", "id": "puck", "name": "Puck", "share": 0.13},
    {"group": "bf_emma", "id": "emma", "name": "Emma", "share": 0.12},
    {"group": "bm_george", "id": "george", "name": "George", "share": 0.11},
)
"""In the order of their rows in the models, with how much of a batch each makes up."""
GROUPS = tuple(voice["group"] for voice in VOICES)
GAP = 2  # phones of padding between utterances, which keep them apart in the text encoder


def token_times(count: int) -> torch.Tensor:
    """Centre of each of ``count`` tokens in seconds."""
    return (torch.arange(count) * SAMPLES_PER_TOKEN + POINTER_OFFSET).double() / SAMPLE_RATE


def pointers(ends: torch.Tensor, count: int) -> torch.Tensor:
    """Phone that is spoken at each token, ``[count]``.

    It starts at 0, never goes back, moves by at most 3, and can leave the last phone with the last
    token.

    Args:
        ends: Where each phone ends, in seconds, ``[N]``.
        count: Tokens; at least ``N / 3``.

    >>> pointers(torch.tensor([0.04, 0.05, 0.06, 0.07, 0.08, 0.3]), 4).tolist()
    [0, 1, 4, 5]
    """
    last = len(ends) - 1
    found = torch.searchsorted(ends.double().contiguous(), token_times(count), right=True)
    wanted = found.clamp_max(last).tolist()
    path, at = [], 0
    for k, target in enumerate(wanted):
        floor = last + 1 - MAX_ADVANCE * (count - k)  # or else the end is out of reach
        limit = at + MAX_ADVANCE if k else 0
        at = min(max(target, floor, at), limit)
        path.append(at)
    return torch.tensor(path)


def frame_phones(phones: torch.Tensor, ends: torch.Tensor, count: int) -> torch.Tensor:
    """Phone at the centre of each of ``count`` tokens, for the tokenizer's training head."""
    found = torch.searchsorted(ends.double().contiguous(), token_times(count), right=True)
    return phones[found.clamp_max(len(ends) - 1)].long()


def dwell_times(path: torch.Tensor) -> torch.Tensor:
    """Steps already spent on the phone at each step of ``[T]`` pointers."""
    steps = torch.arange(len(path))
    moved = torch.cat([torch.ones(1, dtype=torch.bool), path[1:] != path[:-1]])
    return steps - torch.where(moved, steps, 0).cummax(0).values


TENSORS = ("z", "phones", "ends", "word_start", "labels")


def save_items(path: str, items: list[dict], **rest: torch.Tensor) -> None:
    """Write items with the tensors of all in one, since small ones cost a millisecond each."""
    packed = {k: torch.cat([i[k] for i in items]) for k in TENSORS}
    counts = {k: [len(i[k]) for i in items] for k in TENSORS}
    plain = [{k: v for k, v in i.items() if k not in TENSORS} for i in items]
    torch.save({"packed": packed, "counts": counts, "items": plain, **rest}, path)


def load_items(path: str) -> dict:
    """Read what :func:`save_items` wrote, each item with its own tensors again."""
    data = torch.load(path, weights_only=False)
    packed, counts = data.pop("packed"), data.pop("counts")
    for name in TENSORS:
        for item, value in zip(data["items"], packed[name].split(counts[name])):
            item[name] = value
    return data


def load_tokens(paths: list[str]) -> dict:
    """Read files of run/pack_rest.py, ``.pt`` or ``.pt.xz``, as one.

    Returns:
        ``items``, each with ``group``, ``split``, ``phones``, ``word_start`` and ``ends`` (seconds);
        ``tokens``, int16 ``[K]`` of each; ``cardinality``.

    Raises:
        ValueError: If the files are not of one tokenizer's size.
    """
    items: list[dict] = []
    tokens: list[torch.Tensor] = []
    sizes = set()
    for path in paths:
        with (lzma.open if path.endswith(".xz") else open)(path, "rb") as file:
            packed = torch.load(file, weights_only=False)
        sizes.add(packed["cardinality"])
        counts = packed["phone_counts"].tolist()
        columns = {
            "phones": packed["phones"].long().split(counts),
            "word_start": packed["word_start"].long().split(counts),
            "ends": (packed["ends"].float() / 1000).split(counts),
            "group": packed["group"],
            "split": packed["split"],
        }
        items += [dict(zip(columns, row)) for row in zip(*columns.values())]
        tokens += packed["tokens"].split(packed["token_counts"].tolist())
    if len(sizes) != 1:
        raise ValueError(f"cardinalities {sorted(sizes)}")
    return {"items": items, "tokens": tokens, "cardinality": sizes.pop()}


def choose_voices(size: int, shares: torch.Tensor) -> torch.Tensor:
    """Draw ``[size]`` rows of ``shares``."""
    return torch.multinomial(shares, size, replacement=True)


def learning_rate(rate: float, done: float, step: int, warmup: int = 200) -> float:
    """Cosine decay over the budget, of which ``done`` is the part that is spent, after a warm-up."""
    cosine = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    return rate * min(1.0, (step + 1) / warmup) * (0.02 + 0.98 * cosine)


def pad_samples(audio: torch.Tensor, lookahead: int) -> torch.Tensor:
    """Pad ``[N]`` samples so that whole tokens hold them and the ``lookahead`` behind them."""
    length = -(-(len(audio) + lookahead) // SAMPLES_PER_TOKEN) * SAMPLES_PER_TOKEN
    return F.pad(audio, (0, length - len(audio)))
