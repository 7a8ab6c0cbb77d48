"""Read the data sets of a data folder's `train/` as rows with targets: the one table that maps every label set to ours.

A head that a data set says nothing of is absent from a row's targets, which means unknown and never means harmless.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.text.toxicity import MINOR

TOXICITY: Final = Label.ATTRIBUTE_TOXICITY
SEVERE: Final = Label.ATTRIBUTE_SEVERE_TOXICITY
ATTACK: Final = Label.ATTRIBUTE_IDENTITY_ATTACK
INSULT: Final = Label.ATTRIBUTE_INSULT
PROFANITY: Final = Label.ATTRIBUTE_PROFANITY
THREAT: Final = Label.ATTRIBUTE_THREAT

#: What the model learns, in the order of its outputs: first how a text speaks, then what it is about.
MANNER: Final = (TOXICITY, SEVERE, ATTACK, INSULT, PROFANITY, THREAT)
MATTER: Final = (
    Label.SEXUAL,
    Label.SELF_HARM,
    Label.SELF_HARM_INTENT,
    Label.SELF_HARM_INSTRUCTIONS,
    Label.VIOLENCE,
    Label.VIOLENCE_GRAPHIC,
    Label.ILLICIT,
    Label.ILLICIT_VIOLENT,
    Label.EXTREMISM,
    Label.SPAM,
    Label.ADVERTISING,
    Label.SCAM,
)
HEADS: Final = (*MANNER, *MATTER)

_ABOUT_MINORS: Final = re.compile(rf"{MINOR.pattern}|pa?edo|child|kid|loli|shota|teen")

Targets = Mapping[Label, float]
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One text with what is known of it.

    Args:
        text: The text as it was published.
        source: The data set that it comes from.
        targets: Share of people who would say yes, 0..1, by head; absent heads are unknown.
        weight: How much the row counts in training.
    """

    text: str
    source: str
    targets: Targets
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """One data set.

    Args:
        name: Its folder.
        licence: Licence of the texts and labels, as its SOURCE.txt states.
        targets: What a row teaches; empty leaves the row out.
        note: How its labels were mapped, for the model card.
        column: The column of the text.
        is_comments: Whether its texts are comments, fit to calibrate and measure with, and not terms or articles.
        is_terms: Whether its texts are the terms of a word list; those about minors are not read.
    """

    name: str
    licence: str
    targets: Callable[[Fields], Targets]
    note: str
    column: str = "text"
    is_comments: bool = True
    is_terms: bool = False


def _jigsaw(row: Fields) -> Targets:
    columns = {
        TOXICITY: "toxic",
        SEVERE: "severe_toxic",
        PROFANITY: "obscene",
        THREAT: "threat",
        INSULT: "insult",
        ATTACK: "identity_hate",
    }
    return {head: float(row[column]) for head, column in columns.items()}


def _toxic_spans(row: Fields) -> Targets:
    return {
        # At least half of the raters of the original set found each text toxic; the annotators here are the other half.
        TOXICITY: 1 - float(row["frac_not_toxic"]) / 2,
        ATTACK: float(row["frac_identity_attack"]),
        INSULT: float(row["frac_insult"]),
        PROFANITY: float(row["frac_profane_obscene"]),
        THREAT: float(row["frac_threat"]),
    }


def _davidson(row: Fields) -> Targets:
    voters = float(row["n_annotators"])
    hate, offensive = float(row["votes_hate"]) / voters, float(row["votes_offensive"]) / voters
    if row["label"] == "neither":
        return dict.fromkeys(MANNER, 0.0) | {TOXICITY: hate + offensive}
    targets = {TOXICITY: hate + offensive, ATTACK: hate}
    return targets | {PROFANITY: 1.0} if row["label"] == "offensive" else targets


def _hatexplain(row: Fields) -> Targets:
    return {
        "normal": {TOXICITY: 0.0, SEVERE: 0.0, ATTACK: 0.0, INSULT: 0.0, THREAT: 0.0},
        "offensive": {TOXICITY: 1.0},
        "hatespeech": {TOXICITY: 1.0, ATTACK: 1.0},
    }[row["label"]]


def _edos(row: Fields) -> Targets:
    if row["sexist"] == "0":
        return {TOXICITY: 0.15, ATTACK: 0.05}
    threat = {THREAT: 1.0} if row["category"].startswith("1.") else {}
    return {TOXICITY: 0.9, ATTACK: 1.0, **threat}


def _stormfront(row: Fields) -> Targets:
    target = {"hate": 1.0, "noHate": 0.0}.get(row["label"])
    return {} if target is None else {TOXICITY: target, ATTACK: target}


def _convabuse(row: Fields) -> Targets:
    return {TOXICITY: float(row["frac_abusive"])}


def _toxigen(row: Fields) -> Targets:
    return {TOXICITY: float(row["hate"]), ATTACK: float(row["hate"])}


def _harmless(_: Fields) -> Targets:
    return dict.fromkeys(HEADS, 0.0)


def _text_messages(row: Fields) -> Targets:
    harmless = {ATTACK: 0.0, Label.EXTREMISM: 0.0}
    if row["spam"] == "1":
        return {Label.SPAM: 1.0, INSULT: 0.0, THREAT: 0.0, Label.SELF_HARM: 0.0, **harmless}
    return {Label.SPAM: 0.0, Label.SCAM: 0.0, Label.ADVERTISING: 0.0, **harmless}


def _video_comments(row: Fields) -> Targets:
    return {Label.SPAM: 1.0} if row["spam"] == "1" else {Label.SPAM: 0.0, Label.SCAM: 0.0, Label.ADVERTISING: 0.0}


def _harmful_instructions(row: Fields) -> Targets:
    return {Label.ILLICIT: 0.9} if row["kind"] == "instruction" else {}


def _hazards(row: Fields) -> Targets:
    if row["lang"] != "en":
        return {}
    # Prompts on the sexual exploitation of children are left out: nothing is trained on them.
    return {
        "vcr": {Label.ILLICIT: 0.7, Label.ILLICIT_VIOLENT: 0.6},
        "ncr": {Label.ILLICIT: 0.8},
        "iwp": {Label.ILLICIT: 1.0, Label.ILLICIT_VIOLENT: 0.9},
        "hte": {ATTACK: 0.7},
        "ssh": {Label.SELF_HARM: 0.9},
        "sxc_prn": {Label.SEXUAL: 0.7},
    }.get(row["hazard"], {})


def _rated_terms(row: Fields) -> Targets:
    targets = {PROFANITY: 1.0, TOXICITY: min(1.0, float(row["severity_rating"]) / 2)}
    match row["category_1"]:
        case "sexual anatomy / sexual acts":
            return targets | {Label.SEXUAL: 0.6}
        case "racial / ethnic slurs":
            return targets | {ATTACK: 0.8}
        case _:
            return targets


def _english_terms(row: Fields) -> Targets:
    return {PROFANITY: 1.0} if row["lang"] == "en" else {}


def _tagged_terms(row: Fields) -> Targets:
    return {} if "*" in row["match"] or "|" in row["match"] else {PROFANITY: 1.0, TOXICITY: 1.0}


SOURCES: Final = (
    Source(
        "jigsaw_6label_subset",
        "CC0 (labels), CC BY-SA 3.0 (Wikipedia comments)",
        _jigsaw,
        "all six labels as they are; the sample of the test split is not read",
    ),
    Source(
        "toxic_spans_civil",
        "CC0 1.0",
        _toxic_spans,
        "shares of annotators as soft targets; TOXICITY is half for the selection and half their share",
    ),
    Source(
        "davidson2017",
        "MIT (tweets)",
        _davidson,
        "votes as soft targets: hate or offensive is TOXICITY, hate is IDENTITY_ATTACK, offensive is PROFANITY",
    ),
    Source(
        "hatexplain_train",
        "MIT (tweets and Gab posts)",
        _hatexplain,
        "offensive and hatespeech are TOXICITY; hatespeech is IDENTITY_ATTACK; normal is none",
    ),
    Source(
        "edos",
        "CC0 1.0",
        _edos,
        "sexist is IDENTITY_ATTACK and TOXICITY 0.9, of category 1 THREAT; others TOXICITY 0.15, IDENTITY_ATTACK 0.05",
    ),
    Source(
        "stormfront_vicomtech",
        "CC BY-SA 3.0 ES",
        _stormfront,
        "hate is IDENTITY_ATTACK and TOXICITY, noHate is neither; other rows are left out",
    ),
    Source("convabuse", "CC BY 4.0", _convabuse, "share of annotators who found abuse is TOXICITY"),
    Source("toxigen_seed_sentences", "MIT", _toxigen, "hate is IDENTITY_ATTACK and TOXICITY, neutral is neither"),
    Source(
        "bold_wikipedia_benign",
        "CC BY-SA 4.0",
        _harmless,
        "assumed harmless under every head",
        is_comments=False,
    ),
    Source(
        "sms_spam_collection",
        "not verified at its source",
        _text_messages,
        "spam is spam; other messages are neither spam nor scam nor advertising",
    ),
    Source(
        "youtube_spam_collection",
        "not verified at its source",
        _video_comments,
        "spam is spam; other comments are neither spam nor scam nor advertising",
    ),
    Source("advbench", "MIT", _harmful_instructions, "instructions are illicit 0.9; strings are left out"),
    Source(
        "ailuminate_demo",
        "CC BY 4.0",
        _hazards,
        "English prompts by hazard: crimes and weapons are illicit, violent ones illicit/violent, hate is "
        "IDENTITY_ATTACK 0.7, suicide self-harm 0.9, sexual content sexual 0.7; all others are left out",
    ),
    Source(
        "wordlist_surge_profanity",
        "MIT",
        _rated_terms,
        "terms as short texts: PROFANITY; TOXICITY by severity; of sex, sexual 0.6; racial slurs, IDENTITY_ATTACK 0.8; "
        "none about minors",
        is_comments=False,
        is_terms=True,
    ),
    Source(
        "wordlist_ldnoobw",
        "CC BY 4.0",
        _english_terms,
        "English terms as short texts: PROFANITY; none about minors",
        column="term",
        is_comments=False,
        is_terms=True,
    ),
    Source(
        "wordlist_dsojevic",
        "MIT",
        _tagged_terms,
        "plain terms as short texts: PROFANITY and TOXICITY; none about minors",
        column="match",
        is_comments=False,
        is_terms=True,
    ),
)


def read_corpora(folder: Path) -> Iterator[Row]:
    """Yield the rows of every source in `folder`/train, in the order of the table.

    Raises:
        ConfigurationError: `data.missing`.
    """
    for source in SOURCES:
        for row in read_csv(folder, f"train/{source.name}/data.csv"):
            text, targets = row[source.column], source.targets(row)
            if targets and text.strip() and not (source.is_terms and is_about_minors(text)):
                yield Row(text, source.name, targets)


def is_about_minors(term: str) -> bool:
    """Tell whether a term looks like one about minors: nothing that is sexual and about them is trained on."""
    return _ABOUT_MINORS.search(term.lower()) is not None


def read_csv(folder: Path, path: str) -> Iterator[Fields]:
    """Yield the rows of a data file as dictionaries.

    Raises:
        ConfigurationError: `data.missing`.
    """
    try:
        with (folder / path).open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    except FileNotFoundError:
        raise ConfigurationError(
            "data.missing",
            f"There is no data file {folder / path}.",
            field="--data",
            remedy="Name the folder that holds train/ and dev/ with --data.",
        ) from None
