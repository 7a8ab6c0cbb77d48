"""Find out what a text is written in.

A property of the text, used to say where a score is worth less; never matched against a person. Short texts are told by
chance, so there the answer is that there is none.
"""

from functools import lru_cache
from typing import Any, Final

#: Code points looked at: a language shows early, and a long text would only cost.
_LOOKED_AT: Final = 1_000


def detect_languages(text: str) -> tuple[str, ...]:
    """Return the BCP-47 tag of what `text` is written in, or nothing when there is too little to tell by.

    Method: n-grams of bytes weighed by language, in the package eldc (ELD, Efficient Language Detector), and its own
    judgement of whether the best language is far enough ahead.
    """
    found = _eldc().detect_details(text[:_LOOKED_AT])
    return (found.language,) if found.reliable else ()


@lru_cache(maxsize=1)
def _eldc() -> Any:
    import eldc

    eldc.init()
    return eldc
