"""`evenhand audit voices`: the same sentences in different synthetic voices, and whether that changes the decision."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evenhand.cli.audit_variations import ask_and_report
from evenhand.cli.options import json_option

if TYPE_CHECKING:
    from evenhand.audit.answers import Answer, Answers
    from evenhand.audit.variations import Table

_PATH = click.Path(path_type=Path)


@click.command("voices")
@click.option("--policy", type=_PATH, help="A policy file.")
@click.option("--sentences", type=click.IntRange(0), default=0, help="At most so many; 0 for all.")
@click.option("--voices", "most_voices", type=click.IntRange(0), default=0, help="At most so many; 0 for all.")
@click.option("--out", type=_PATH, default="audit-voices", show_default=True, help="Folder of answers and report.")
@json_option
def command(*, policy: Path | None, sentences: int, most_voices: int, out: Path, as_json: bool) -> None:
    """Have espeak-ng speak sentences in different voices, and print if the voice changes the decision on what is said.

    Every sentence is screened as a clip in each voice, and typed. Answers are kept in a folder, with a report as JSON
    and as a page, and a run that was cut goes on where it was. A clip that was not spoken or not screened is counted as
    failed, never as a pass.

    Example: evenhand audit voices --sentences 6 --voices 6
    """
    from evenhand.audit import variations
    from evenhand.audit.voices import LIMITS, VOICES, VoiceTarget, spoken_rows

    rows = spoken_rows(sentences, voices=VOICES[: most_voices or None])

    def tell(answers: "Answers", said: "Mapping[str, Answer]") -> "tuple[tuple[Table, ...], tuple[str, ...]]":
        return (variations.voices(answers, said), variations.flips_by_axis(answers, counted="sentences")), LIMITS

    target = VoiceTarget(rows, policy)
    ask_and_report(target, tuple(rows), matter="clips", tell=tell, out=out, as_json=as_json)
