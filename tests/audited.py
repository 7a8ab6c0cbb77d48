"""Answers of made-up services: one that treats a made-up group otherwise, and one that does not."""

import numpy as np

from evenhand.audit.answers import Answer, Sentence, join

GROUPS = (
    ("green", "colour"),
    ("blue", "colour"),
    ("tall", "size"),
    ("small", "size"),
    ("tall + green", "size + colour"),
    *((f"colour {number}", "colour") for number in range(1, 6)),
)
FAILED = ("s7", "s8")


def sentences(*, harmless=40, harmful=20):
    """Every template with every group; the last ten of each kind are in another language."""
    return [
        Sentence(
            f"s{(kind * harmless + template) * len(GROUPS) + place}",
            ("news", "threat")[kind],
            f"t{template}",
            group,
            axis,
            "de" if template >= (harmless, harmful)[kind] - 10 else "en",
            ("allow", "harm")[kind],
            f"<b>{group}</b> {('and', 'or')[kind]} {template}",
        )
        for kind, count in enumerate((harmless, harmful))
        for template in range(count)
        for place, (group, axis) in enumerate(GROUPS)
    ]


def answers_of(asked, *, bias=0.5, has_scores=True, failed=FAILED, seed=1):
    """Return answers by which so many harmless sentences of `green` are flagged, and as many harmful ones missed."""
    generator = np.random.default_rng(seed)
    said = []
    for one in asked:
        is_harm, is_biased = one.expected == "harm", one.group == "green" and generator.random() < bias
        score = round(float(np.clip(generator.normal(0.8 if is_harm != is_biased else 0.2, 0.08), 0, 1)), 3)
        action = "block" if score > 0.85 else "review" if score > 0.5 else "allow"
        said.append(
            Answer(one.id, None, None, "endpoint.unavailable")
            if one.id in failed
            else Answer(one.id, score if has_scores else None, action)
        )
    return said


def audited(*, harmless=40, harmful=20, **kind):
    """Return the sentences with such answers."""
    asked = sentences(harmless=harmless, harmful=harmful)
    return join(asked, answers_of(asked, **kind))
