"""Discriminators that train the codec's decoder: waveform periods and complex spectrograms."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

PERIODS = (2, 3, 5, 7, 11)
RESOLUTIONS = (2048, 1024, 512)
BANDS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)  # edges, as shares of half the sample rate (Kumar et al. 2023, DAC)


class PeriodDiscriminator(nn.Module):
    """Looks at the waveform folded to rows of ``period`` samples (Kong et al. 2020, HiFi-GAN)."""

    def __init__(self, period: int, width: int = 1) -> None:
        super().__init__()
        self.period = period
        # five taps of one channel fill no more than the first 32
        widths = [1, 32, 64 * width, 128 * width, 256 * width]
        self.convs = nn.ModuleList(
            weight_norm(nn.Conv2d(a, b, (5, 1), (3, 1), (2, 0))) for a, b in zip(widths, widths[1:])
        )
        self.convs.append(weight_norm(nn.Conv2d(widths[-1], widths[-1], (5, 1), 1, (2, 0))))
        self.out = weight_norm(nn.Conv2d(widths[-1], 1, (3, 1), 1, (1, 0)))

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


def spectral_convs(channels: int) -> nn.ModuleList:
    """The convolutions over a spectrogram or one of its bands; only frequency is strided."""
    # (in, out, kernel, stride, padding)
    # real and imaginary parts, and zeros up to a count that tensor cores take
    shapes = [(8, channels, (3, 9), (1, 2), (1, 4))]
    shapes += [(channels, channels, (3, 9), (1, 2), (1, 4))] * 2
    shapes += [(channels, 2 * channels, (3, 9), (1, 2), (1, 4))]
    shapes += [(2 * channels, 2 * channels, (3, 3), (1, 1), (1, 1))]
    return nn.ModuleList(weight_norm(nn.Conv2d(*shape)) for shape in shapes)


class SpectralDiscriminator(nn.Module):
    """Looks at a compressed complex spectrogram of one resolution (Jang et al. 2021, UnivNet).

    Args:
        n_fft: Samples of a frame; the hop is a quarter.
        channels: Of the first convolution.
        edges: Of the bands that have convolutions of their own, from 0 to 1, as shares of half the sample rate.
    """

    def __init__(self, n_fft: int, channels: int = 32, edges: tuple[float, ...] = (0.0, 1.0)) -> None:
        super().__init__()
        self.n_fft = n_fft
        bins = n_fft // 2 + 1
        limits = [round(edge * bins) for edge in edges]
        self.sizes = [high - low for low, high in zip(limits, limits[1:])]
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        self.convs = spectral_convs(channels)
        self.higher = nn.ModuleList(spectral_convs(channels) for _ in self.sizes[1:])
        self.out = weight_norm(nn.Conv2d(2 * channels, 1, (3, 3), 1, (1, 1)))

    def forward(self, audio: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the scores and the feature maps of ``[B, N]`` samples."""
        spectrum = torch.stft(
            audio.float(), self.n_fft, self.n_fft // 4, window=self.window, return_complex=True
        )
        spectrum = spectrum * (spectrum.abs() + 1e-5).pow(-0.5)
        h = F.pad(torch.view_as_real(spectrum), (0, 6)).permute(0, 3, 2, 1)
        bands = [band.contiguous(memory_format=torch.channels_last) for band in h.split(self.sizes, -1)]
        maps = []
        for layers in zip(self.convs, *self.higher):
            bands = [F.leaky_relu(conv(band), 0.1) for conv, band in zip(layers, bands)]
            # one map a layer, so that bands do not count for more than periods when features are matched
            maps.append(torch.cat(bands, -1) if self.higher else bands[0])
        return self.out(maps[-1]), maps


class Discriminators(nn.Module):
    """All of them; ``forward`` returns one ``(scores, maps)`` for each.

    Args:
        width: What the number of channels is multiplied by, the periods' first layer apart.
        bands: Whether each band of a spectrogram has convolutions of its own.
    """

    def __init__(self, width: int = 1, bands: bool = False) -> None:
        super().__init__()
        self.config = {"width": width, "bands": bands}
        edges = BANDS if bands else (0.0, 1.0)
        self.parts = nn.ModuleList(
            [PeriodDiscriminator(p, width) for p in PERIODS]
            + [SpectralDiscriminator(n, 32 * width, edges) for n in RESOLUTIONS]
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
