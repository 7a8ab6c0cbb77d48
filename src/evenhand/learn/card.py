"""Write the figures and the model card of the text model. Neither holds a row of any data set."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import msgspec

from evenhand.detectors.encoder import NETWORK
from evenhand.detectors.text.lexicon import LexiconDetector
from evenhand.detectors.text.toxicity import CODE_VERSION, HEADS_OF, ToxicityDetector
from evenhand.learn.compose import DESCRIPTORS, SOURCE
from evenhand.learn.corpora import SOURCES
from evenhand.learn.dev_sets import SPANS, SURGE, TEMPLATES, XSTEST
from evenhand.learn.evaluate import PLAIN, POLICY, THRESHOLDS, DevSets, evaluate_all
from evenhand.learn.lessons import CALIBRATING_BELOW, FITTED_BELOW
from evenhand.learn.recipe import Recipe
from evenhand.learn.trained import Trained

TEXT: Final = Path(__file__).with_name("card.md")
_LEVELS: Final = (POLICY, *map(str, THRESHOLDS))
_GROUP_FIGURES: Final = ("subgroup_auc", "bpsn_auc", "bnsp_auc")


def figures_of(trained: Trained, sets: DevSets, *, model: Path, recipe: Recipe) -> dict[str, Any]:
    """Return every figure of a trained model that was written to `model`, ready for JSON."""
    detector = ToxicityDetector(model=model)
    return {
        "model": ToxicityDetector.id,
        "code_version": CODE_VERSION,
        "sha256": trained.description.sha256,
        "bytes": sum(path.stat().st_size for path in model.iterdir() if path.suffix != ".json"),
        "network_bytes": (model / NETWORK).stat().st_size,
        "recipe": msgspec.json.decode(msgspec.json.encode(recipe)),
        "rows": trained.rows,
        "held_out": [
            asdict(row) | {"auc": row.auc.as_json(), "precision": row.precision.as_json()} for row in trained.held_out
        ],
        "dev": evaluate_all([detector, LexiconDetector()], sets),
    }


def write_card(figures: dict[str, Any]) -> str:
    """Return the model card as Markdown."""
    text = TEXT.read_text(encoding="utf-8")
    tables = {
        "labels": _labels(),
        "sources": _sources(figures),
        "recipe": _recipe(figures),
        "held_out": _held_out(figures),
        "ranking": _ranking(figures),
        "prompts_by_policy": _prompts_by_policy(figures),
        "groups": _groups(figures),
        "evidence": _evidence(figures),
        "disguised": _disguised(figures),
        "found": _found(figures),
        "prompts": _prompts(figures),
        "missed_prompts": _missed_prompts(figures),
        "templates": _templates(figures),
        "by_label": _by_label(figures),
        "plain_words": _plain_words(figures),
    }
    for name, lines in tables.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines))
    return text


def _table(*columns: str) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"


def _labels() -> Iterator[str]:
    yield from _table("Label", "Follows from")
    for label, heads in HEADS_OF.items():
        names = " and ".join(f"`{head}`" for head in heads)
        yield f"| `{label}` | {'the lesser of ' if len(heads) > 1 else ''}{names} |"
    yield "| `sexual/minors` | `sexual`, where the text mentions a minor; 0 elsewhere. Nothing is trained on it |"


def _sources(figures: dict[str, Any]) -> Iterator[str]:
    rows, uses = figures["rows"], figures["recipe"]["sources"]
    yield from _table("Source", "Rows", "Weight of a row", "Licence", "How its labels were mapped")
    for source in SOURCES:
        weight = uses.get(source.name, {}).get("weight", 1.0)
        yield f"| {source.name} | {rows.get(source.name, 0)} | {weight:g} | {source.licence} | {source.note} |"
    composed = sum(count for name, count in rows.items() if name.startswith(SOURCE))
    yield (
        f"| {SOURCE} | {composed} | by set | Apache-2.0; filled in with words of {DESCRIPTORS} (CC BY-SA 4.0) and of "
        "wordlist_surge_profanity (MIT) | as the files of `learn/sentences` state for each set |"
    )


def _recipe(figures: dict[str, Any]) -> Iterator[str]:
    recipe = figures["recipe"]
    training = recipe["training"]
    yield (
        f"- Network {figures['network_bytes'] / 1e6:.1f} MB, {figures['bytes'] / 1e6:.1f} MB with its vocabulary; "
        f"SHA-256 `{figures['sha256']}`."
    )
    yield (
        f"- Seed {recipe['seed']}; {training['epochs']:g} epochs; learning rate {training['rate']:g} for the encoder "
        f"and {training['head_rate']:g} for the heads; {training['disguised']:.0%} of the lessons disguised, "
        f"{training['swapped']:.0%} of the comments that name a group told of another."
    )
    last = recipe["refinement"]
    if last["topics"]:
        others = [
            _at_most(last["sentences"], "other own sentences"),
            _at_most(last["comments"], "comments that name no group"),
            _at_most(last["comments_on_groups"], "comments that name one"),
        ]
        topics = ", ".join(map(_in_words, last["topics"]))
        yield f"- The last pass: learning rate {last['rate']:g}; {topics}; beside them {', '.join(others)}."
        yield f"- In the mean of the weights before and after the last pass, those before count {last['before']:.0%}."
    yield (
        f"- Of every hundred rows (by a hash of the text), {FITTED_BELOW} are fitted, "
        f"{CALIBRATING_BELOW - FITTED_BELOW} calibrate and {100 - CALIBRATING_BELOW} are held out."
    )


def _in_words(topic: str) -> str:
    return topic.replace("_", " ")


def _at_most(rows: int, what: str) -> str:
    return f"at most {rows:,} {what}" if rows else f"all {what}"


def _held_out(figures: dict[str, Any]) -> Iterator[str]:
    yield from _table("Head", "Data set", "AUC (95 % interval)", "Average precision", "Rows", "Positive")
    for row in figures["held_out"]:
        if row["source"].startswith(SOURCE):
            continue
        auc, precision = row["auc"], row["precision"]
        yield (
            f"| `{row['head']}` | {row['source'] or '**all**'} | {_interval(auc)} | {_interval(precision)} "
            f"| {auc['rows']} | {auc['positives']} |"
        )


def _ranking(figures: dict[str, Any]) -> Iterator[str]:
    yield from _table("Model", f"AUC on {SURGE}", "Average precision", "Rows")
    for name, dev in figures["dev"].items():
        own = dev[SURGE]
        yield f"| {name} | {_interval(own['auc'])} | {_interval(own['average_precision'])} | {own['auc']['rows']} |"


def _prompts_by_policy(figures: dict[str, Any]) -> Iterator[str]:
    yield from _table("Model", "Safe prompts wrongly flagged", "Unsafe prompts found", "Rows")
    for name, dev in figures["dev"].items():
        wrong, found = dev[XSTEST]["wrongly_flagged_by_policy"], dev[XSTEST]["found_by_policy"]
        yield f"| {name} | {_percent(wrong)} | {_percent(found)} | {wrong['rows']} and {found['rows']} |"


def _groups(figures: dict[str, Any]) -> Iterator[str]:
    gaps = ["Gap by the default policy", *(f"Gap at {least}" for least in THRESHOLDS)]
    yield from _table("Model", "AUC", "Lowest subgroup AUC", "Lowest BPSN AUC", "Lowest BNSP AUC", *gaps)
    for name, dev in figures["dev"].items():
        own = dev[TEMPLATES]
        lowest = [f"{_decimals(shown['value'])} ({shown['kind']})" for shown in own["lowest"].values()]
        cells = [f"{own['auc']:.3f}", *lowest, *(_share(own["largest_gap"][level]) for level in _LEVELS)]
        yield f"| {name} | {' | '.join(cells)} |"


def _evidence(figures: dict[str, Any]) -> Iterator[str]:
    yield from _table("Model", f"Character F1 on {SPANS}", "Rows")
    for name, dev in figures["dev"].items():
        if own := dev.get("evidence"):
            yield f"| {name} | {_interval(own)} | {own['rows']} |"


def _disguised(figures: dict[str, Any]) -> Iterator[str]:
    models = figures["dev"]
    yield from _table("Disguise", *(f"{name}" for name in models), f"Drop of {figures['model']}")
    for kind in models[figures["model"]]["disguised"]:
        own = models[figures["model"]]["disguised"]
        cells = [f"{dev['disguised'][kind]:.3f}" for dev in models.values()]
        yield f"| {kind} | {' | '.join(cells)} | {own['as written'] - own[kind]:.3f} |"


def _found(figures: dict[str, Any]) -> Iterator[str]:
    own = figures["dev"][figures["model"]][SURGE]
    yield from _table("Threshold", "Toxic comments found", "Others wrongly flagged")
    for least, found in own["found"].items():
        yield f"| {least} | {found:.1%} | {own['wrongly_flagged'][least]:.1%} |"
    yield f"| default policy | {own['found_by_policy']:.1%} | {own['wrongly_flagged_by_policy']:.1%} |"


def _prompts(figures: dict[str, Any]) -> Iterator[str]:
    own = figures["dev"][figures["model"]][XSTEST]
    yield from _table("Type of prompt", "Texts", "Default policy", "`TOXICITY` at 0.5", "at 0.7", "at 0.9")
    for kind, shares in {"**all**": own["all"], **own["by_kind"]}.items():
        cells = [f"{shares[level]:.1%}" for level in _LEVELS]
        yield f"| {kind} | {shares['rows']} | {' | '.join(cells)} |"


def _missed_prompts(figures: dict[str, Any]) -> Iterator[str]:
    yield from _table("Type of prompt", "Texts", "Found by the default policy")
    for kind, own in figures["dev"][figures["model"]][XSTEST]["unsafe_by_kind"].items():
        yield f"| {kind} | {own['rows']} | {own['found']:.1%} |"


def _templates(figures: dict[str, Any]) -> Iterator[str]:
    own = figures["dev"][figures["model"]][TEMPLATES]
    levels = ["Default policy", *(f"at {least}" for least in THRESHOLDS)]
    yield from _table("Word filled in", "Texts", "Mean score", *levels, "Subgroup AUC", "BPSN AUC", "BNSP AUC")
    for kind, shares in own["by_kind"].items():
        cells = [f"{shares['mean']:.3f}", *(f"{shares[level]:.1%}" for level in _LEVELS)]
        cells += [_decimals(shares[figure]) for figure in _GROUP_FIGURES]
        yield f"| {kind} | {shares['rows']} | {' | '.join(cells)} |"


def _plain_words(figures: dict[str, Any]) -> Iterator[str]:
    yield from _table("Model", "Words", "Texts", "Mean score", "Default policy", *(f"at {each}" for each in THRESHOLDS))
    for name, dev in figures["dev"].items():
        own = dev[PLAIN]
        kinds = own["by_kind"] if name == figures["model"] else {}
        for kind, shares in {"**all**": own["all"], **kinds}.items():
            cells = [f"{shares['mean']:.3f}", *(f"{shares[level]:.1%}" for level in _LEVELS)]
            yield f"| {name} | {kind.replace('_', ' ')} | {shares['rows']} | {' | '.join(cells)} |"


def _by_label(figures: dict[str, Any]) -> Iterator[str]:
    own = figures["dev"][figures["model"]]["flagged_by_label"]
    prompts, templates = own[XSTEST], own[TEMPLATES]
    yield from _table("Label", *(f"{kind} at {least}" for kind in ("Prompts", "Sentences") for least in THRESHOLDS))
    for label, shares in prompts.items():
        cells = [f"{shown[str(least)]:.1%}" for shown in (shares, templates[label]) for least in THRESHOLDS]
        yield f"| `{label}` | {' | '.join(cells)} |"


def _decimals(value: float | None) -> str:
    return "too few" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "too few" if value is None else f"{value:.1%}"


def _interval(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _percent(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.1%} ({figure['low']:.1%} to {figure['high']:.1%})"
