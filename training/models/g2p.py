"""Letters to phones in one pass: a convolutional encoder, read by CTC."""

from collections.abc import Sequence

from torch import Tensor, nn

from .layers import ConvNeXtBlock

LETTERS = " abcdefghijklmnopqrstuvwxyz'"
"""Index 0 is padding."""


class GraphemeToPhoneme(nn.Module):
    """Spelling to phones.

    Every letter is repeated ``repeat`` times, since a letter can stand for more than one phone.
    """

    def __init__(
        self, phones: int = 69, dim: int = 192, blocks: int = 6, kernel: int = 7, repeat: int = 3
    ) -> None:
        super().__init__()
        self.config = {
            "phones": phones,
            "dim": dim,
            "blocks": blocks,
            "kernel": kernel,
            "repeat": repeat,
        }
        self.repeat = repeat
        self.embedding = nn.Embedding(len(LETTERS), dim)
        self.blocks = nn.ModuleList(ConvNeXtBlock(dim, 3, kernel, causal=False) for _ in range(blocks))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, phones + 1)

    @property
    def context(self) -> int:
        """Letters on one side that an answer can depend on."""
        return -(-self.config["blocks"] * (self.config["kernel"] // 2) // self.repeat)

    def forward(self, letters: Tensor) -> Tensor:
        """Letters ``[B, L]`` to logits ``[B, repeat * L, phones + 1]``; class 0 is CTC's blank."""
        h = self.embedding(letters.repeat_interleave(self.repeat, 1))
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def spell(word: str) -> list[int]:
    """Return the indices of a lower-case word's letters; others are left out."""
    return [LETTERS.index(letter) for letter in word if letter in LETTERS[1:]]


def read(scores: Sequence[Sequence[float]], sounds: Sequence[str]) -> list[str]:
    """Read the phones of a word off its logits.

    The best path is collapsed by CTC's rule (Graves et al. 2006), where a vowel that changes its stress
    from one frame to the next counts as one vowel. Exactly one vowel gets stress 1: the one whose logit for
    it stands highest above its logits for 0 and 2. The others get the likelier of 0 and 2.

    Args:
        scores: ``[T, P + 1]``, the frames of the word.
        sounds: Phones of classes 1 to P; the stresses of a vowel stand next to each other, 0 first.
    """
    runs: list[tuple[str, list[Sequence[float]]]] = []
    last = ""
    for frame in scores:
        best = max(range(len(frame)), key=frame.__getitem__)
        phone = sounds[best - 1] if best else ""
        base = phone.rstrip("012")
        if base and base == last:
            runs[-1][1].append(frame)
        elif base:
            runs.append((base, [frame]))
        last = base
    phones = [base for base, _ in runs]
    margins: dict[int, float] = {}
    for place, (base, frames) in enumerate(runs):
        if f"{base}0" in sounds:
            first = 1 + sounds.index(f"{base}0")
            heights = [max(frame[first + stress] for frame in frames) for stress in range(3)]
            margins[place] = heights[1] - max(heights[0], heights[2])
            phones[place] += "02"[heights[2] > heights[0]]
    if margins:
        strongest = max(margins, key=margins.__getitem__)
        phones[strongest] = phones[strongest][:-1] + "1"
    return phones
