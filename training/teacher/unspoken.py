"""Keep the sentences that earlier runs have not spoken, so that each run adds others.

    python unspoken.py --text sentences.tsv.xz --tokens ../state/tokens-*.pt.xz --out rest.tsv.xz

A sentence counts as spoken if its phones are those of an utterance in a file of run/pack_rest.py. The last
60, which are held out by synth_kokoro.py, stay where they are.
"""

import argparse
import lzma
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from arpabet import IDS  # noqa: E402
from speech_data import load_tokens  # noqa: E402

HELD_OUT = 60


def phone_ids(line: str) -> bytes:
    """Phones of a line of the sentences, as :func:`arpabet.read_sentences` reads them."""
    names = (item.lstrip("+") for item in line.rstrip("\n").split("\t")[1].split(" "))
    return bytes(IDS[name[:4] if name.startswith("pau") else name] for name in names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--text", required=True)
    parser.add_argument("--tokens", nargs="+", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    items = load_tokens(args.tokens)["items"]
    spoken = {bytes(item["phones"].tolist()) for item in items if item["split"] == "train"}
    with lzma.open(args.text, "rt", encoding="utf8") as file:
        lines = file.readlines()
    rest = [line for line in lines[:-HELD_OUT] if phone_ids(line) not in spoken]
    found = spoken & {phone_ids(line) for line in lines[:-HELD_OUT]}
    with lzma.open(args.out, "wt", encoding="utf8") as file:
        file.writelines(rest + lines[-HELD_OUT:])
    print(f"{len(items)} utterances, {len(spoken)} different, {len(found)} of {len(lines)} sentences")
    print(f"{len(rest)} are left, and {HELD_OUT} held out")


if __name__ == "__main__":
    main()
