"""Compare what the front end says with NeMo's grammars, as kitten-text-processing runs them.

    pip install kitten-text-processing==0.1.0
    python training/oracle/sentences.py > sentences.tsv
    python training/oracle/compare.py sentences.tsv --answers nemo.tsv --differences differences.tsv

NeMo's answers are kept in `--answers` (0.2 s a sentence); sentences that are in it are not asked again. Ours come
from `dist/bench/said.js`, so build first. Prints the share of the same answers by category. README.md judges the
differences.
"""

import argparse
import collections
import difflib
import pathlib
import re
import subprocess
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAID = ROOT / "dist" / "bench" / "said.js"

# A matter of taste: both are said, and neither is more right. The second is put in the place of the first.
TASTES: list[tuple[str, str, str]] = [
    # pattern, replacement, reason
    (r"\band (?=(?:NUMBER)\b)", "", "one hundred and five, twelve dollars and fifty cents: with or without it"),
    (r"\bo\b|\boh\b", "zero", "a zero in years, times and rooms"),
    (r"\bzero point\b", "point", "0.5 and .5: a zero before the point"),
]
NUMBER = (
    "zero|oh|o|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)


def normalise(text: str) -> str:
    """Return the letters of what is said, in lower case.

    Spaces go too: "F B I" is "FBI" and "twenty-one" is "twenty one".
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    words = re.sub(r"[^a-z\d' ]", "", re.sub(r"[-–,]", " ", plain))
    words = " ".join(words.split())
    for pattern, replacement, _reason in TASTES:
        words = re.sub(pattern.replace("NUMBER", NUMBER), replacement, words)
    return re.sub(r"[ ']", "", words)


def is_left_as_written(sentence: str, nemo: str, ours: str) -> bool:
    """Return whether NeMo has no reading for what we read: its part of each difference stands in the sentence.

    "Henry VIII" stays "Henry VIII", "forty GB" keeps the GB, "8-18" becomes "eight-eighteen" with its dash.
    """
    theirs = re.findall(r"\d+¢|[^\W\d]+|[-–¢]", nemo)
    words = re.sub(r"(?<=\b[A-Z]) (?=[A-Z]\b)", "", ours).split()
    matcher = difflib.SequenceMatcher(None, [word.lower() for word in theirs], [word.lower() for word in words], False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return all(low < high and all(word in sentence for word in theirs[low:high]) for _tag, low, high, _i, _j in changes)


def ask_nemo(sentences: list[str], path: pathlib.Path) -> list[str]:
    """Return NeMo's answers, from the file where it has them; new ones are added to it."""
    rows = path.read_text().splitlines() if path.exists() else []
    known = dict(row.split("\t") for row in rows)
    missing = [sentence for sentence in sentences if sentence not in known]
    if missing:
        from kitten_text_processing import normalize_text

        with path.open("a") as file:
            for sentence in missing:
                known[sentence] = normalize_text(sentence)
                file.write(f"{sentence}\t{known[sentence]}\n")
                file.flush()
    return [known[sentence] for sentence in sentences]


def ask_ours(sentences: list[str]) -> list[str]:
    """Return what our front end says, a line for each sentence."""
    result = subprocess.run(
        ["node", str(SAID)], input="\n".join(sentences), capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()


def compare(path: pathlib.Path, answers: pathlib.Path, differences: pathlib.Path) -> None:
    """Print the shares by category, and write all differences."""
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    sentences = [sentence for _category, sentence in rows]
    total: collections.Counter[str] = collections.Counter()
    same: collections.Counter[str] = collections.Counter()
    left: collections.Counter[str] = collections.Counter()
    found = []
    for (category, sentence), nemo, ours in zip(rows, ask_nemo(sentences, answers), ask_ours(sentences), strict=True):
        total[category] += 1
        if normalise(nemo) == normalise(ours):
            same[category] += 1
        else:
            is_left = is_left_as_written(sentence, nemo, ours)
            left[category] += is_left
            found.append(f"{'left' if is_left else 'read'}\t{category}\t{sentence}\t{nemo}\t{ours}\n")
    for category in total:
        print(f"{category:14}{same[category]:4} of {total[category]:3}, {left[category]:3} left as written by NeMo")
    read = total.total() - left.total()
    print(f"same: {same.total()} of {total.total()} ({same.total() / total.total():.1%})")
    print(f"same of those that NeMo reads: {same.total()} of {read} ({same.total() / read:.1%})")
    differences.write_text("nemo's\tcategory\tsentence\tnemo\tours\n" + "".join(sorted(found)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", type=pathlib.Path)
    parser.add_argument("--answers", type=pathlib.Path, required=True)
    parser.add_argument("--differences", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    compare(arguments.sentences, arguments.answers, arguments.differences)
