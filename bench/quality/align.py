"""Tell when words are heard in clips of a voice, by its teacher and by Whisper.

    python align.py JOB.json ANSWER.json

``JOB.json`` is ``{"recogniser": "base", "cache": FOLDER, "clips": [{"words": [...], "own": PATH,
"teacher": PATH, "times": [[START, END], ...]}, ...]}``: two WAV files that say the same words, and when
the teacher says them. The answer is a list in the order of the clips, each with lists of
``[START, END]`` for the words, in seconds: ``carried``, the teacher's times where the voice's clip sounds
like them; ``own`` and ``teacher``, what Whisper says of each clip. Exits with 3 if a package is missing.
"""

import json
import sys
from pathlib import Path

import numpy as np

from judges.audio import read
from judges.warp import align, carry, features

PACKAGES_MISSING = 3


def align_clip(clip: dict, recogniser) -> dict:
    """Return the answer for a clip."""
    own, teacher = read(clip["own"]), read(clip["teacher"])
    path = align(features(teacher), features(own))
    times = {
        "carried": carry(np.array(clip["times"]), path).tolist(),
        "own": recogniser.align(own, clip["words"]),
        "teacher": recogniser.align(teacher, clip["words"]),
    }
    return {name: np.round(pairs, 4).tolist() for name, pairs in times.items()}


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
