"""The no-profiling rule as code: a name may describe conduct, never an attribute of a person.

Used at three doors: the detector registry refuses a detector whose id, labels or fields ask for an attribute; the
engine drops any label outside the taxonomy; and the tests run every label, field, column and setting through it.
It reads names, not texts: what people write about themselves is none of its business.
"""

import itertools
import re
from collections.abc import Iterable
from typing import Final

#: Words that, in the name of a label, field, column or setting, say that a person is being classified.
PERSONAL_ATTRIBUTES: Final = frozenset(
    word
    for line in (
        "race races racial ethnicity ethnicities ethnic ethnicgroup nationality nationalities nation nationalorigin",
        "ancestry citizen citizens citizenship birth birthplace birthday birthdate immigrant immigrants",
        "migrant migrants refugee refugees",
        "religion religions religious religiosity faith belief beliefs caste castes tribe clan",
        "sex sexes gender genders male female masculine feminine orientation gay gays lesbian lesbians bisexual queer",
        "homosexual homosexuals heterosexual transgender nonbinary women",
        "age ages agegroup elderly disability disabilities disabled pregnancy pregnant",
        "opinion opinions political politics ideology party partisanship union",
        "face faces facial skin skintone complexion beard headscarf hijab veil turban prayer fasting pilgrimage",
        "biometric biometrics voiceprint speaker gait iris demographic demographics",
        "uyghur uyghurs uighur uighurs jewish jew jews muslim muslims christian christians hindu hindus sikh sikhs",
        "buddhist buddhists atheist atheists arab arabs asian asians african africans black white latino latinos",
        "roma romani kurdish kurds rohingya tibetan tibetans han dalit dalits",
    )
    for word in line.split()
)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def personal_attributes_in(name: str) -> tuple[str, ...]:
    """Return the words of `name` that ask for an attribute of a person, in order; empty when it describes conduct.

    Words are split at punctuation, digits and camelCase, so `sexual` is not `sex` and `page` is not `age`.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    pairs = [first + second for first, second in itertools.pairwise(words)]
    return tuple(word for word in (*words, *pairs) if word in PERSONAL_ATTRIBUTES)


def profiling_names(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return each of `names` that asks for an attribute of a person, with the words that gave it away."""
    found = {name: personal_attributes_in(name) for name in names}
    return {name: words for name, words in found.items() if words}
