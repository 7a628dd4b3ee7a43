"""Discriminators that train the codec's decoder: waveform periods and complex spectrograms."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

PERIODS = (2, 3, 5, 7, 11)
RESOLUTIONS = (2048, 1024, 512)


class PeriodDiscriminator(nn.Module):
    """Looks at the waveform folded to rows of ``period`` samples (Kong et al. 2020, HiFi-GAN)."""

    def __init__(self, period: int) -> None:
        super().__init__()
        self.period = period
        widths = [1, 32, 64, 128, 256]
        self.convs = nn.ModuleList(
            weight_norm(nn.Conv2d(a, b, (5, 1), (3, 1), (2, 0))) for a, b in zip(widths, widths[1:])
        )
        self.convs.append(weight_norm(nn.Conv2d(256, 256, (5, 1), 1, (2, 0))))
        self.out = weight_norm(nn.Conv2d(256, 1, (3, 1), 1, (1, 0)))

    def forward(self, audio: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the scores and the feature maps of ``[B, N]`` samples."""
        short = -audio.shape[-1] % self.period
        h = F.pad(audio[:, None], (0, short), mode="reflect")
        h = h.view(audio.shape[0], 1, -1, self.period)
        maps = []
        for conv in self.convs:
            h = F.leaky_relu(conv(h), 0.1)
            maps.append(h)
        return self.out(h), maps


class SpectralDiscriminator(nn.Module):
    """Looks at a compressed complex spectrogram of one resolution (Jang et al. 2021, UnivNet)."""

    def __init__(self, n_fft: int, width: int = 32) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        # (in, out, kernel, stride, padding): only frequency is strided
        # real and imaginary parts, and zeros up to a count that tensor cores take
        shapes = [(8, width, (3, 9), (1, 2), (1, 4))]
        shapes += [(width, width, (3, 9), (1, 2), (1, 4))] * 2
        shapes += [(width, 2 * width, (3, 9), (1, 2), (1, 4))]
        shapes += [(2 * width, 2 * width, (3, 3), (1, 1), (1, 1))]
        self.convs = nn.ModuleList(weight_norm(nn.Conv2d(*shape)) for shape in shapes)
        self.out = weight_norm(nn.Conv2d(2 * width, 1, (3, 3), 1, (1, 1)))

    def forward(self, audio: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the scores and the feature maps of ``[B, N]`` samples."""
        spectrum = torch.stft(
            audio.float(), self.n_fft, self.n_fft // 4, window=self.window, return_complex=True
        )
        spectrum = spectrum * (spectrum.abs() + 1e-5).pow(-0.5)
        h = F.pad(torch.view_as_real(spectrum), (0, 6)).permute(0, 3, 2, 1)
        h = h.contiguous(memory_format=torch.channels_last)
        maps = []
        for conv in self.convs:
            h = F.leaky_relu(conv(h), 0.1)
            maps.append(h)
        return self.out(h), maps


class Discriminators(nn.Module):
    """All of them; ``forward`` returns one ``(scores, maps)`` for each."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(
            [PeriodDiscriminator(p) for p in PERIODS]
            + [SpectralDiscriminator(n) for n in RESOLUTIONS]
        )

    def forward(self, audio: Tensor) -> list[tuple[Tensor, list[Tensor]]]:
        return [part(audio) for part in self.parts]


Outputs = list[tuple[Tensor, list[Tensor]]]


def halves(outputs: Outputs, half: int) -> Outputs:
    """The first or second half of the batch."""
    return [(s.chunk(2)[half], [m.chunk(2)[half] for m in maps]) for s, maps in outputs]


def discriminator_loss(real: Outputs, fake: Outputs) -> Tensor:
    """Hinge loss of the discriminators."""
    losses = [
        F.relu(1 - r.float()).mean() + F.relu(1 + f.float()).mean()
        for (r, _), (f, _) in zip(real, fake)
    ]
    return sum(losses) / len(losses)


def generator_loss(fake: Outputs) -> Tensor:
    """Hinge loss of the generator."""
    return sum(-f.float().mean() for f, _ in fake) / len(fake)


def feature_matching_loss(real: Outputs, fake: Outputs) -> Tensor:
    """Mean distance of the feature maps, each relative to the size of the real one."""
    terms = [
        (r.detach() - f).abs().float().mean() / (r.detach().abs().float().mean() + 1e-3)
        for (_, rs), (_, fs) in zip(real, fake)
        for r, f in zip(rs, fs)
    ]
    return sum(terms) / len(terms)
