"""Building blocks shared by Linnet's networks. All of them are channels-last, ``[B, T, C]``."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class CausalConv(nn.Conv1d):
    """Dense convolution over time that never looks ahead.

    The input is padded with ``kernel_size - stride`` zeros on the left, which is exactly the state
    a streaming run has to keep.
    """

    def __init__(self, in_dim: int, out_dim: int, kernel: int, stride: int = 1) -> None:
        super().__init__(in_dim, out_dim, kernel, stride=stride)
        self.context = kernel - stride

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, T, C_in]`` to ``[B, T / stride, C_out]``."""
        return super().forward(F.pad(x.transpose(1, 2), (self.context, 0))).transpose(1, 2)


class ConvNeXtBlock(nn.Module):
    """ConvNeXt block (Liu et al. 2022) in one dimension.

    Depthwise convolution, LayerNorm, pointwise expansion with exact GELU, layer scale, residual.

    Args:
        dim: Channels.
        mult: Expansion of the pointwise layers.
        kernel: Taps of the depthwise convolution.
        causal: Pad on the left only; otherwise the taps are centred.
        cond_dim: If given, the normalised activations are modulated by a scale and a shift that are
            linear in a condition of this width (adaLN, Peebles and Xie 2023).
    """

    def __init__(
        self, dim: int, mult: int = 3, kernel: int = 7, causal: bool = True, cond_dim: int | None = None
    ) -> None:
        super().__init__()
        self.pad = (kernel - 1, 0) if causal else (kernel // 2, kernel // 2)
        self.dw = nn.Conv1d(dim, dim, kernel, groups=dim)
        self.norm = nn.LayerNorm(dim)
        self.cond = nn.Linear(cond_dim, 2 * dim) if cond_dim else None
        if self.cond is not None:
            nn.init.zeros_(self.cond.weight)
            nn.init.zeros_(self.cond.bias)
        self.up = nn.Linear(dim, mult * dim)
        self.down = nn.Linear(mult * dim, dim)
        self.gamma = nn.Parameter(torch.full((dim,), 0.1))

    def forward(self, x: Tensor, cond: Tensor | None = None) -> Tensor:
        """Map ``[B, T, C]`` to the same shape; ``cond`` is ``[B, 1 or T, cond_dim]``."""
        h = self.norm(self.depthwise(x))
        if self.cond is not None:
            scale, shift = self.cond(cond).chunk(2, -1)
            h = h * (1 + scale) + shift
        return x + self.down(F.gelu(self.up(h))) * self.gamma

    def depthwise(self, x: Tensor) -> Tensor:
        """Convolve each channel of ``[B, T, C]`` with its own taps."""
        if x.is_cuda:
            return self.dw(F.pad(x.transpose(1, 2), self.pad)).transpose(1, 2)
        # PyTorch's depthwise convolution on the CPU takes ten times as long, backward above all
        padded = F.pad(x, (0, 0, *self.pad))
        taps = self.dw.weight[:, 0].T
        shifted = (padded[:, k : k + x.shape[1]] * tap for k, tap in enumerate(taps))
        return self.dw.bias + sum(shifted)


class RMSNorm(nn.Module):
    """Root-mean-square norm (Zhang and Sennrich 2019) over the last axis, eps 1e-6."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis of ``x``."""
        y = x.float()
        return (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight).to(x.dtype)


class SwiGLU(nn.Module):
    """Gated feed-forward layer (Shazeer 2020): ``down(silu(gate) * up)``, gate and up in one matrix."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.gate_up = nn.Linear(dim, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, T, C]`` to the same shape."""
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate) * up)
