"""The 24 kHz codec: a causal spectral autoencoder with factorised residual vector quantisation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import CausalConv, ConvNeXtBlock

SAMPLE_RATE = 24000
N_FFT = 960
HOP = 240
FRAME_SIZE = 480
LOOKAHEAD = N_FFT - HOP
BINS = N_FFT // 2 + 1
FROZEN = ("enc", "down", "vq")
"""How the names of encoder and quantisers begin, which stay what they are."""


class VectorQuantizer(nn.Module):
    """One level: project to a small space, take the nearest entry by cosine, project back.

    Factorised codes after Yu et al. 2021 (ViT-VQGAN) and Kumar et al. 2023 (DAC). The entry that is
    passed on is the unnormalised one, so a level also codes the length of its residual.
    """

    def __init__(self, dim: int, code_dim: int, entries: int) -> None:
        super().__init__()
        self.input = nn.Linear(dim, code_dim)
        self.output = nn.Linear(code_dim, dim)
        self.codebook = nn.Parameter(torch.randn(entries, code_dim))

    def forward(self, residual: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the quantised vector, the codes ``[B, T]`` and the commitment loss."""
        e = self.input(residual)
        similarity = F.normalize(e, dim=-1) @ F.normalize(self.codebook, dim=-1).T
        codes = similarity.argmax(-1)
        c = F.embedding(codes, self.codebook)
        loss = 0.25 * (e - c.detach()).pow(2).mean() + (e.detach() - c).pow(2).mean()
        return self.output(e + (c - e).detach()), codes, loss

    def decode(self, codes: Tensor) -> Tensor:
        """Return the vectors ``[B, T, C]`` of codes ``[B, T]``."""
        return self.output(F.embedding(codes, self.codebook))


class Codec(nn.Module):
    """Waveform to latents ``z`` (64 dims at 50 Hz) to codes and back.

    Every layer is causal; the decoder answers for a frame when it has seen ``dec_lookahead`` more.
    """

    def __init__(
        self,
        latent_dim: int = 64,
        enc_dim: int = 256,
        enc_blocks: tuple[int, int] = (4, 6),
        dec_dim: int = 512,
        dec_blocks: tuple[int, int] = (8, 8),
        dec_lookahead: int = 2,
        num_codebooks: int = 8,
        cardinality: int = 1024,
        code_dim: int = 8,
    ) -> None:
        super().__init__()
        self.config = {
            "latent_dim": latent_dim,
            "enc_dim": enc_dim,
            "enc_blocks": list(enc_blocks),
            "dec_dim": dec_dim,
            "dec_blocks": list(dec_blocks),
            "dec_lookahead": dec_lookahead,
            "num_codebooks": num_codebooks,
            "cardinality": cardinality,
            "code_dim": code_dim,
        }
        self.register_buffer("window", torch.hann_window(N_FFT), persistent=False)
        self.enc_in = nn.Linear(2 * BINS, enc_dim)
        self.enc1 = nn.ModuleList(ConvNeXtBlock(enc_dim) for _ in range(enc_blocks[0]))
        self.down = CausalConv(enc_dim, enc_dim, 4, 2)
        self.enc2 = nn.ModuleList(ConvNeXtBlock(enc_dim) for _ in range(enc_blocks[1]))
        self.enc_out = nn.Linear(enc_dim, latent_dim)
        self.vq = nn.ModuleList(
            VectorQuantizer(latent_dim, code_dim, cardinality) for _ in range(num_codebooks)
        )
        self.delay = dec_lookahead * FRAME_SIZE
        self.dec_in = CausalConv(latent_dim, dec_dim, 3 + dec_lookahead)
        self.dec1 = nn.ModuleList(ConvNeXtBlock(dec_dim) for _ in range(dec_blocks[0]))
        self.up = nn.Linear(dec_dim, 2 * dec_dim)
        self.dec2 = nn.ModuleList(ConvNeXtBlock(dec_dim) for _ in range(dec_blocks[1]))
        self.norm = nn.LayerNorm(dec_dim)
        self.head = nn.Linear(dec_dim, 2 * BINS)

    def stft(self, audio: Tensor) -> Tensor:
        """Causal STFT: ``[B, N]`` (N a multiple of 240) to complex ``[B, N / 240, 481]``."""
        padded = F.pad(audio.float(), (LOOKAHEAD, 0))
        spectrum = torch.stft(
            padded, N_FFT, HOP, window=self.window, center=False, return_complex=True
        )
        return spectrum.transpose(1, 2)

    def features(self, audio: Tensor) -> Tensor:
        """Power-compressed STFT as ``[B, T100, 962]``: real parts, then imaginary parts."""
        spectrum = self.stft(audio)
        spectrum = spectrum * spectrum.abs().clamp_min(1e-7).pow(-0.7)
        return torch.cat([spectrum.real, spectrum.imag], -1)

    def encode_latents(self, audio: Tensor) -> Tensor:
        """Audio ``[B, N]`` (N a multiple of 480) to latents ``[B, N / 480, 64]``."""
        h = self.enc_in(self.features(audio))
        for block in self.enc1:
            h = block(h)
        h = self.down(h)
        for block in self.enc2:
            h = block(h)
        return self.enc_out(h)

    def quantize(self, z: Tensor) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """Return the running sums after each level, the codes of each level, the commitment loss."""
        residual = z.float()
        total = torch.zeros_like(residual)
        sums, codes, loss = [], [], residual.new_zeros(())
        for level in self.vq:
            out, ids, commitment = level(residual)
            total = total + out
            residual = residual - out
            loss = loss + commitment
            sums.append(total)
            codes.append(ids)
        return sums, codes, loss

    def dequantize(self, codes: Tensor) -> Tensor:
        """Codes ``[B, K, T]``, K any prefix of the levels, to latents ``[B, T, 64]``."""
        return sum(self.vq[k].decode(codes[:, k]) for k in range(codes.shape[1]))

    def spectrum(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Latents to the real and imaginary STFT, each ``[B, 2T, 481]``."""
        h = self.dec_in(z)
        for block in self.dec1:
            h = block(h)
        h = self.up(h)
        h = h.view(h.shape[0], -1, h.shape[2] // 2)
        for block in self.dec2:
            h = block(h)
        log_magnitude, phase = self.head(self.norm(h)).float().chunk(2, -1)
        magnitude = torch.exp(log_magnitude.clamp(max=8)).clamp(max=100)
        return magnitude * torch.cos(phase), magnitude * torch.sin(phase)

    def istft(self, real: Tensor, imag: Tensor) -> Tensor:
        """Overlap-add ``[B, F, 481]`` to ``[B, 240 F - 720]`` samples, all of them complete."""
        frames = torch.fft.irfft(torch.complex(real, imag), dim=-1) * self.window
        batch, count, _ = frames.shape
        quarters = frames.view(batch, count, N_FFT // HOP, HOP)
        length = count - N_FFT // HOP + 1
        # sample block j of the output is covered by frames j .. j + 3, oldest quarter last
        audio = sum(quarters[:, 3 - q : 3 - q + length, q] for q in range(4))
        # a periodic Hann window squared, at a hop of a quarter, sums to 1.5
        return audio.reshape(batch, -1) / 1.5

    def decode_latents(self, z: Tensor) -> Tensor:
        """Latents ``[B, T, 64]`` to audio ``[B, 480 T - 720 - delay]``, of which sample 0 belongs to frame 0."""
        return self.istft(*self.spectrum(z))[:, self.delay :]
