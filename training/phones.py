"""The phone set: CMUdict's symbols in lower case, stress kept; indices shared with the TypeScript side."""

PAUSES = ("pau,", "pau.", "pau?", "pau!")
"""At a comma or unmarked; at the end of a statement, a question, an exclamation."""

VOWELS = "aa ae ah ao aw ay eh er ey ih iy ow oy uh uw".split()
CONSONANTS = "b ch d dh f g hh jh k l m n ng p r s sh t th v w y z zh".split()
PHONES = ("<pad>", *PAUSES, *(v + s for v in VOWELS for s in "012"), *CONSONANTS)
