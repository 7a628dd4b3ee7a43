"""The flow model: tokens to the codec's latents, by rectified flow that is causal in time."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import ConvNeXtBlock


def time_features(time: Tensor, dim: int) -> Tensor:
    """Times ``[B]`` in [0, 1] to ``[B, dim]``: cosines, then sines, of 1000 t at falling rates."""
    half = dim // 2
    rates = torch.exp(-math.log(10000) * torch.arange(half, device=time.device) / half)
    angles = 1000 * time.float()[:, None] * rates
    return torch.cat([angles.cos(), angles.sin()], -1)


class Flow(nn.Module):
    """Velocity of normalised latents at 50 Hz, given tokens at 25 Hz.

    Args:
        latent_dim: Channels of the codec's latents.
        dim: Channels inside.
        blocks: Blocks of the velocity network.
        cond_dim: Channels of the token embedding and its blocks.
        cond_blocks: Blocks over the tokens.
        time_dim: Width of the time features.
        lookahead: Tokens beyond its own that a frame depends on.
        cardinality: Tokens; one more row of the embedding stands for those after the last.
        num_voices: Voices.
        num_phones: Size of the phone set; 0 (padding) stands beyond the last token.
    """

    def __init__(
        self,
        latent_dim: int = 64,
        dim: int = 384,
        blocks: int = 6,
        cond_dim: int = 256,
        cond_blocks: int = 2,
        time_dim: int = 256,
        lookahead: int = 3,
        cardinality: int = 4096,
        num_voices: int = 5,
        num_phones: int = 74,
    ) -> None:
        super().__init__()
        self.config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        self.register_buffer("z_mean", torch.zeros(latent_dim))
        self.register_buffer("z_std", torch.ones(latent_dim))
        self.token_emb = nn.Embedding(cardinality + 1, cond_dim)
        self.voice_emb = nn.Embedding(num_voices, cond_dim)
        self.phone_emb = nn.Embedding(num_phones, cond_dim)
        self.cond_blocks = nn.ModuleList(ConvNeXtBlock(cond_dim) for _ in range(cond_blocks))
        self.cond_out = nn.Linear(cond_dim, 2 * dim)
        self.time_in = nn.Linear(time_dim, dim)
        self.time_out = nn.Linear(dim, dim)
        self.input = nn.Linear(latent_dim, dim)
        self.blocks = nn.ModuleList(ConvNeXtBlock(dim, cond_dim=dim) for _ in range(blocks))
        self.norm = nn.LayerNorm(dim)
        self.output = nn.Linear(dim, latent_dim)

    @property
    def pad_token(self) -> int:
        """What stands for the tokens after the last."""
        return self.config["cardinality"]

    def condition(self, tokens: Tensor, phones: Tensor, voice: Tensor) -> Tensor:
        """Tokens and their phones ``[B, K + lookahead]`` and voices ``[B]`` to ``[B, 2K, C]``."""
        h = self.token_emb(tokens) + self.phone_emb(phones) + self.voice_emb(voice)[:, None]
        for block in self.cond_blocks:
            h = block(h)
        h = self.cond_out(h[:, self.config["lookahead"] :])
        return h.reshape(h.shape[0], -1, h.shape[2] // 2)

    def velocity(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """Velocity ``[B, T, 64]`` at ``x`` ``[B, T, 64]`` and the times ``[B]``."""
        t = time_features(time, self.config["time_dim"])
        t = self.time_out(F.silu(self.time_in(t)))[:, None]
        h = self.input(x) + condition
        for block in self.blocks:
            h = block(h, t)
        return self.output(self.norm(h))

    def forward(self, x: Tensor, time: Tensor, tokens: Tensor, phones: Tensor, voice: Tensor) -> Tensor:
        """:meth:`velocity` from tokens ``[B, T / 2 + lookahead]``."""
        return self.velocity(x, time, self.condition(tokens, phones, voice))


@torch.no_grad()
def sample(
    model: Flow,
    tokens: Tensor,
    phones: Tensor,
    voice: Tensor,
    steps: int = 6,
    temperature: float = 1.0,
    noise: Tensor | None = None,
) -> Tensor:
    """Tokens ``[B, K]`` and voices ``[B]`` to latents ``[B, 2K, 64]``, not normalised.

    Args:
        model: The network.
        tokens: All of them; the look-ahead beyond the last is filled here.
        voice: Rows of the voices.
        steps: Euler steps.
        temperature: What the noise is multiplied by.
        noise: Standard normal ``[B, 2K, 64]``; drawn if not given.
    """
    batch, length = tokens.shape
    padded = F.pad(tokens, (0, model.config["lookahead"]), value=model.pad_token)
    condition = model.condition(padded, F.pad(phones, (0, model.config["lookahead"])), voice)
    if noise is None:
        noise = torch.randn(batch, 2 * length, model.config["latent_dim"], device=tokens.device)
    x = noise * temperature
    for step in range(steps):
        time = torch.full((batch,), step / steps, device=tokens.device)
        x = x + model.velocity(x, time, condition).float() / steps
    return x * model.z_std + model.z_mean
