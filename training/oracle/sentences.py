"""Write sentences of the categories of NeMo's English grammars, the same for a seed.

Each line is a category, a tab and a sentence. Every category has as many sentences as the others, give or take
one; its items are written in the ways that people use, inside several sentences around them.

    python training/oracle/sentences.py --count 1000 --seed 10 > sentences.tsv
"""

import argparse
import random
from collections.abc import Callable

MONTHS = "January February March April May June July August September October November December".split()
SHORT_MONTHS = "Jan. Feb. Mar. Apr. May June July Aug. Sept. Oct. Nov. Dec.".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
NAMES = "anna james maria chen oliver priya tom lucy omar grace".split()
SITES = "example northwind bluebird citylibrary openharbor greenfields mapworks shopcorner".split()
ENDINGS = "com org net edu co.uk".split()
RULERS = ["Henry VIII", "Louis XIV", "Elizabeth II", "George III", "Richard II", "Charles III", "Pope Pius XII"]
PARTS = "Chapter Part Volume Act Section Article Phase".split()
NUMERALS = "II III IV VI VII VIII IX XI XII XIV XV XVI".split()


def number(rng: random.Random, low: int, high: int) -> str:
    """Return a whole number, with commas above 9,999 and in half of those above 999."""
    value = rng.randint(low, high)
    return f"{value:,}" if value > 9999 or (value > 999 and rng.random() < 0.5) else str(value)


def cardinal(rng: random.Random) -> str:
    return rng.choice([
        lambda: number(rng, 0, 99),
        lambda: number(rng, 100, 999),
        lambda: f"{rng.randint(1000, 9999):,}",
        lambda: number(rng, 10_000, 999_999),
        lambda: f"{rng.randint(10**6, 10**9):,}",
        lambda: f"-{rng.randint(1, 60)}",
        lambda: f"{rng.randint(2, 90)} million",
    ])()


def ordinal(rng: random.Random) -> str:
    value = rng.choice([rng.randint(1, 31), rng.randint(32, 120), rng.randint(121, 1500)])
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value:,}{ending}"


def decimal(rng: random.Random) -> str:
    return rng.choice([
        lambda: f"{rng.randint(0, 99)}.{rng.randint(1, 9)}",
        lambda: f"{rng.randint(0, 9)}.{rng.randint(0, 99):02d}",
        lambda: f"{rng.randint(1000, 90000):,}.{rng.randint(1, 99):02d}",
        lambda: f"-{rng.randint(0, 40)}.{rng.randint(1, 9)}",
        lambda: f".{rng.randint(1, 999)}",
        lambda: f"{rng.randint(1, 9)}.{rng.randint(1, 9)} million",
        lambda: f"{rng.randint(0, 3)}.{rng.randint(0, 99999):05d}",
    ])()


def fraction(rng: random.Random) -> str:
    bottom = rng.choice([2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 100])
    top = rng.randint(1, bottom - 1)
    return rng.choice([f"{top}/{bottom}", f"{rng.randint(1, 12)} {top}/{bottom}", rng.choice("½¼¾⅓⅔⅛")])


def money(rng: random.Random) -> str:
    return rng.choice([
        lambda: f"${rng.randint(1, 99)}",
        lambda: f"${rng.randint(0, 200)}.{rng.randint(0, 99):02d}",
        lambda: f"${rng.randint(1000, 900_000):,}",
        lambda: f"${rng.randint(1, 9)}.{rng.randint(1, 9)} {rng.choice(['million', 'billion'])}",
        lambda: f"${rng.randint(1, 90)}{rng.choice('MBk')}",
        lambda: f"£{rng.randint(1, 90)}.{rng.randint(1, 99):02d}",
        lambda: f"€{rng.randint(1, 900)}",
        lambda: f"{rng.randint(2, 90)} USD",
        lambda: f"¥{rng.randint(100, 9000):,}",
        lambda: f"{rng.randint(2, 90)}¢",
    ])()


def date(rng: random.Random) -> str:
    year = rng.choice([rng.randint(1700, 1999), rng.randint(2000, 2035)])
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    name, short = MONTHS[month - 1], SHORT_MONTHS[month - 1]
    return rng.choice([
        f"{name} {day}, {year}",
        f"{short} {day}, {year}",
        f"{name} {day}",
        f"{name} {year}",
        f"{day} {name} {year}",
        f"{month}/{day}/{year}",
        f"{year}-{month:02d}-{day:02d}",
        f"{rng.choice(DAYS)}, {name} {day}",
        f"{year}",
        f"the {year // 10 * 10}s",
    ])


def time(rng: random.Random) -> str:
    hour, minute, half = rng.randint(1, 12), rng.randint(0, 59), rng.choice("ap")
    return rng.choice([
        f"{hour}:{minute:02d} {half}.m.",
        f"{hour}:{minute:02d} {half.upper()}M",
        f"{hour}:{minute:02d}{half}m",
        f"{hour} {half}.m.",
        f"{hour}{half}m",
        f"{hour}:{minute:02d}",
        f"{rng.randint(13, 23)}:{minute:02d}",
        f"{hour}:{minute:02d} {half}.m. {rng.choice(['EST', 'PST', 'GMT'])}",
    ])


def measure(rng: random.Random) -> str:
    unit = rng.choice("kg km cm mm lbs oz mph GB MB kHz ml mg ft min".split())
    return rng.choice([
        lambda: f"{rng.randint(2, 400)} {unit}",
        lambda: f"{rng.randint(2, 400)}{unit}",
        lambda: f"{rng.randint(1, 40)}.{rng.randint(1, 9)} {unit}",
        lambda: f"{rng.randint(1, 100)}%",
        lambda: f"{rng.randint(0, 9)}.{rng.randint(1, 9)}%",
        lambda: f"{rng.randint(-20, 40)}°{rng.choice('CF')}",
        lambda: f"{rng.randint(2, 300)} km/h",
        lambda: f"{rng.randint(2, 900)} {rng.choice(['m²', 'km²', 'sq ft'])}",
    ])()


def electronic(rng: random.Random) -> str:
    site, ending, name = rng.choice(SITES), rng.choice(ENDINGS), rng.choice(NAMES)
    return rng.choice([
        f"www.{site}.{ending}",
        f"https://www.{site}.{ending}",
        f"http://{site}.{ending}/help",
        f"{site}.{ending}",
        f"{site}.{ending}/{name}/news",
        f"{name}@{site}.{ending}",
        f"{name}.{rng.choice(NAMES)}@{site}.{ending}",
        f"{name}{rng.randint(1, 99)}@{site}.{ending}",
        f"{name}_{rng.choice(NAMES)}@{site}.{ending}",
    ])


def telephone(rng: random.Random) -> str:
    area, middle, last = rng.randint(201, 989), rng.randint(200, 999), rng.randint(0, 9999)
    return rng.choice([
        f"{area}-{middle}-{last:04d}",
        f"({area}) {middle}-{last:04d}",
        f"{area}.{middle}.{last:04d}",
        f"{area} {middle} {last:04d}",
        f"+1 {area}-{middle}-{last:04d}",
        f"1-{area}-{middle}-{last:04d}",
        f"{middle}-{last:04d}",
        f"+44 20 {rng.randint(7000, 8999)} {last:04d}",
    ])


def roman(rng: random.Random) -> str:
    return rng.choice([
        rng.choice(RULERS),
        f"{rng.choice(PARTS)} {rng.choice(NUMERALS)}",
        f"World War {rng.choice(['I', 'II'])}",
        f"Super Bowl {rng.choice(['XL', 'XXI', 'LIV', 'XXXV'])}",
    ])


def abbreviation(rng: random.Random) -> str:
    return rng.choice([
        f"{rng.choice(['Dr.', 'Mr.', 'Mrs.', 'Ms.', 'Prof.', 'Gen.', 'Capt.'])} {rng.choice(NAMES).title()}",
        f"{rng.choice(NAMES).title()} {rng.choice(['Jr.', 'Sr.'])}",
        f"St. {rng.choice(['Paul', 'Mary', 'Louis'])}",
        f"{rng.choice(['NASA', 'the FBI', 'the BBC', 'the U.S.', 'the UK', 'the EU', 'IBM', 'UNESCO'])}",
        f"{rng.choice(NAMES).title()} vs. {rng.choice(NAMES).title()}",
        f"the {rng.choice(['Smith & Co.', 'Parker Inc.', 'Dover Ltd.'])} group",
        f"{rng.choice(['e.g.', 'i.e.'])} the old one",
        f"No. {rng.randint(1, 40)}",
    ])


def serial(rng: random.Random) -> str:
    letter = rng.choice("ABCDEFGHKMNPRTX")
    return rng.choice([
        f"{letter}{rng.randint(1, 99)}",
        f"{letter}{rng.randint(100, 999)}",
        f"{letter}{rng.choice('BCDKT')}-{rng.randint(2, 99)}",
        f"{letter}{rng.randint(1, 9)}{rng.choice('BCDKT')}",
        f"{rng.randint(1, 99)}{rng.choice('BCD')}",
        f"{rng.randint(1, 9)}.{rng.randint(0, 9)}.{rng.randint(0, 20)}",
        f"covid-{rng.randint(19, 24)}",
    ])


def span(rng: random.Random) -> str:
    low = rng.randint(1, 50)
    return rng.choice([
        f"{low}-{low + rng.randint(1, 30)}",
        f"{low}–{low + rng.randint(1, 30)}",
        f"${low}-${low + rng.randint(1, 30)}",
        f"{low}-{low + rng.randint(1, 30)}%",
        f"{rng.randint(1900, 1950)}-{rng.randint(1951, 1999)}",
        f"{low % 11 + 1}-{low % 11 + 2} p.m.",
        f"{low}x{low + rng.randint(1, 30)}",
    ])


def plain(rng: random.Random) -> str:
    return rng.choice([
        "the old bridge", "a well-known singer", "everyone's favorite", "the mother-in-law", "don't and won't",
        "the café", "half an hour", "two of them", "the dog's bowl", "rock and roll", "an eye-opener",
        "somebody else", "a cup of tea", "her brother's boat", "the so-called expert", "it's fine",
    ])


# what stands around an item, for each category; the item goes to the place of {}
CATEGORIES: dict[str, tuple[Callable[[random.Random], str], list[str]]] = {
    "cardinal": (cardinal, [
        "There were {} of them.", "We counted {} yesterday.", "The answer is {}.", "She wrote {} on the board.",
        "About {} people were there.", "They sold {} last year, more than before.", "Is it {} or less?",
    ]),
    "ordinal": (ordinal, [
        "He came in {} place.", "This is the {} time.", "On the {} floor you will find it.", "It was her {} attempt.",
        "They celebrated the {} anniversary.", "The {} page is missing.",
    ]),
    "decimal": (decimal, [
        "The average is {}.", "It rose to {} in May.", "We measured {} again.", "The value {} is too high.",
        "The ratio fell from {} last week.", "Its score was {}, a record.",
    ]),
    "fraction": (fraction, [
        "Add {} cup of sugar.", "About {} of the land is forest.", "The screw is {} inch long.", "We ate {} of it.",
        "Only {} was left.",
    ]),
    "money": (money, [
        "It costs {}.", "She paid {} for it.", "They raised {} last year.", "He owes me {}, I think.",
        "The fee of {} is due.", "For {} you can have both.",
    ]),
    "date": (date, [
        "It happened on {}.", "Since {} nothing has changed.", "We met in {} for the last time.",
        "The letter of {} was lost.", "By {} all were gone.", "She remembers {} well.",
    ]),
    "time": (time, [
        "The train leaves at {}.", "We met at {} yesterday.", "From {} on it is closed.", "It was {} when he called.",
        "Come before {}, please.", "Dinner is at {} tonight.",
    ]),
    "measure": (measure, [
        "It is {} in all.", "We need {} of it.", "The old one had {}.", "It went from {} to nothing.",
        "He said {} would do.", "More than {} is too much.",
    ]),
    "electronic": (electronic, [
        "Write to {} for details.", "See {} for more.", "The address is {}.", "We found {} by chance.",
        "Is it {} or another one?", "Go to {}, then log in.",
    ]),
    "telephone": (telephone, [
        "Call {} today.", "My number is {}.", "You can reach us at {} on weekdays.", "Please ring {} after lunch.",
        "The office, {}, is closed.", "Is {} still right?",
    ]),
    "roman": (roman, [
        "We talked about {} in class.", "After {} things were different.", "He read about {} all night.",
        "{} was the best one.", "She wrote a paper on {}.", "In {} it is explained.",
    ]),
    "abbreviation": (abbreviation, [
        "She works with {} now.", "We heard about {} today.", "They like {} best.", "It was {} who called.",
        "I wrote to {} about it.",
    ]),
    "serial": (serial, [
        "The part {} is missing.", "Use {} instead.", "We bought model {} last week.", "His seat was {}.",
        "Is it {} or not?", "Our gate is {}, over there.",
    ]),
    "range": (span, [
        "It takes {} most days.", "Pages {} are missing.", "The result was {} again.", "We expect {} by then.",
        "They said {}, more or less.", "Between us, {} is enough.",
    ]),
    "plain": (plain, [
        "We saw {} again.", "She said {} is enough.", "Nobody knows {} better.", "He wrote about {} in the paper.",
        "I like {}, you know.", "What about {}?", "They came with {} in mind.",
    ]),
}


def write_sentences(count: int, seed: int) -> list[tuple[str, str]]:
    """Return `count` different sentences with their categories."""
    rng = random.Random(seed)
    names = list(CATEGORIES)
    sentences: dict[str, str] = {}
    while len(sentences) < count:
        category = names[len(sentences) % len(names)]
        make, carriers = CATEGORIES[category]
        item = make(rng)
        sentence = rng.choice(carriers).format(item)
        sentences.setdefault(sentence[0].upper() + sentence[1:], category)
    return [(category, sentence) for sentence, category in sentences.items()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=10)
    arguments = parser.parse_args()
    for category, sentence in write_sentences(arguments.count, arguments.seed):
        print(f"{category}\t{sentence}")
