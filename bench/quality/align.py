"""Tell when words are heard in clips of a voice: by its teacher, by Whisper, by the silence at pauses.

    python align.py JOB.json ANSWER.json

``JOB.json`` is ``{"recogniser": "base", "cache": FOLDER, "clips": [{"words": [...], "pauses": [...],
"own": CLIP, "teacher": CLIP}, ...]}`` with ``CLIP`` as ``{"wav": PATH, "times": [[START, END], ...]}``:
what is said, the numbers of the words with a pause before them (that of words in all for the pause at the
end), and the clips of the voice and its teacher with the times they tell. The answer is a list in the
order of the clips, times in seconds:

- ``carried``: the teacher's times where the voice's clip sounds like them, ``[[START, END], ...]``;
- ``own`` and ``teacher``: ``{"whisper": [[START, END], ...], "silences": [[START, END] or null, ...]}``
  of each clip, a silence for each pause.

Exits with 3 if a package is missing.
"""

import json
import sys
from pathlib import Path

import numpy as np

from judges.audio import SAMPLE_RATE, read
from judges.silence import longest_silence
from judges.warp import align, carry, features

PACKAGES_MISSING = 3


def silences(samples: np.ndarray, times: list[list[float]], pauses: list[int]) -> list:
    """Return the longest silence around each pause, from the middle of a word to that of the next."""
    middles = [0, *((start + end) / 2 for start, end in times), len(samples) / SAMPLE_RATE]
    return [longest_silence(samples, middles[word], middles[word + 1]) for word in pauses]


def align_clip(clip: dict, recogniser) -> dict:
    """Return the answer for a clip."""
    samples = {who: read(clip[who]["wav"]) for who in ("own", "teacher")}
    path = align(features(samples["teacher"]), features(samples["own"]))
    return {
        "carried": carry(np.array(clip["teacher"]["times"]), path).round(4).tolist(),
        **{
            who: {
                "whisper": recogniser.align(heard, clip["words"]),
                "silences": silences(heard, clip[who]["times"], clip["pauses"]),
            }
            for who, heard in samples.items()
        },
    }


def main() -> int:
    job_path, answer_path = sys.argv[1:]
    job = json.loads(Path(job_path).read_text())
    try:
        from judges.recogniser import Recogniser

        recogniser = Recogniser(job["recogniser"], Path(job["cache"]))
    except ModuleNotFoundError as error:
        print(f"{sys.executable} lacks the package {error.name}", file=sys.stderr)
        return PACKAGES_MISSING
    answers = [align_clip(clip, recogniser) for clip in job["clips"]]
    Path(answer_path).write_text(json.dumps(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
