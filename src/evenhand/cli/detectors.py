"""`evenhand detectors`: what each detector declares."""

import json
from typing import TYPE_CHECKING, Any

import click

from evenhand.cli.options import json_option, setting_option, settings_from

if TYPE_CHECKING:
    from evenhand.detectors.base import AnyDetector


@click.command
@setting_option
@json_option
def command(*, setting: tuple[tuple[str, str], ...], as_json: bool) -> None:
    """Print the detectors with their labels and limits, without loading a model.

    Example: evenhand detectors
    """
    from evenhand.detectors.registry import declarations

    plugins = settings_from(setting).listed("plugins")
    declared = declarations(extra=plugins)
    if as_json:
        click.echo(json.dumps([_entry(detector) for detector in declared], indent=2))
        return
    for detector in declared:
        click.echo(f"{detector.id}\n  {_summary(detector)}")
        click.echo(f"  Labels: {', '.join(sorted(detector.labels)) or 'none; it reads words'}")
        click.echo(f"  Languages: {', '.join(detector.limits.languages) or 'any'}\n")


def _entry(detector: "type[AnyDetector]") -> dict[str, Any]:
    return {
        "id": detector.id,
        "modality": detector.modality,
        "labels": sorted(detector.labels),
        "languages": list(detector.limits.languages),
        "seconds": detector.limits.seconds,
        "megabytes": detector.limits.megabytes,
        "summary": _summary(detector),
    }


def _summary(detector: "type[AnyDetector]") -> str:
    return (detector.__doc__ or "").strip().partition("\n")[0]
