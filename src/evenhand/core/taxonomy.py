"""The closed list of labels, each defined by conduct.

This is the one taxonomy file: nothing else in evenhand may add a label. A label names what somebody *does* in a text,
never who they are; `core.conduct` and its tests refuse a label that describes people.

Counterparts are the nearest names in other taxonomies, as published: the OpenAI moderation API (omni-moderation),
the Perspective API (v1alpha1), Amazon Rekognition moderation labels (version 7, top-level names) and MLCommons
AILuminate 1.0 hazard codes. An empty tuple means that the other taxonomy has no counterpart.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Label(StrEnum):
    """One label of the closed list: 18 categories of conduct and the 7 attributes of the Perspective API."""

    SEXUAL = "sexual"
    SEXUAL_MINORS = "sexual/minors"
    HATE = "hate"
    HATE_THREATENING = "hate/threatening"
    HARASSMENT = "harassment"
    HARASSMENT_THREATENING = "harassment/threatening"
    SELF_HARM = "self-harm"
    SELF_HARM_INTENT = "self-harm/intent"
    SELF_HARM_INSTRUCTIONS = "self-harm/instructions"
    VIOLENCE = "violence"
    VIOLENCE_GRAPHIC = "violence/graphic"
    ILLICIT = "illicit"
    ILLICIT_VIOLENT = "illicit/violent"
    EXTREMISM = "extremism"
    SPAM = "spam"
    ADVERTISING = "advertising"
    SCAM = "scam"
    PROFANITY = "profanity"

    ATTRIBUTE_TOXICITY = "TOXICITY"
    ATTRIBUTE_SEVERE_TOXICITY = "SEVERE_TOXICITY"
    ATTRIBUTE_IDENTITY_ATTACK = "IDENTITY_ATTACK"
    ATTRIBUTE_INSULT = "INSULT"
    ATTRIBUTE_PROFANITY = "PROFANITY"
    ATTRIBUTE_THREAT = "THREAT"
    ATTRIBUTE_SEXUALLY_EXPLICIT = "SEXUALLY_EXPLICIT"

    # A label equals its text, so it must hash like it; the enum's own hash is of its name, and slower.
    __hash__ = str.__hash__

    @property
    def is_attribute(self) -> bool:
        """Whether this label is a Perspective attribute and not one of evenhand's own categories."""
        return self.name.startswith("ATTRIBUTE_")


@dataclass(frozen=True, slots=True)
class LabelEntry:
    """What a label means, what it does not mean, and what other taxonomies call it."""

    label: Label
    definition: str
    not_meant: str
    openai: tuple[str, ...] = ()
    perspective: tuple[str, ...] = ()
    aws: tuple[str, ...] = ()
    ailuminate: tuple[str, ...] = ()


_ENTRIES: Final = (
    LabelEntry(
        Label.SEXUAL,
        "Describes or depicts sexual acts or body parts in order to arouse, or solicits or sells sexual services.",
        "Sex education, medicine, reports of abuse, art history, or a person stating whom they love.",
        openai=("sexual",),
        perspective=("SEXUALLY_EXPLICIT",),
        aws=("Explicit", "Non-Explicit Nudity of Intimate parts and Kissing"),
        ailuminate=("sxc_prn", "src"),
    ),
    LabelEntry(
        Label.SEXUAL_MINORS,
        "Sexualises a person who is described or depicted as under 18, or solicits such content.",
        "Child protection, reporting of crimes, survivors' accounts, and age-appropriate education.",
        openai=("sexual/minors",),
        ailuminate=("cse",),
    ),
    LabelEntry(
        Label.HATE,
        "Attacks, dehumanises or calls for the exclusion of people because of a group that they belong to.",
        "Naming a group, practising a religion, reclaiming a slur, or quoting abuse to report or oppose it.",
        openai=("hate",),
        perspective=("IDENTITY_ATTACK",),
        aws=("Hate Symbols",),
        ailuminate=("hte",),
    ),
    LabelEntry(
        Label.HATE_THREATENING,
        "Threatens, incites or wishes violence on people because of a group that they belong to.",
        "Reports, history, fear of such violence told by those it is aimed at, and calls to stop it.",
        openai=("hate/threatening",),
        perspective=("IDENTITY_ATTACK", "THREAT"),
        ailuminate=("hte", "vcr"),
    ),
    LabelEntry(
        Label.HARASSMENT,
        "Insults, demeans, bullies or sets others upon a person, without the ground being a group.",
        "Criticism of an act, a work or a public office, friendly banter, or a complaint about being harassed.",
        openai=("harassment",),
        perspective=("TOXICITY", "INSULT"),
        aws=("Rude Gestures",),
    ),
    LabelEntry(
        Label.HARASSMENT_THREATENING,
        "Threatens a person with violence or serious harm, or urges others to do it.",
        "Hyperbole about things and deadlines, sport, games, fiction, warnings, and quoting a threat to report it.",
        openai=("harassment/threatening",),
        perspective=("THREAT",),
        ailuminate=("vcr",),
    ),
    LabelEntry(
        Label.SELF_HARM,
        "Promotes, encourages or depicts suicide, self-injury or disordered eating.",
        "Prevention, offers of help, mourning, recovery, research and figures of speech.",
        openai=("self-harm",),
        ailuminate=("ssh",),
    ),
    LabelEntry(
        Label.SELF_HARM_INTENT,
        "States that the speaker means to, or is about to, harm themselves.",
        "Telling of past crises, asking how to help another, and figures of speech.",
        openai=("self-harm/intent",),
        ailuminate=("ssh",),
    ),
    LabelEntry(
        Label.SELF_HARM_INSTRUCTIONS,
        "Gives or asks for methods, doses or advice for harming oneself.",
        "Safe-storage advice, medical dosing for treatment, and crisis-line information.",
        openai=("self-harm/instructions",),
        ailuminate=("ssh",),
    ),
    LabelEntry(
        Label.VIOLENCE,
        "Threatens, incites, glorifies or depicts killing, injury or physical harm.",
        "News, history, law, self-defence classes, sport, games and fiction told as such.",
        openai=("violence",),
        perspective=("THREAT",),
        aws=("Violence",),
        ailuminate=("vcr",),
    ),
    LabelEntry(
        Label.VIOLENCE_GRAPHIC,
        "Describes or depicts death, wounds or mutilation in gory detail.",
        "Medical, forensic or news accounts without relish, and surgery for education.",
        openai=("violence/graphic",),
        aws=("Visually Disturbing",),
        ailuminate=("vcr",),
    ),
    LabelEntry(
        Label.ILLICIT,
        "Gives or asks for advice on committing a crime or wrongdoing that is not violent.",
        "Questions about the law, prevention, security research and harmless acts told in the same words.",
        openai=("illicit",),
        aws=("Drugs & Tobacco",),
        ailuminate=("ncr",),
    ),
    LabelEntry(
        Label.ILLICIT_VIOLENT,
        "Gives or asks for advice on committing violence or obtaining weapons for it.",
        "Lawful hunting and sport, history, fiction and the study of weapons and their control.",
        openai=("illicit/violent",),
        ailuminate=("vcr", "iwp"),
    ),
    LabelEntry(
        Label.EXTREMISM,
        "Threatens, incites, praises, recruits for or instructs in violent attacks for a cause.",
        "Political opinion, protest, naming or studying a movement, religious practice, and reports of attacks.",
        aws=("Hate Symbols",),
        ailuminate=("vcr",),
    ),
    LabelEntry(
        Label.SPAM,
        "Bulk, repeated or meaningless posting that pushes itself on readers.",
        "An enthusiastic or repeated post by somebody who takes part in the conversation.",
        perspective=("SPAM",),
    ),
    LabelEntry(
        Label.ADVERTISING,
        "Promotes goods, services or accounts, or diverts readers to contact details or other places to buy.",
        "Answering a question with a link, recommending a thing without gain, and marked classified sections.",
        perspective=("SPAM",),
    ),
    LabelEntry(
        Label.SCAM,
        "Deceives in order to obtain money, credentials or access.",
        "Warnings about scams and questions whether something is one.",
        ailuminate=("ncr",),
    ),
    LabelEntry(
        Label.PROFANITY,
        "Uses swear words or obscene language, whoever or whatever it is aimed at.",
        "Words that only contain or sound like a swear word, place names and surnames.",
        perspective=("PROFANITY", "OBSCENE"),
    ),
    LabelEntry(
        Label.ATTRIBUTE_TOXICITY,
        "A rude, disrespectful or unreasonable comment that is likely to make people leave a discussion.",
        "Disagreement, identity statements, and bad news soberly told.",
        openai=("harassment", "hate"),
        perspective=("TOXICITY",),
    ),
    LabelEntry(
        Label.ATTRIBUTE_SEVERE_TOXICITY,
        "A very hateful, aggressive or disrespectful comment.",
        "Mild or friendly use of swear words.",
        openai=("harassment", "hate"),
        perspective=("SEVERE_TOXICITY",),
    ),
    LabelEntry(
        Label.ATTRIBUTE_IDENTITY_ATTACK,
        "A negative or hateful comment that targets people because of a group that they belong to.",
        "Naming a group, self-description, and quoting abuse to oppose it.",
        openai=("hate",),
        perspective=("IDENTITY_ATTACK",),
        ailuminate=("hte",),
    ),
    LabelEntry(
        Label.ATTRIBUTE_INSULT,
        "An insulting, inflammatory or negative comment towards a person or people.",
        "Criticism of an act, a work or a public office.",
        openai=("harassment",),
        perspective=("INSULT",),
    ),
    LabelEntry(
        Label.ATTRIBUTE_PROFANITY,
        "Swear words, curse words or other obscene language.",
        "Words that only contain or sound like a swear word.",
        perspective=("PROFANITY",),
    ),
    LabelEntry(
        Label.ATTRIBUTE_THREAT,
        "States an intention to inflict pain, injury or violence on a person or people.",
        "Hyperbole about things, sport, games, fiction, and quoting a threat to report it.",
        openai=("harassment/threatening", "violence"),
        perspective=("THREAT",),
        ailuminate=("vcr",),
    ),
    LabelEntry(
        Label.ATTRIBUTE_SEXUALLY_EXPLICIT,
        "Refers to sexual acts, body parts or other lewd content.",
        "Sex education, medicine, and a person stating whom they love.",
        openai=("sexual",),
        perspective=("SEXUALLY_EXPLICIT",),
        aws=("Explicit",),
        ailuminate=("sxc_prn",),
    ),
)

TAXONOMY: Final = MappingProxyType({entry.label: entry for entry in _ENTRIES})
CATEGORIES: Final = tuple(label for label in Label if not label.is_attribute)
ATTRIBUTES: Final = tuple(label for label in Label if label.is_attribute)
