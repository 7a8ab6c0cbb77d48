"""Options of `evenhand audit plan` and `evenhand audit run`, and what is made of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from evenhand.cli.eval_text import DIALECTS

if TYPE_CHECKING:
    from evenhand.audit.answers import Sentence
    from evenhand.audit.kept import KeptAnswers
    from evenhand.audit.run import Plan
    from evenhand.audit.targets import Target

LOCAL: Final = "local"
BASELINE: Final = "alt-profanity-check"

F = TypeVar("F", bound=Callable[..., Any])
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)

_OPTIONS: Final = (
    click.argument("target", default=LOCAL),
    click.option("--dialect", type=click.Choice(DIALECTS), help="How an address is asked."),
    click.option("--key-file", type=click.Path(path_type=Path), help="File with the key for an address."),
    click.option(
        "--threshold",
        type=click.FloatRange(0, 1),
        default=0.5,
        show_default=True,
        help="Where a service gives scores alone: it would act from this one on.",
    ),
    click.option("--families", "folder", type=_FOLDER, help="Folder of families, instead of those of evenhand."),
    click.option(
        "--corpus",
        "corpora",
        multiple=True,
        type=click.Path(path_type=Path),
        help="File of harmless texts of your own, asked about as well; several times for several.",
    ),
    click.option("--language", "languages", multiple=True, help="Only this language; several times for several."),
    click.option("--family", "chosen", multiple=True, help="Only this family; several times for several."),
    click.option(
        "--sentences", type=click.IntRange(0), default=0, help="At most so many; 0 for all.", show_default=True
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="Of their choice."),
    click.option("--out", type=_FOLDER, help="Folder of answers and report; by default audit- and the target's name."),
    click.option(
        "--requests-per-minute", type=click.FloatRange(0), default=0.0, help="At most so many; 0 for no limit."
    ),
    click.option("--max-requests", type=click.IntRange(0), help="Send no more, attempts counted."),
    click.option("--price-per-request", type=click.FloatRange(0), default=0.0, help="In any currency."),
    click.option("--max-cost", type=click.FloatRange(0), help="Send no more than this buys."),
    click.option(
        "--repeat",
        type=click.IntRange(0),
        default=20,
        show_default=True,
        help="Ask a server so many again, to see if its answers stay.",
    ),
    click.option("--processes", type=click.IntRange(0), default=0, help="For the local engine; 0 for one a core."),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options of both commands say."""

    target: str
    dialect: str | None
    key_file: Path | None
    threshold: float
    folder: Path | None
    corpora: tuple[Path, ...]
    languages: tuple[str, ...]
    chosen: tuple[str, ...]
    sentences: int
    seed: int
    out: Path | None
    requests_per_minute: float
    max_requests: int | None
    price_per_request: float
    max_cost: float | None
    repeat: int
    processes: int


def audit_options(function: F) -> F:
    """Add the options, which arrive as parameters with the names of the fields of `Wanted`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def make_target(wanted: Wanted) -> "Target":
    """Return what is to be audited.

    Raises:
        click.UsageError: Options do not fit.
        ConfigurationError: It cannot be used.
    """
    from evenhand.audit.run import most_requests
    from evenhand.audit.targets import Judge

    is_address = wanted.target.startswith(("http://", "https://"))
    if is_address != (wanted.dialect is not None):
        raise click.UsageError("An address needs --dialect, and only an address has one.")
    if wanted.key_file and not is_address:
        raise click.UsageError("--key-file goes with an address.")
    judge = Judge(wanted.threshold)
    limit = most_requests(requests=wanted.max_requests, cost=wanted.max_cost, price=wanted.price_per_request)
    if is_address or wanted.target.endswith(".toml"):
        return _make_endpoint(wanted, judge, limit)
    from evenhand.audit.local_targets import BaselineTarget, EngineTarget

    if wanted.target == BASELINE:
        return BaselineTarget(judge)
    policy = None if wanted.target == LOCAL else Path(wanted.target)
    return EngineTarget(policy, processes=wanted.processes)


def _make_endpoint(wanted: Wanted, judge: Any, limit: int | None) -> "Target":
    from evenhand.audit.endpoint_target import described_endpoint, named_endpoint
    from evenhand.cli.eval_file import read_endpoints
    from evenhand.scorers.endpoints import Manner

    manner = Manner(requests_per_minute=wanted.requests_per_minute)
    if wanted.dialect is None:
        return described_endpoint(Path(wanted.target), manner=manner, most_requests=limit)
    keys = [str(wanted.key_file)] if wanted.key_file else []
    (endpoint,) = read_endpoints([wanted.target], [wanted.dialect], keys)
    return named_endpoint(endpoint, judge=judge, manner=manner, most_requests=limit)


def make_sentences(wanted: Wanted) -> "tuple[Sentence, ...]":
    """Return what is to be asked.

    Raises:
        ConfigurationError: The families or a corpus cannot be used.
        InputError: Nothing is left.
    """
    from evenhand.audit.corpus import read_corpus
    from evenhand.audit.families import SHIPPED, read_families
    from evenhand.audit.generator import generate

    own = tuple(sentence for path in dict.fromkeys(wanted.corpora) for sentence in read_corpus(path))
    return own + generate(
        read_families(wanted.folder or SHIPPED),
        seed=wanted.seed,
        at_most=wanted.sentences,
        languages=wanted.languages,
        families=wanted.chosen,
    )


def folder_of(wanted: Wanted, target: "Target") -> Path:
    """Return where the answers and the report of `target` lie."""
    return wanted.out or Path("audit-" + re.sub(r"[^a-z0-9]+", "-", target.name.lower()).strip("-"))


def plan_of(wanted: Wanted, target: "Target", sentences: "tuple[Sentence, ...]", kept: "KeptAnswers | None") -> "Plan":
    """Return what a run will take."""
    from evenhand.audit.run import make_plan

    return make_plan(
        target,
        sentences,
        kept,
        repeats=wanted.repeat,
        price=wanted.price_per_request,
        requests_per_minute=wanted.requests_per_minute,
    )


def plan_lines(target: "Target", plan: "Plan") -> list[str]:
    """Return the plan for people."""
    lines = [
        f"{target.name}: {plan.sentences} sentences, {plan.pairs} counterfactual pairs",
        f"{plan.answered} are answered already, {plan.repeated} will be asked twice",
    ]
    if target.texts_per_request:
        lines.append(f"{plan.requests} requests, if none has to be repeated")
        if plan.cost:
            lines.append(f"cost: {plan.cost:.2f}")
        if plan.minutes:
            lines.append(f"time: {plan.minutes:.0f} minutes at least")
    else:
        lines.append("nothing is sent: it runs on this machine")
    return lines
