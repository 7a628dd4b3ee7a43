"""Let Debian's synthesizers speak sentences, with the times of their phones.

    python synthesize.py --text sentences.txt --out /tmp/raw \
        --hts 2600 --flite rms=1500,awb=1500,kal16=700,slt=700 --espeak 500

Writes for each group (``hts``, ``rms``, ..., ``espeak``) ``OUT/GROUP.tsv`` with lines of id and text,
and ``OUT/GROUP/ID.wav``; except for espeak also ``ID.lab`` (see flite_dump.c). An id that begins with
``t`` is held out: such sentences are trained on by no group.

Needs festival with festvox-us-slt-hts, espeak-ng, and flite_dump beside this file. On a machine
without them, ``--root`` names a folder with their ``usr``, ``bin/flite_dump`` and ``libs``.
"""

import argparse
import os
import random
import subprocess
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
MIN_CHARACTERS, MAX_CHARACTERS = 20, 170
HELD_OUT_SHARE = 40  # one sentence in so many
MAX_HELD_OUT = 80  # of a group
HTS_AT_ONCE, FLITE_AT_ONCE, ESPEAK_AT_ONCE = 25, 50, 25
ESPEAK_VARIANTS = (
    "f1 f2 f3 f4 f5 m1 m2 m3 m4 m5 m6 m7 Andrea Annie adam belinda max michael steph edward linda"
).split()

Item = tuple[str, str]
"""Id and text of a sentence."""


def clean(line: str) -> str:
    """Return a line that can stand in a Scheme string.

    >>> clean('He  said: "Go!"')
    'He said: Go!'
    """
    return " ".join(line.replace("\\", " ").replace('"', " ").split())


def is_held_out(sentence: str) -> bool:
    """Whether a clean sentence is never trained on; bench/quality/sentences.txt is chosen by this."""
    return zlib.crc32(sentence.encode()) % HELD_OUT_SHARE == 0


def read_sentences(path: str) -> tuple[list[str], list[str]]:
    """Return the sentences to train on and those held out."""
    with open(path, encoding="utf8") as file:
        lines = [clean(line) for line in file]
    lines = [x for x in lines if MIN_CHARACTERS <= len(x) <= MAX_CHARACTERS and x.isascii()]
    return [x for x in lines if not is_held_out(x)], [x for x in lines if is_held_out(x)]


def pick(count: int, seed: int, train: list[str], test: list[str]) -> list[Item]:
    """Choose ``count`` sentences to train on, and 5 % as many (4 to 80) of those held out."""
    chosen = random.Random(seed).sample(train, min(count, len(train)))
    held = test[: min(MAX_HELD_OUT, max(4, count // 20))]
    return [(f"n{i:05d}", x) for i, x in enumerate(chosen)] + [
        (f"t{i:05d}", x) for i, x in enumerate(held)
    ]


class Synthesizers:
    """The programs, installed or in a folder."""

    def __init__(self, root: str, out: str) -> None:
        self.out = out
        self.festival = f"{root}/usr/bin/festival"
        self.flite = f"{root}/bin/flite_dump" if root else f"{HERE}/flite_dump"
        self.espeak = [f"{root}/usr/bin/espeak-ng"]
        self.environment = dict(os.environ)
        if root:
            self.espeak.append(f"--path={root}/usr/lib/x86_64-linux-gnu")
            self.environment["LD_LIBRARY_PATH"] = f"{root}/libs"

    def _run(self, command: list[str], text: str = "") -> None:
        # what a program could not speak is missing afterwards, and packing leaves it out
        subprocess.run(
            command,
            env=self.environment,
            input=text,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def speak_hts(self, items: list[Item]) -> None:
        """Speak with festival's HTS voice."""
        script = f"{self.out}/hts-{items[0][0]}.scm"
        with open(script, "w") as file:
            file.write(f'(load "{HERE}/festival_dump.scm")\n')
            file.writelines(f'(dump "{self.out}/hts/{name}" "{text}")\n' for name, text in items)
        self._run([self.festival, "-b", script])
        os.remove(script)

    def speak_flite(self, voice: str, items: list[Item]) -> None:
        """Speak with a voice of flite."""
        lines = "".join(f"{name}\t{text}\n" for name, text in items)
        self._run([self.flite, voice, f"{self.out}/{voice}"], lines)

    def speak_espeak(self, items: list[Item]) -> None:
        """Speak with variants of espeak-ng, of random pitch and speed."""
        choose = random.Random(items[0][0])
        for name, text in items:
            variant = f"en-us+{choose.choice(ESPEAK_VARIANTS)}"
            pitch, speed = str(choose.randint(20, 80)), str(choose.randint(140, 190))
            path = f"{self.out}/espeak/{name}.wav"
            self._run([*self.espeak, "-v", variant, "-p", pitch, "-s", speed, "-w", path, text])


def parse_groups(args: argparse.Namespace) -> list[tuple[str, int]]:
    """Return name and size of each group."""
    flite = [part.split("=") for part in args.flite.split(",") if part]
    groups = [("hts", args.hts), *((name, int(count)) for name, count in flite), ("espeak", args.espeak)]
    return groups


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--root", default="")
    parser.add_argument("--text", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--hts", type=int, default=0)
    parser.add_argument("--flite", default="", help="VOICE=COUNT,...")
    parser.add_argument("--espeak", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()

    train, test = read_sentences(args.text)
    print(f"{len(train)} sentences to train on, {len(test)} held out")
    programs = Synthesizers(args.root, args.out)
    begin = time.time()
    made = []
    with ThreadPoolExecutor(args.jobs) as pool:
        futures = []
        for seed, (group, count) in enumerate(parse_groups(args)):
            if not count:
                continue
            os.makedirs(f"{args.out}/{group}", exist_ok=True)
            items = pick(count, seed, train, test)
            with open(f"{args.out}/{group}.tsv", "w", encoding="utf8") as file:
                file.writelines(f"{name}\t{text}\n" for name, text in items)
            made.append((group, len(items)))
            size = {"hts": HTS_AT_ONCE, "espeak": ESPEAK_AT_ONCE}.get(group, FLITE_AT_ONCE)
            for start in range(0, len(items), size):
                part = items[start : start + size]
                if group == "hts":
                    futures.append(pool.submit(programs.speak_hts, part))
                elif group == "espeak":
                    futures.append(pool.submit(programs.speak_espeak, part))
                else:
                    futures.append(pool.submit(programs.speak_flite, group, part))
        for future in futures:
            future.result()
    for group, wanted in made:
        spoken = sum(name.endswith(".wav") for name in os.listdir(f"{args.out}/{group}"))
        print(f"{group}: {spoken} of {wanted}")
    print(f"{time.time() - begin:.1f} s")


if __name__ == "__main__":
    main()
