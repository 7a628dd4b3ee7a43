"""Letters to phones in one pass: a convolutional encoder, read by CTC."""

from torch import Tensor, nn

from .layers import ConvNeXtBlock

LETTERS = " abcdefghijklmnopqrstuvwxyz'"
"""Index 0 is padding."""


class GraphemeToPhoneme(nn.Module):
    """Spelling to phones.

    Every letter is repeated ``repeat`` times, since a letter can stand for more than one phone.
    """

    def __init__(
        self, phones: int = 40, dim: int = 192, blocks: int = 6, kernel: int = 7, repeat: int = 3
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

    def forward(self, letters: Tensor) -> Tensor:
        """Letters ``[B, L]`` to logits ``[B, repeat * L, phones + 1]``; class 0 is CTC's blank."""
        h = self.embedding(letters.repeat_interleave(self.repeat, 1))
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def spell(word: str) -> list[int]:
    """Return the indices of a lower-case word's letters; others are left out."""
    return [LETTERS.index(letter) for letter in word if letter in LETTERS[1:]]


def read(classes: list[int]) -> list[int]:
    """Collapse a best path by CTC's rule (Graves et al. 2006)."""
    out, last = [], 0
    for value in classes:
        if value not in (0, last):
            out.append(value)
        last = value
    return out
