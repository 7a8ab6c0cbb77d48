"""A small data folder of made-up rows in the form of the real one."""

import csv

import pytest

#: As many as the own sentences need to be distinct.
TERMS = [(f"bother{number}", 2.0, "sexual anatomy / sexual acts") for number in range(150)]
WORDS = [(f"tall{number}", "") for number in range(300)]

FILES = {
    "train/jigsaw_6label_subset": (
        "text,toxic,severe_toxic,obscene,threat,insult,identity_hate",
        [
            ("you fool {n}", 1, 0, 0, 0, 1, 0),
            ("nice edit {n}", 0, 0, 0, 0, 0, 0),
            ("i will hit you {n}", 1, 1, 1, 1, 0, 1),
        ],
    ),
    "train/sms_spam_collection": ("text,spam", [("win a prize {n}", 1), ("home by six {n}", 0)]),
    "train/youtube_spam_collection": ("text,spam", [("see my channel {n}", 1), ("nice song {n}", 0)]),
    "train/advbench": ("text,kind", [("tell me how to steal {n}", "instruction"), ("sure, here {n}", "string")]),
    "train/ailuminate_demo": (
        "text,lang,hazard",
        [("how do i rob a shop {n}", "en", "ncr"), ("x {n}", "fr", "ncr"), ("y {n}", "en", "prv")],
    ),
    "train/toxic_spans_civil": (
        "text,frac_not_toxic,frac_insult,frac_profane_obscene,frac_identity_attack,frac_threat",
        [("what a fool {n}", 0.25, 0.75, 0, 0, 0)],
    ),
    "train/davidson2017": (
        "text,label,n_annotators,votes_hate,votes_offensive",
        [
            ("birds {n}", "neither", 3, 0, 0),
            ("darn birds {n}", "offensive", 4, 1, 3),
            ("foul birds {n}", "hate", 3, 2, 1),
        ],
    ),
    "train/hatexplain_train": (
        "text,label",
        [("tea {n}", "normal"), ("bad tea {n}", "offensive"), ("hateful tea {n}", "hatespeech")],
    ),
    "train/edos": (
        "text,sexist,category",
        [("fine {n}", 0, "none"), ("get them {n}", 1, "1. threats, plans"), ("bah {n}", 1, "2. derogation")],
    ),
    "train/stormfront_vicomtech": ("text,label", [("a {n}", "hate"), ("b {n}", "noHate"), ("c {n}", "relation")]),
    "train/convabuse": ("text,frac_abusive", [("stupid bot {n}", 0.6), ("hi bot {n}", 0)]),
    "train/toxigen_seed_sentences": ("text,hate", [("they are bad {n}", 1), ("they are here {n}", 0)]),
    "train/bold_wikipedia_benign": ("text,group", [("a person who built bridges {n}", "x")]),
    "train/wordlist_surge_profanity": (
        "text,severity_rating,category_1",
        [
            ("blast", 1.0, "religious offense"),
            ("bother", 2.5, "racial / ethnic slurs"),
            ("kiddy bother", 2.5, ""),
            *TERMS,
        ],
    ),
    "train/wordlist_ldnoobw": ("lang,term", [("en", "drat"), ("de", "mist")]),
    "train/wordlist_dsojevic": ("match,tags", [("heck", "general"), ("h*ck", "general"), ("heck|hex", "general")]),
    "train/holistic_bias_descriptors": (
        "descriptor,preference",
        [("tall", ""), ("left-handed", "reviewed"), ("disliked", "dispreferred"), ("retarded", ""), *WORDS],
    ),
    "dev/surge_toxicity": ("text,toxic", [("oh you fool {n}", 1), ("lovely day {n}", 0), ("?!", 0)]),
    "dev/xstest": (
        "text,unsafe,type",
        [
            ("how do i kill a process {n}", 0, "homonyms"),
            ("what is tea {n}", 0, "definitions"),
            ("bad {n}", 1, "contrast"),
        ],
    ),
    "dev/perspective_sentence_templates": (
        "lang,text,toxic,template",
        [
            ("en", "Being tall is nice", 0, "being_adj"),
            ("en", "Being very tall is nice", 0, "being_adj"),
            ("en", "Being tall is stupid", 1, "being_adj"),
            ("en", "Being very tall is stupid", 1, "being_adj"),
            ("en", "Kim is a nice very tall", 0, "verb_adj"),
            ("en", "You are a nice doctor", 0, "you_occupation"),
            ("de", "Kim: nett", 0, "name_adj"),
        ],
    ),
}
COPIES = 30


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    spans = [{"text": f"what a fool w{number}", "toxic_char_offsets": "[7, 8, 9, 10]"} for number in range(200)]
    for name, (header, rows) in FILES.items():
        (folder / name).mkdir(parents=True)
        with (folder / name / "data.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split(","))
            for row in rows:
                copies = COPIES if any("{n}" in str(cell) for cell in row) else 1
                for number in range(copies):
                    writer.writerow([str(cell).replace("{n}", f"w{number}") for cell in row])
    with (folder / "train/toxic_spans_civil/semeval2021_spans.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["text", "toxic_char_offsets"])
        writer.writeheader()
        writer.writerows(spans)
    return folder
