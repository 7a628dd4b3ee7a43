"""Judge clips of speech as people would: what is said, how natural it sounds, who says it.

    python judge.py JOB.json ANSWER.json

``JOB.json`` is ``{"recogniser": "base" | "tiny.en", "measures": [...], "cache": FOLDER, "clips":
[{"wav": PATH}, ...]}``; measures are any of ``heard``, ``naturalness`` and ``voice``. The answer is a
list in the order of the clips: ``seconds`` without silence at the ends, ``heard``, ``distillMos``,
``dnsMosOverall``, ``dnsMosP808`` and ``voice``, a vector of length 1. Exits with 3 if a package is
missing.
"""

import json
import sys
from pathlib import Path

from judges.audio import SAMPLE_RATE, read, trim

PACKAGES_MISSING = 3
NOTE_EVERY = 50


def judge(job: dict) -> list[dict]:
    """Return the judgements of a job; each model is loaded once."""
    measures = set(job["measures"])
    if "heard" in measures:
        from judges.recogniser import Recogniser

        recogniser = Recogniser(job["recogniser"], Path(job["cache"]))
    if "naturalness" in measures:
        from judges.naturalness import DistillMos, DnsMos

        distill_mos, dns_mos = DistillMos(), DnsMos()
    if "voice" in measures:
        from judges.likeness import SpeakerEncoder

        encoder = SpeakerEncoder()

    answers = []
    clips = job["clips"]
    for index, clip in enumerate(clips):
        samples = read(clip["wav"])
        answer = {"seconds": len(trim(samples)) / SAMPLE_RATE}
        # nothing to judge in a clip of silence or of a few samples
        can_hear = len(samples) > SAMPLE_RATE // 10 and float(abs(samples).max()) > 0
        if "heard" in measures:
            answer["heard"] = recogniser.transcribe(samples) if can_hear else ""
        if "naturalness" in measures:
            overall, p808 = dns_mos.score(samples) if can_hear else (1.0, 1.0)
            answer["distillMos"] = distill_mos.score(samples) if can_hear else 1.0
            answer["dnsMosOverall"], answer["dnsMosP808"] = overall, p808
        if "voice" in measures:
            answer["voice"] = [round(float(value), 4) for value in encoder.embed(samples)]
        answers.append({k: round(v, 4) if isinstance(v, float) else v for k, v in answer.items()})
        if (index + 1) % NOTE_EVERY == 0:
            print(f"judged {index + 1} of {len(clips)} clips", file=sys.stderr, flush=True)
    return answers


def main() -> int:
    job_path, answer_path = sys.argv[1:]
    try:
        answers = judge(json.loads(Path(job_path).read_text()))
    except ModuleNotFoundError as error:
        print(f"{sys.executable} lacks the package {error.name}", file=sys.stderr)
        return PACKAGES_MISSING
    Path(answer_path).write_text(json.dumps(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
