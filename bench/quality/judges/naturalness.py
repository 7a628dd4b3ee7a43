"""Mean opinion scores without a reference, 1 to 5: DistillMOS and DNSMOS."""

import contextlib
import os
import sys
import types

import numpy as np

from .audio import SAMPLE_RATE
from .mel import mel_power
from .packages import folder_of

# DNSMOS hears windows of this many seconds, one a second
WINDOW_SECONDS = 9.01
# from the network's output to the scale of the listeners (speechmos, dnsmos.py)
OVERALL = np.poly1d([-0.06766283, 1.11546468, 0.04602535])


class DistillMos:
    """Microsoft's DistillMOS, the judge of naturalness."""

    def __init__(self):
        """Load the weights from the package."""
        # the package wants torchaudio only for its command line
        sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
        import torch
        from distillmos import ConvTransformerSQAModel

        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            self.model = ConvTransformerSQAModel().eval()
        self.torch = torch

    def score(self, samples: np.ndarray) -> float:
        """Return the score of samples ``[T]`` at 16 kHz."""
        with self.torch.inference_mode():
            return float(self.model(self.torch.from_numpy(samples)[None]).mean())


class DnsMos:
    """Microsoft's DNSMOS: ``overall`` quality by P.835 and quality by P.808."""

    def __init__(self):
        """Load the networks from the package."""
        import onnxruntime

        folder = folder_of("speechmos") / "dnsmos_models"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.overall, self.p808 = (
            onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
            for name in ("sig_bak_ovr.onnx", "model_v8.onnx")
        )

    def score(self, samples: np.ndarray) -> tuple[float, float]:
        """Return the overall and the P.808 score of samples ``[T]`` at 16 kHz, means over windows."""
        size = int(WINDOW_SECONDS * SAMPLE_RATE)
        # short clips are repeated until they fill a window, as the networks' authors do
        if len(samples) < size:
            samples = np.resize(samples, size)
        starts = range(0, len(samples) - size + 1, SAMPLE_RATE)
        scores = [self.score_window(samples[start : start + size]) for start in starts]
        overall, p808 = np.mean(scores, axis=0)
        return float(overall), float(p808)

    def score_window(self, window: np.ndarray) -> tuple[float, float]:
        """Return both scores of one window."""
        power = mel_power(window[:-160], SAMPLE_RATE, 321, 160, 120)
        level = 10 * np.log10(np.maximum(power, 1e-10) / max(power.max(), 1e-10))
        features = (np.maximum(level, -80) + 40) / 40
        p808 = self.p808.run(None, {"input_1": features[None].astype(np.float32)})[0][0][0]
        overall = self.overall.run(None, {"input_1": window[None]})[0][0][2]
        return float(OVERALL(overall)), float(p808)
