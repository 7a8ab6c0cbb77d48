"""Write the figures and the model card of the text model. Neither holds a row of any data set."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from evenhand.detectors.text.toxicity import CODE_VERSION, HEADS_OF, ToxicityDetector
from evenhand.learn.compose import DESCRIPTORS, SOURCE
from evenhand.learn.corpora import SOURCES
from evenhand.learn.dev_sets import SURGE, TEMPLATES, XSTEST
from evenhand.learn.evaluate import BASELINE, DevSets, baseline_scorer, evaluate, flagged_by_label, scorer_of
from evenhand.learn.fit import ITERATIONS, LEAST_TEXTS, PENALTY, PREVALENCE
from evenhand.learn.train import CALIBRATING_BELOW, FITTED_BELOW, Trained

TEXT: Final = Path(__file__).with_name("card.md")


def figures_of(trained: Trained, sets: DevSets, *, weights: Path, seed: int) -> dict[str, Any]:
    """Return every figure of a trained model whose weights were written to `weights`, ready for JSON."""
    detector = ToxicityDetector(weights=weights)
    dev = {detector.id: evaluate(scorer_of(detector), sets)}
    if baseline := baseline_scorer():
        dev[BASELINE] = evaluate(baseline, sets)
    data = weights.read_bytes()
    return {
        "model": ToxicityDetector.id,
        "code_version": CODE_VERSION,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "seed": seed,
        "rows": trained.rows,
        "prevalence": {str(head): share for head, share in PREVALENCE.items()},
        "held_out": [
            asdict(row) | {"auc": row.auc.as_json(), "precision": row.precision.as_json()} for row in trained.held_out
        ],
        "dev": dev,
        "flagged_by_label": flagged_by_label(detector, sets),
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
        "found": _found(figures),
        "prompts": _breakdown(figures, XSTEST, "Type of prompt"),
        "templates": _breakdown(figures, TEMPLATES, "Word filled in"),
        "gaps": _gaps(figures),
        "by_label": _by_label(figures),
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


def _sources(figures: dict[str, Any]) -> Iterator[str]:
    rows = figures["rows"]
    yield from _table("Source", "Rows", "Weight of a row", "Licence", "How its labels were mapped")
    for source in SOURCES:
        yield f"| {source.name} | {rows[source.name]} | {source.weight:g} | {source.licence} | {source.note} |"
    composed = sum(count for name, count in rows.items() if name.startswith(SOURCE))
    yield (
        f"| {SOURCE} | {composed} | 1 to 4 | Apache-2.0; filled in with words of {DESCRIPTORS} (CC BY-SA 4.0) and of "
        "wordlist_surge_profanity (MIT) | as `learn/sentences.toml` states for each set |"
    )


def _recipe(figures: dict[str, Any]) -> Iterator[str]:
    prevalence = ", ".join(f"{head} {share:g}" for head, share in figures["prevalence"].items())
    yield f"- Seed {figures['seed']}; {figures['bytes'] / 1e6:.1f} MB; SHA-256 `{figures['sha256']}`."
    yield (
        f"- Of every hundred comments (by a hash of the text), {FITTED_BELOW} are fitted, "
        f"{CALIBRATING_BELOW - FITTED_BELOW} calibrate and {100 - CALIBRATING_BELOW} are held out."
    )
    yield f"- L-BFGS, {ITERATIONS} iterations, prior of strength {PENALTY:g}."
    yield f"- N-grams of fewer than {LEAST_TEXTS} texts have no weight."
    yield f"- Share of positives that calibration assumes: {prevalence}."


def _held_out(figures: dict[str, Any]) -> Iterator[str]:
    yield from _table("Head", "Data set", "AUC (95 % interval)", "Average precision", "Rows", "Positive")
    for row in figures["held_out"]:
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


def _found(figures: dict[str, Any]) -> Iterator[str]:
    own = figures["dev"][figures["model"]][SURGE]
    yield from _table("Threshold", "Toxic comments found", "Others wrongly flagged")
    for least, share in own["found"].items():
        yield f"| {least} | {share:.1%} | {own['wrongly_flagged'][least]:.1%} |"


def _breakdown(figures: dict[str, Any], name: str, heading: str) -> Iterator[str]:
    own = figures["dev"][figures["model"]][name]
    baseline = figures["dev"].get(BASELINE, {}).get(name)
    yield from _table(heading, "Texts", "Mean score", "at 0.5", "at 0.7", "at 0.9", f"{BASELINE} at 0.5")
    for kind, shares in {"**all**": own["all"], **own["by_kind"]}.items():
        beside = "" if baseline is None else f"{(baseline['by_kind'].get(kind) or baseline['all'])['0.5']:.1%}"
        cells = " | ".join(f"{shares[least]:.1%}" for least in ("0.5", "0.7", "0.9"))
        yield f"| {kind} | {shares['rows']} | {shares['mean']:.3f} | {cells} | {beside} |"


def _by_label(figures: dict[str, Any]) -> Iterator[str]:
    prompts, templates = figures["flagged_by_label"][XSTEST], figures["flagged_by_label"][TEMPLATES]
    columns = [f"{kind} at {least}" for kind in ("Prompts", "Sentences") for least in ("0.5", "0.7", "0.9")]
    yield from _table("Label", *columns)
    for label, shares in prompts.items():
        cells = [f"{own[least]:.1%}" for own in (shares, templates[label]) for least in ("0.5", "0.7", "0.9")]
        yield f"| `{label}` | {' | '.join(cells)} |"


def _gaps(figures: dict[str, Any]) -> Iterator[str]:
    for name, dev in figures["dev"].items():
        own = dev[TEMPLATES]
        gaps = ", ".join(f"{gap:.1%} at {least}" for least, gap in own["largest_gap"].items())
        yield (
            f"- {name}: AUC {own['auc']:.3f} over all, {own['lowest_auc']:.3f} within the worst word; the worst word "
            f"is wrongly flagged more often than all together by {gaps}."
        )


def _interval(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
