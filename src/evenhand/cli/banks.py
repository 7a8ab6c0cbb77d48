"""`evenhand banks`: make hash banks, fill them from lists or from pictures of your own, and put them out of use."""

import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from evenhand.cli import EXIT_INPUT
from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from
from evenhand.core.bank import MOST_DISTANCE, Algorithm, Bank, BankKind, Entry
from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError
from evenhand.core.taxonomy import CATEGORIES, Label

if TYPE_CHECKING:
    from evenhand.bulk.hash_lists import Rejected
    from evenhand.content.decoding import Decoder
    from evenhand.store.banks import ImportReport

Given = tuple[tuple[str, str], ...]

#: Forms of a list; the command's help must not have to load what reads them.
_FORMS: Final = ("auto", "text", "csv", "json", "jsonl", "ncmec")
#: Rows that are told one by one.
_MOST_TOLD: Final = 20


@click.group
def command() -> None:
    """Keep banks of hashes of known content, against which images are matched.

    A bank is for known content, logos, memes and adverts; never for people. Nothing here recognises anybody.
    """


@command.command
@click.argument("name")
@click.option("--label", type=click.Choice([label.value for label in CATEGORIES]), help="What a match is a sign of.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in BankKind]),
    default=BankKind.BLOCK.value,
    show_default=True,
    help="Whether it names known content, or false alarms of other banks, which then no longer count.",
)
@click.option("--owner", default="", help="Who answers for it.")
@click.option(
    "--distance",
    type=click.IntRange(0, MOST_DISTANCE),
    default=MOST_DISTANCE,
    show_default=True,
    help="Most of the 256 bits in which a PDQ hash may differ.",
)
@data_folder_option
@setting_option
@json_option
def create(
    *,
    name: str,
    label: str | None,
    kind: str,
    owner: str,
    distance: int,
    data_folder: str | None,
    setting: Given,
    as_json: bool,
) -> None:
    """Make an empty bank called NAME: for known content, logos, memes or adverts, never for people.

    A block bank needs --label; an allow bank has none.

    Example: evenhand banks create scam-adverts --label scam --owner 'ads team'
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        bank = store.banks.create(
            name=name, owner=owner, kind=BankKind(kind), label=Label(label) if label else None, distance=distance
        )
    click.echo(json.dumps(_shown(bank, {}), indent=2) if as_json else f"The bank {name} is there, and empty.")


@command.command(name="list")
@data_folder_option
@setting_option
@json_option
def list_(*, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Print all banks with the number of their entries.

    Example: evenhand banks list --json
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        sizes = store.banks.sizes(datetime.now(UTC))
        shown = [_shown(bank, sizes.get(bank.id, {})) for bank in store.banks.list()]
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    for bank in shown:
        counts = ", ".join(f"{count} {algorithm}" for algorithm, count in bank["entries"].items()) or "empty"
        state = "enabled" if bank["is_enabled"] else "disabled"
        meaning = bank["label"] or bank["kind"]
        click.echo(
            f"{bank['name']}  {meaning}  distance {bank['distance']}  {counts}  {state}  {bank['owner']}".rstrip()
        )


@command.command(name="import")
@click.argument("name", metavar="BANK")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(_FORMS), default="auto", show_default=True, help="The form of the list."
)
@click.option(
    "--algorithm",
    type=click.Choice([algorithm.value for algorithm in Algorithm]),
    help="What made the hashes, where the list does not say it: 64 digits may be PDQ or SHA-256.",
)
@click.option("--source", help="Where the list is from, kept with each entry; by default the file's name.")
@data_folder_option
@setting_option
@json_option
def import_(
    *,
    name: str,
    file: Path,
    form: str,
    algorithm: str | None,
    source: str | None,
    data_folder: str | None,
    setting: Given,
    as_json: bool,
) -> None:
    """Put the hashes of a list into BANK; a second time changes nothing.

    It reads plain text, CSV, JSON and JSON Lines, pages of ThreatExchange, StopNCII and Tech Against Terrorism, and
    NCMEC's XML. Rows that cannot be read are told with their number, and the others are imported all the same.

    Example: evenhand banks import terror-media list.csv --source 'list of 26 November'
    """
    from evenhand.bulk.hash_lists import ListFormat, read_hash_list

    rejected: list[Rejected] = []

    def entries() -> Iterator[Entry]:
        chosen = None if form == "auto" else ListFormat(form)
        for row in read_hash_list(file, form=chosen, algorithm=Algorithm(algorithm) if algorithm else None):
            if isinstance(row, Entry):
                yield row
            else:
                rejected.append(row)

    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        report = store.banks.put(name, entries(), source=file.name if source is None else source)
    _tell_import(report, rejected, as_json=as_json)
    if any(not row.is_unusable for row in rejected):
        sys.exit(EXIT_INPUT)


@command.command
@click.argument("name", metavar="BANK")
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_folder_option
@setting_option
@json_option
def add(*, name: str, pictures: tuple[Path, ...], data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Put the hashes of PICTURES of your own into BANK: of logos, memes and adverts, never of people.

    The pictures themselves are not kept. Of each, the SHA-256 of the file goes in, and the PDQ of what it shows, unless
    it shows too little. Pictures for sexual/minors cannot be added: such a bank takes supplied lists only.

    Example: evenhand banks add scam-adverts advert.png banner.jpg
    """
    from evenhand.content.decoding import Decoder

    with opened_store(settings_from(setting, data_folder=data_folder)) as store, Decoder(workers=1) as decoder:
        if store.banks.get(name).label is Label.SEXUAL_MINORS:
            raise InputError(
                "bank.supplied_only",
                "Pictures cannot be added to a bank for sexual/minors.",
                field="name",
                remedy="Import a list of hashes from an organisation that may keep them; never keep such pictures.",
            )
        added = {str(path): _entries_of(path, decoder) for path in pictures}
        report = store.banks.put(name, [entry for each in added.values() for entry in each], source="own picture")
    counts = {path: Counter(str(entry.algorithm) for entry in entries) for path, entries in added.items()}
    if as_json:
        click.echo(json.dumps({"pictures": counts} | dataclasses.asdict(report), indent=2))
        return
    for path, of_this in counts.items():
        looks = "" if of_this["pdq"] else "; it shows too little to be known by its look"
        click.echo(f"{path}: {', '.join(f'{count} {algorithm}' for algorithm, count in of_this.items())}{looks}")
    click.echo(_sentence(report))


@command.command
@click.argument("name", metavar="BANK")
@data_folder_option
@setting_option
@json_option
def enable(*, name: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Look into BANK again.

    Example: evenhand banks enable scam-adverts
    """
    _set_enabled(name, data_folder, setting, is_enabled=True, as_json=as_json)


@command.command
@click.argument("name", metavar="BANK")
@data_folder_option
@setting_option
@json_option
def disable(*, name: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Look into BANK no more, and keep its entries.

    Example: evenhand banks disable scam-adverts
    """
    _set_enabled(name, data_folder, setting, is_enabled=False, as_json=as_json)


@command.command
@click.argument("name", metavar="BANK")
@click.option("--entry", "ids", type=int, multiple=True, help="Only the entry with this id; repeatable.")
@click.option("--yes", is_flag=True, help="Do not ask before a whole bank is removed.")
@data_folder_option
@setting_option
@json_option
def remove(
    *, name: str, ids: tuple[int, ...], yes: bool, data_folder: str | None, setting: Given, as_json: bool
) -> None:
    """Remove BANK with all its entries, or only some of them.

    \b
    Examples:
      evenhand banks remove scam-adverts
      evenhand banks remove scam-adverts --entry 17
    """  # noqa: D301 -- click wants this backslash
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        if ids:
            count = store.banks.take_out(name, ids)
        else:
            store.banks.get(name)
            if not yes:
                click.confirm(f"Remove the bank {name} and all its entries?", abort=True, err=True)
            count = store.banks.remove(name)
    if as_json:
        click.echo(json.dumps({"bank": name, "removed": count}))
    else:
        gone = "" if ids else f"The bank {name} is removed. "
        click.echo(f"{gone}Entries removed: {count}.")


def _set_enabled(name: str, data_folder: str | None, setting: Given, *, is_enabled: bool, as_json: bool) -> None:
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        bank = store.banks.set_enabled(name, is_enabled=is_enabled)
    if as_json:
        click.echo(json.dumps({"bank": bank.name, "is_enabled": bank.is_enabled}))
    else:
        click.echo(f"The bank {name} is {'enabled' if is_enabled else 'disabled'}.")


def _entries_of(path: Path, decoder: "Decoder") -> list[Entry]:
    """Return the hashes of a picture: of its file, and of what each frame shows that shows enough."""
    from evenhand.content.pdq import LEAST_QUALITY, pdq

    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            "file.unreadable", f"{path} cannot be read: {error.strerror}.", field="pictures", remedy="Check the path."
        ) from None
    image = decoder.decode(ImageFile(data), field=str(path))
    looks = {found.bits for found in (pdq(frame.pixels) for frame in image.frames) if found.quality >= LEAST_QUALITY}
    entries = [Entry(Algorithm.SHA256, bytes.fromhex(image.sha256), path.name)]
    return entries + [Entry(Algorithm.PDQ, bits, path.name) for bits in sorted(looks)]


def _tell_import(report: "ImportReport", rejected: "list[Rejected]", *, as_json: bool) -> None:
    broken = [row for row in rejected if not row.is_unusable]
    unusable = Counter(row.reason for row in rejected if row.is_unusable)
    if as_json:
        rows = [{"row": row.row, "reason": row.reason} for row in broken]
        click.echo(json.dumps(dataclasses.asdict(report) | {"unusable": unusable, "rejected": rows}, indent=2))
        return
    for row in broken[:_MOST_TOLD]:
        click.echo(f"Row {row.row}: {row.reason}.", err=True)
    if len(broken) > _MOST_TOLD:
        click.echo(f"And {len(broken) - _MOST_TOLD} more; --json names them all.", err=True)
    for reason, count in unusable.items():
        click.echo(f"{count} not usable: {reason}.", err=True)
    click.echo(_sentence(report) + (f" {len(broken)} rows could not be read." if broken else ""))


def _sentence(report: "ImportReport") -> str:
    return (
        f"{report.added} added, {report.updated} updated, {report.removed} removed, {report.unchanged} there already."
    )


def _shown(bank: Bank, sizes: Any) -> dict[str, Any]:
    return {
        "id": bank.id,
        "name": bank.name,
        "owner": bank.owner,
        "kind": bank.kind,
        "label": bank.label,
        "distance": bank.distance,
        "is_enabled": bank.is_enabled,
        "created_at": bank.created_at.isoformat(),
        "entries": dict(sizes),
    }
