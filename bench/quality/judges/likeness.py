"""Who speaks: Resemblyzer's speaker encoder (GE2E), rebuilt around its weights."""

import numpy as np
import torch
from torch import nn

from .audio import SAMPLE_RATE, trim
from .mel import mel_power
from .packages import folder_of

WINDOW_FRAMES = 160  # 1.6 s
STEP_FRAMES = 80
LEVEL_DB = -30.0


class SpeakerEncoder(nn.Module):
    """An LSTM over mel spectra whose last state is the voice."""

    def __init__(self):
        """Load the weights from the package."""
        super().__init__()
        self.lstm = nn.LSTM(40, 256, 3, batch_first=True)
        self.linear = nn.Linear(256, 256)
        path = folder_of("resemblyzer") / "pretrained.pt"
        state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
        own = self.state_dict()
        self.load_state_dict({name: value for name, value in state.items() if name in own})
        self.eval()

    @torch.inference_mode()
    def embed(self, samples: np.ndarray) -> np.ndarray:
        """Return a vector ``[256]`` of length 1 of samples ``[T]`` at 16 kHz."""
        speech = trim(samples)
        rms = np.sqrt(np.mean(speech**2)) if len(speech) else 0.0
        if rms == 0:
            return np.zeros(256)
        # quiet speech is raised to a common level, loud speech left as it is
        speech = speech * max(1.0, 10 ** (LEVEL_DB / 20) / rms)
        speech = np.pad(speech, (0, max(0, WINDOW_FRAMES * 160 - len(speech))))
        mel = mel_power(speech, SAMPLE_RATE, 400, 160, 40)
        starts = range(0, len(mel) - WINDOW_FRAMES + 1, STEP_FRAMES)
        windows = np.stack([mel[start : start + WINDOW_FRAMES] for start in starts])
        _, (hidden, _) = self.lstm(torch.from_numpy(windows.astype(np.float32)))
        voices = torch.relu(self.linear(hidden[-1]))
        voices = voices / voices.norm(dim=1, keepdim=True)
        mean = voices.mean(0)
        return (mean / mean.norm()).numpy()
