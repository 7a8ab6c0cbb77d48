"""Policies that look for people are refused, in whatever disguise; those that look for conduct load."""

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.policy.conditions import Condition, ConditionError
from evenhand.policy.load import parse_policy
from evenhand.policy.refusals import check_conduct, warnings_about


def rule(when, **more):
    fields = {"id": "one", "action": "review", **more}
    head = "".join(f"    {key}: {value}\n" for key, value in fields.items() if key != "id")
    return f"name: p\nrules:\n  - id: {fields['id']}\n{head}    when: |\n      {when}\n"


def listed(*entries, kind="words", name="found"):
    lines = "".join(f"      - {entry!r}\n" for entry in entries)
    return (
        f"name: p\nlists:\n  {name}:\n    kind: {kind}\n    entries:\n{lines}"
        f"rules:\n  - id: one\n    list: {name}\n    action: review\n"
    )


PLANTED = {
    "a word": rule('metadata.group == "muslim"'),
    "upper case": rule('metadata.group == "MUSLIM"'),
    "full width": rule('metadata.group == "ｍｕｓｌｉｍ"'),
    "look-alikes": rule('metadata.group == "мuѕlіm"'),
    "digits": rule('metadata.group == "mu5lim"'),
    "one for l": rule('metadata.group == "mus1im"'),
    "spaced": rule('metadata.group == "m u s l i m"'),
    "signs between": rule('metadata.group == "m.u-s_lim"'),
    "zero width": rule('metadata.group == "mus\u200blim"'),
    "hex escape": rule(r'metadata.group == "\x6duslim"'),
    "unicode escape": rule(r'metadata.group == "\u006duslim"'),
    "octal escape": rule(r'metadata.group == "\155uslim"'),
    "raw text": rule('metadata.group == r"jewish"'),
    "in a sentence": rule('metadata.about.contains("the kurdish forum")'),
    "one of many": rule('metadata.group in ["readers", "rohingya"]'),
    "two parts": rule('metadata.group.startsWith("mus") && metadata.group.endsWith("lim")'),
    "a beginning": rule('metadata.group.startsWith("uygh")'),
    "a middle": rule('metadata.group.contains("ewish")'),
    "a pattern": rule('metadata.group.matches("m[ou]sl[ie]m")'),
    "a pattern without case": rule('metadata.group.matches("(?i)UYG?H?URS?")'),
    "a pattern of alternatives": rule('metadata.group.matches("spam|scam|sikhs")'),
    "other scripts": rule('metadata.group == "维吾尔族"'),
    "Cyrillic": rule('metadata.group == "евреи"'),
    "Arabic with a prefix": rule('metadata.group == "والمسلمين"'),
    "a practice": rule('metadata.topic == "Ramadan"'),
    "black people": rule('metadata.group == "black people"'),
    "a key": rule('metadata.religion == "a"'),
    "a key in brackets": rule('metadata["ethnicity"] == "a"'),
    "a key in disguise": rule('metadata["re1igion"] == "a"'),
    "a key in camel case": rule('metadata.authorNationality == "a"'),
    "a key of another language": rule('metadata["национальность"] == "a"'),
    "a key that is tested for": rule('"gender" in metadata'),
    "a key of a group": rule("metadata.is_muslim == true"),
    "a country": rule('metadata.country == "x"'),
    "below metadata": rule('metadata.author.religion == "a"'),
    "a loop's variable": rule('["a"].exists(religion, religion == door)'),
    "in a choice": rule('(door == "a" ? "hindu" : "b") == metadata.x'),
    "a key of a map": rule('{"hindu": true}.exists(k, k == metadata.x)'),
    "a rule's id": rule("scores.hate > 0.5", id="watch-muslims"),
    "a queue": rule("scores.hate > 0.5", queue="migrants"),
    "a tag": rule("scores.hate > 0.5", action="label", tags="[fine, gay]"),
    "the policy's name": "name: uyghur-watch\nthresholds: {}\n",
    "a label": "name: p\nthresholds: {religion: {review: 0.5}}\n",
    "a queue of a label": "name: p\nthresholds: {}\nqueues: {hate: {queue: refugees}}\n",
    "a language alone": rule('"fa" in content.languages'),
    "a language that is not": rule('!("en" in content.languages)'),
    "a language and a length": rule('"fa" in content.languages && content.characters > 5'),
    "a language or a score": rule('"fa" in content.languages || scores.hate > 0.9'),
    "a language and any score": rule('"fa" in content.languages && scores.hate >= 0.0'),
    "a language and a door": rule('content.languages.exists(l, l == "fa") && metadata.x == "a" || scores.hate > 0.5'),
    "a language, author counted": rule('"fa" in content.languages && author.decisions_30d > 10 || scores.hate > 0.9'),
    "a list of groups": listed("muslim", "jew", "sikh"),
    "a list of groups with fillers": listed("the muslims", "all jews", "these sikh people"),
    "a list of practices": listed("prayer", "fasting", "hijab", "halal", "beard"),
    "a list of disguises": listed("mu5lim", "j3w", "s.i.k.h"),
    "a list, padded a little": listed("muslim", "jew", "sikh", "hindu", "casino"),
    "a list, padded with the same": listed(
        "muslim", "jew", "casino", "Casino", "c a s i n o", "CASINO", "kurd", "arab", "sikh"
    ),
    "a list in other scripts": listed("穆斯林", "维吾尔族", "евреи", "المسلمين"),
    "a list of words with two senses": listed("blacks", "whites", "women"),
    "a list of domains": listed("muslims.example", "hijab.example", kind="domains"),
    "a list's name": listed("casino", name="muslims"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_policy_is_refused_with_a_reason(case):
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(PLANTED[case])
    expected = "policy.invalid" if case == "a label" else "policy.profiles_people"
    assert (caught.value.code, bool(caught.value.remedy)) == (expected, True)


HARMLESS = {
    "a score": rule("scores.hate > 0.5"),
    "a score in brackets": rule('scores["hate/threatening"] >= 0.4'),
    "any score": rule("scores.exists(label, scores[label] > 0.9)"),
    "a detector": rule('detectors["text.links"] > 0.5'),
    "a board": rule('metadata.board == "market"'),
    "a board about politics": rule('metadata.board == "politics"'),
    "a board about a place": rule('metadata.board == "iran"'),
    "a board about a language": rule('metadata.board == "german"'),
    "a colour": rule('metadata.theme == "black"'),
    "a product": rule('metadata.product == "beard oil"'),
    "a holiday": rule('metadata.board == "christmas"'),
    "church bells": rule('metadata.product.contains("church bells")'),
    "musl": rule('metadata.project == "musl libc"'),
    "a path": rule('metadata.path.startsWith("/forum/")'),
    "a pattern": rule('metadata.path.matches("^/(casino|poker)/[0-9]+$")'),
    "any pattern": rule('metadata.path.matches("^[a-z]+$")'),
    "short parts": rule('metadata.path.startsWith("a") && metadata.path.endsWith("b")'),
    "a list of boards": rule('metadata.board in ["news", "sport", "music"]'),
    "numbers": rule("metadata.reports > 3 && content.characters < 20"),
    "the author's decisions": rule("author.blocked_30d >= 2 || author.decisions_30d == 0"),
    "what another fact contains": rule("metadata.path.contains(door)"),
    "a language, a score, or numbers": rule('"fa" in content.languages && scores.hate > 0.5 || metadata.reports > 3'),
    "a door": rule('door == "openai"'),
    "a kind": rule('content.kind == "image" && content.image_count > 2'),
    "a language and a score": rule('"fa" in content.languages && scores.hate > 0.5'),
    "a language and a list": rule('!("en" in content.languages) && lists.found.hits > 0').replace(
        "rules:", "lists: {found: {kind: words, entries: [casino]}}\nrules:"
    ),
    "tags": rule("scores.violence > 0.5", action="label", tags="[spoiler, graphic, off-topic]"),
    "a queue": rule("scores.hate > 0.5", queue="urgent"),
    "pages and messages": rule("metadata.page > 1 && metadata.message_count > 1 && metadata.language_level == 2"),
    "scam domains": listed("evil.example", "free-prize.example", "casino.example", kind="domains"),
    "slurs": listed("retard", "wetback", "raghead", "kike", "faggot"),
    "threats that name groups": listed("kill all muslims", "gas the jews", "deport every migrant now"),
    "spoilers": listed("the butler did it", "he dies"),
    "half of it names": listed("muslim", "jew", "casino", "poker", "viagra"),
    "the name of another policy": "name: strict-market_2\nthresholds: {}\n",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_a_harmless_policy_loads(case):
    assert parse_policy(HARMLESS[case]).name


def test_a_list_that_mixes_is_warned_about():
    (warning,) = parse_policy(HARMLESS["half of it names"]).warnings
    assert warning == "list found: 2 of 5 entries only name people or what they practise (`muslim`, `jew`)"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("scores.hate < 0.5", "a score is low"),
        ("0.5 > scores.hate", "a score is low"),
        ("!(scores.hate > 0.5)", "a score is low"),
        ("scores.hate == 0.5", "a score is low"),
        ('"fa" in content.languages && scores.hate > 0.5', "languages differently"),
    ],
)
def test_what_may_be_wrong_is_warned_about(when, words):
    (warning,) = parse_policy(rule(when)).warnings
    assert words in warning
    assert warning.startswith("rule one: ")


def test_there_is_nothing_to_warn_of_in_most_conditions():
    assert list(warnings_about(Condition("scores.hate > 0.5 && scores.exists(l, scores[l] > 0.9)"))) == []


def test_a_pattern_that_cannot_be_read_is_pointed_at():
    condition = Condition('metadata.x.matches("[")')
    with pytest.raises(ConditionError) as caught:
        check_conduct(condition)
    assert (caught.value.code, caught.value.position) == ("policy.invalid", 19)
