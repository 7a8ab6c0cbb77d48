"""Find out what a text is written in.

A property of the text, used to say where a score is worth less; never matched against a person. Short texts are told by
chance, so there the answer is that there is none.
"""

import threading
from functools import lru_cache
from typing import Any, Final

#: Letters below which a text in an alphabet says too little.
_FEWEST_LETTERS: Final = 12
#: The same for scripts in which one character is a syllable or a word.
_FEWEST_SYLLABLES: Final = 4
#: Languages less likely than this are not worth naming.
_LEAST_LIKELY: Final = 0.1
#: How sure the identifier must be of the first; below, texts are mostly names, slang or several languages.
_SURE_ENOUGH: Final = 0.5
#: Code points looked at: a language shows early, and a long text would only cost.
_LOOKED_AT: Final = 1_000

_loading = threading.Lock()


def detect_languages(text: str) -> tuple[str, ...]:
    """Return at most three BCP-47 tags by likelihood, most likely first; empty when there is too little to tell by.

    Method: a naive Bayes classifier over byte n-grams (Lui and Baldwin 2012, langid.py), in the package py3langid.
    """
    start = text[:_LOOKED_AT]
    letters = sum(map(str.isalpha, start))
    syllables = sum(character >= "\u2e80" and character.isalpha() for character in start)
    if letters < _FEWEST_LETTERS and syllables < _FEWEST_SYLLABLES:
        return ()
    ranked: list[tuple[str, float]] = _identifier().rank(start.lower() if start.isupper() else start)
    if ranked[0][1] < _SURE_ENOUGH:
        return ()
    return tuple(tag for tag, likelihood in ranked[:3] if likelihood >= _LEAST_LIKELY)


def _identifier() -> Any:
    with _loading:
        return _load()


@lru_cache(maxsize=1)
def _load() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
