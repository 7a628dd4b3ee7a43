"""The tokenizer: the codec's latents to one token of 40 ms and back, by finite scalar quantisation."""

import torch
from torch import Tensor, nn

from phones import PAUSES, PHONES

from .layers import CausalConv, ConvNeXtBlock

NUM_CLASSES = 43
"""Width of the phone head: silence, the 40 phones, and two that nothing is labelled with."""


class ScalarQuantizer(nn.Module):
    """Finite scalar quantisation (Mentzer et al. 2023) into equal steps of a sigmoid.

    Each number ``h`` becomes step ``floor(L sigmoid(h))`` of ``L``, whose value is the middle of
    the step, scaled to (-1, 1). The first number is the lowest digit of the token.
    """

    def __init__(self, levels: list[int]) -> None:
        super().__init__()
        sizes = torch.tensor(levels)
        self.register_buffer("levels", sizes, persistent=False)
        places = torch.cat([torch.ones(1, dtype=torch.long), sizes.cumprod(0)[:-1]])
        self.register_buffer("places", places, persistent=False)
        self.cardinality = int(sizes.prod())

    def values(self, digits: Tensor) -> Tensor:
        """Steps ``[..., D]`` to their values in (-1, 1)."""
        return (2 * digits + 1) / self.levels - 1

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Return the values (gradients pass straight through) and the tokens of ``[..., D]``."""
        smooth = torch.sigmoid(h.float())
        top = self.levels - 1
        digits = torch.minimum((smooth * self.levels).floor().long().clamp_min(0), top)
        y = 2 * smooth - 1
        return y + (self.values(digits) - y).detach(), (digits * self.places).sum(-1)

    def decode(self, tokens: Tensor) -> Tensor:
        """Return the values ``[..., D]`` of tokens ``[...]``."""
        return self.values(tokens.unsqueeze(-1) // self.places % self.levels)


class Tokenizer(nn.Module):
    """Latents at 50 Hz to tokens at 25 Hz and back; token k depends on frames up to 2k + 1.

    Args:
        latent_dim: Channels of the codec's latents.
        dim: Channels inside.
        enc_blocks: Blocks at 50 Hz, then at 25 Hz.
        dec_blocks: Blocks at 25 Hz, then at 50 Hz.
        levels: Steps of each number of the code.
    """

    def __init__(
        self,
        latent_dim: int = 64,
        dim: int = 160,
        enc_blocks: tuple[int, int] = (2, 3),
        dec_blocks: tuple[int, int] = (3, 2),
        levels: tuple[int, ...] = (8, 8, 8, 8),
    ) -> None:
        super().__init__()
        self.config = {
            "latent_dim": latent_dim,
            "dim": dim,
            "enc_blocks": list(enc_blocks),
            "dec_blocks": list(dec_blocks),
            "levels": list(levels),
        }
        self.register_buffer("z_mean", torch.zeros(latent_dim))
        self.register_buffer("z_std", torch.ones(latent_dim))
        self.enc_in = nn.Linear(latent_dim, dim)
        self.enc1 = nn.ModuleList(ConvNeXtBlock(dim) for _ in range(enc_blocks[0]))
        self.down = CausalConv(dim, dim, 4, 2)
        self.enc2 = nn.ModuleList(ConvNeXtBlock(dim) for _ in range(enc_blocks[1]))
        self.enc_out = nn.Linear(dim, len(levels))
        self.fsq = ScalarQuantizer(list(levels))
        self.dec_in = nn.Linear(len(levels), dim)
        self.dec1 = nn.ModuleList(ConvNeXtBlock(dim) for _ in range(dec_blocks[0]))
        self.up = nn.Linear(dim, 2 * dim)
        self.dec2 = nn.ModuleList(ConvNeXtBlock(dim) for _ in range(dec_blocks[1]))
        self.dec_out = nn.Linear(dim, latent_dim)

    def normalize(self, z: Tensor) -> Tensor:
        """Latents as the codec makes them to zero mean and unit variance."""
        return (z.float() - self.z_mean) / self.z_std

    def denormalize(self, x: Tensor) -> Tensor:
        """The inverse of :meth:`normalize`."""
        return x.float() * self.z_std + self.z_mean

    def encode_scalars(self, x: Tensor) -> Tensor:
        """Normalised latents ``[B, 2K, C]`` to the numbers ``[B, K, D]`` that are quantised."""
        h = self.enc_in(x)
        for block in self.enc1:
            h = block(h)
        h = self.down(h)
        for block in self.enc2:
            h = block(h)
        return self.enc_out(h)

    def encode(self, z: Tensor) -> Tensor:
        """Latents ``[B, 2K, C]``, not normalised, to tokens ``[B, K]``."""
        return self.fsq(self.encode_scalars(self.normalize(z)))[1]

    def decode_values(self, values: Tensor) -> Tensor:
        """Quantised values ``[B, K, D]`` to normalised latents ``[B, 2K, C]``."""
        h = self.dec_in(values)
        for block in self.dec1:
            h = block(h)
        h = self.up(h)
        h = h.view(h.shape[0], -1, h.shape[2] // 2)
        for block in self.dec2:
            h = block(h)
        return self.dec_out(h)

    def decode(self, tokens: Tensor) -> Tensor:
        """Tokens ``[B, K]`` to latents ``[B, 2K, C]``, not normalised."""
        return self.denormalize(self.decode_values(self.fsq.decode(tokens)))


def class_table() -> Tensor:
    """Return the class of each index of the phone set; 0 is silence."""
    table, names = [], {}
    for phone in PHONES:
        if phone == "<pad>" or phone in PAUSES:
            table.append(0)
            continue
        name = "ax" if phone == "ah0" else phone.rstrip("012")
        table.append(names.setdefault(name, len(names) + 1))
    return torch.tensor(table)


CLASSES = class_table()


def phone_classes(phones: Tensor) -> Tensor:
    """Class of each index of the phone set: stress aside, but for ``ah0``; every pause is silence."""
    return CLASSES.to(phones.device)[phones.long()]


class SemanticHeads(nn.Module):
    """Predicts phones and Whisper's features from the quantised values; used in training only.

    Args:
        code_dim: Numbers of a code.
        num_phones: Classes of phones.
        dim: Channels inside.
        feature_dim: Channels of the features.
    """

    def __init__(self, code_dim: int, num_phones: int, dim: int = 192, feature_dim: int = 512) -> None:
        super().__init__()
        self.input = nn.Conv1d(code_dim, dim, 3, padding=1)
        self.block = ConvNeXtBlock(dim, 2, 3, causal=False)
        self.phones = nn.Linear(dim, num_phones)
        self.features = nn.Linear(dim, 2 * feature_dim)

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Values ``[B, K, D]`` to phone logits ``[B, K, N]`` and features ``[B, 2K, F]``."""
        h = self.block(self.input(values.transpose(1, 2)).transpose(1, 2))
        features = self.features(h)
        return self.phones(h), features.view(h.shape[0], -1, features.shape[-1] // 2)
