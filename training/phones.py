"""The phone set: indices shared with tts/text/phone-set.ts, never to be reordered."""

PAUSES = ("pau,", "pau.", "pau?", "pau!")
"""At a comma or unmarked; at the end of a statement, a question, an exclamation."""

PHONES = (
    "<pad>",
    *PAUSES,
    *"aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th".split(),
    *"uh uw v w y z zh".split(),
)
