"""Moderate: screen contents, decide, keep the decision.

The one call that library, API, command line and bulk all make.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from evenhand.content.prepared import Prepared
from evenhand.content.text import MAX_TEXT_BYTES, Text, check_surroundings, prepare
from evenhand.core.content import Content, ImageFile
from evenhand.core.decision import Action, Decision, ImageFacts
from evenhand.core.errors import InputError, NotFoundError, TooLargeError
from evenhand.core.facts import AuthorHistory, Facts, FactValue, check_metadata
from evenhand.core.ids import new_id
from evenhand.core.signal import Signal
from evenhand.engine.screen import Engine, Screening, reconsider
from evenhand.policy.policy import Policy
from evenhand.second_look.look import NAME as SECOND_LOOK
from evenhand.second_look.look import Reply, SecondLook, Unavailable
from evenhand.service.replay import Shadow, kept_policy
from evenhand.store.records import DecisionRecord, StoredImage
from evenhand.store.store import Store

if TYPE_CHECKING:
    from evenhand.content.decoding import Decoder
    from evenhand.content.image import Image

#: Images in one content.
MAX_IMAGES: Final = 8


class Keep(StrEnum):
    """When the body of a content is stored with its decision."""

    NEVER = "never"
    REVIEW = "review"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Submission:
    """A content that passed the limits and is ready to be screened.

    Args:
        content: What the caller sent.
        prepared: The same, as detectors read it.
        policy: The policy that decides.
        keep: When to store the body: never, if the decision is review, or always.
        key_id: The API key that it came with; empty for the library and the command line.
        door: Which door it came through, such as `openai`.
        is_recorded: Whether the decision is one to keep; not so for a sentence that only gets a score of its own.
    """

    content: Content
    prepared: Prepared
    policy: Policy
    keep: Keep
    key_id: str
    door: str
    is_recorded: bool = True

    @property
    def text(self) -> Text:
        """The text; an empty one where there are only images."""
        return self.prepared.text or Text("")


@dataclass(frozen=True, slots=True)
class Screened:
    """Submissions that went through the detectors, and what was asked about them since.

    Args:
        submissions: In order.
        screenings: One for each.
        replies: For each, the answers on their way; none where every score is clear.
    """

    submissions: Sequence[Submission]
    screenings: Sequence[Screening]
    replies: Sequence[Sequence[Future[Reply]]]


class Moderation:
    """Engine, policies and store, put together. Safe to use from several threads.

    Args:
        engine: The detectors.
        policies: By name; the first is the default.
        store: Where decisions are kept; without one they are only returned.
        max_text_bytes: Longest text in bytes of UTF-8.
        observe: Called with each decision that was made and kept, and the door that it came through.
        second_look: Whom to ask about uncertain scores of texts; by default nobody.
        decoder: Decodes images; without one no image is accepted. Closed with this.
        shadow: A policy that judges beside the ones that decide, where decisions are kept; by default none.
    """

    def __init__(
        self,
        engine: Engine,
        policies: Sequence[Policy],
        *,
        store: Store | None = None,
        max_text_bytes: int = MAX_TEXT_BYTES,
        observe: Callable[[Decision, str], None] | None = None,
        second_look: SecondLook | None = None,
        decoder: "Decoder | None" = None,
        shadow: Shadow | None = None,
    ) -> None:
        self.engine = engine
        self._asked = {} if second_look is None else {SECOND_LOOK: second_look.version}
        self.policies: Mapping[str, Policy] = {policy.name: policy for policy in policies}
        self.default_policy = policies[0]
        self._store = store
        self._earlier: dict[str, Policy] = {}
        self._max_text_bytes = max_text_bytes
        self._observe = observe
        self._second_look = second_look
        self._decoder = decoder
        self.shadow = shadow

    @property
    def versions(self) -> Mapping[str, str]:
        """The version of everything that scores, by id."""
        return self.engine.versions | self._asked

    def submission(
        self,
        content: Content,
        *,
        field: str = "text",
        image_fields: Sequence[str] = (),
        policy: str = "",
        keep: Keep = Keep.REVIEW,
        key_id: str = "",
        door: str = "library",
    ) -> Submission:
        """Check `content` against the limits and return it ready for `moderate`; images are decoded here.

        Raises:
            InputError: As `content.text.prepare`, naming `field`, or as `content.decoding.Decoder.decode`, naming one
                of `image_fields` (by default `images[0]` and so on); `image.not_supported` where nothing sees images.
            TooLargeError: `text.too_long`, `images.too_many`, or as the decoder.
            NotFoundError: `policy.not_found`.
        """
        decides = self.policy(policy)
        prepared = self._prepared(content, field, image_fields)
        return Submission(content, prepared, decides, keep, key_id, door)

    def policy(self, name: str = "") -> Policy:
        """Return the policy of this name, or the default one where it is empty.

        Raises:
            NotFoundError: `policy.not_found`.
        """
        if name and name not in self.policies:
            raise unknown_policy(name, self.policies)
        return self.policies.get(name, self.default_policy)

    def policy_of(self, decision: Decision) -> Policy:
        """Return the policy that made `decision`, as it was; one without rules where nobody knows it any more.

        Raises:
            StoreError: The database failed.
        """
        policy = self.policies.get(decision.policy.name)
        if policy is not None and policy.version == decision.policy:
            return policy
        version = decision.policy.version
        # To read one takes longer than a page should; there are few of them.
        if version not in self._earlier and self._store and (kept := kept_policy(self._store, version)):
            self._earlier[version] = kept
        return self._earlier.get(version) or Policy(decision.policy.name, "", Action.REVIEW, ())

    def known(self, policy: Policy, *, author_id: str, metadata: Mapping[str, FactValue], door: str) -> Facts:
        """Return what is known of a content beside what is in it; the store is only asked for what `policy` reads.

        Args:
            policy: The policy that is to decide.
            author_id: The caller's own name for whoever wrote or posted it; empty: none.
            metadata: What the caller says of it; `core.facts.check_metadata` has passed it.
            door: Which door it came through.

        Raises:
            StoreError: The author's history could not be read.
        """
        histories = self._histories({author_id} if policy.reads_author and author_id else ())
        return Facts(metadata=metadata, author=histories.get(author_id, AuthorHistory()), door=door)

    def moderate(self, submissions: Sequence[Submission]) -> list[Decision]:
        """Return a decision for each of `submissions`, in order, all of them kept or none.

        Raises:
            StoreError: The decisions could not be kept, so nothing was accepted.
        """
        return self.finish(self._ask(submissions, self._screen(submissions)))

    def begin(self, requests: Sequence[Sequence[Submission]]) -> list[list[Decision] | Screened]:
        """Return the decisions on those of `requests` that are clear, and what waits for a reply of the others.

        Who waits for a reply does not hold up the rest, and is not kept waiting for long: see `SecondLook.ask`.

        Raises:
            StoreError: The decisions could not be kept, so nothing was accepted.
        """
        screenings = iter(self._screen([submission for request in requests for submission in request]))
        within = None if self._second_look is None else self._second_look.timeout_seconds
        begun = [self._ask(request, [next(screenings) for _ in request], within=within) for request in requests]
        clear = [screened for screened in begun if not any(screened.replies)]
        decisions = iter(
            self._conclude(
                [submission for screened in clear for submission in screened.submissions],
                [screening for screened in clear for screening in screened.screenings],
            )
        )
        return [
            screened if any(screened.replies) else [next(decisions) for _ in screened.submissions] for screened in begun
        ]

    def finish(self, screened: Screened) -> list[Decision]:
        """Return the decisions on `screened`, in order, once the answers are there; all of them are kept or none.

        Raises:
            StoreError: The decisions could not be kept, so nothing was accepted.
        """
        screenings = [
            _with_replies(submission, screening, [reply.result() for reply in replies])
            for submission, screening, replies in zip(
                screened.submissions, screened.screenings, screened.replies, strict=True
            )
        ]
        return self._conclude(screened.submissions, screenings)

    def close(self) -> None:
        """Let the threads of the detectors and of the second look end, and the processes that decode."""
        if self._decoder is not None:
            self._decoder.close()
        if self._second_look is not None:
            self._second_look.close()
        self.engine.close()

    def _prepared(self, content: Content, field: str, image_fields: Sequence[str]) -> Prepared:
        check_surroundings(content)
        check_metadata(content.metadata)
        is_text = not content.images or bool(content.text.strip())
        text = prepare(content, field=field, max_bytes=self._max_text_bytes) if is_text else None
        fields = image_fields or [f"images[{number}]" for number in range(len(content.images))]
        return Prepared(text, self._decoded(content.images, fields) if content.images else ())

    def _decoded(self, files: Sequence[ImageFile], fields: Sequence[str]) -> "tuple[Image, ...]":
        if self._decoder is None:
            raise InputError(
                "image.not_supported",
                "This server screens text only, so nothing of this content was screened.",
                field=fields[0],
                remedy="Send the text alone, or ask the operator to install evenhand[images].",
            )
        if not self.engine.covered_in_images:
            raise InputError(
                "image.not_supported",
                "Nothing is looked for in images now, so nothing of this content was screened.",
                field=fields[0],
                remedy="Send the text alone, or ask the operator to enable a hash bank that has entries.",
            )
        if len(files) > MAX_IMAGES:
            raise too_many_images(len(files), field=fields[MAX_IMAGES])
        return tuple(self._decoder.decode(file, field=field) for file, field in zip(files, fields, strict=True))

    def _screen(self, submissions: Sequence[Submission]) -> list[Screening]:
        return self.engine.screen(
            [submission.prepared for submission in submissions],
            [submission.policy for submission in submissions],
            self._known(submissions),
        )

    def _known(self, submissions: Sequence[Submission]) -> list[Facts]:
        """Return what is known of each beside what is in it; the store is only asked for what a policy reads."""
        asked = {each.content.author_id for each in submissions if each.policy.reads_author and each.content.author_id}
        histories = self._histories(asked)
        return [
            Facts(
                metadata=each.content.metadata,
                author=histories.get(each.content.author_id, AuthorHistory()),
                door=each.door,
            )
            for each in submissions
        ]

    def _histories(self, authors: Collection[str]) -> Mapping[str, AuthorHistory]:
        return self._store.authors.histories(authors, datetime.now(UTC)) if authors and self._store else {}

    def _ask(
        self, submissions: Sequence[Submission], screenings: Sequence[Screening], *, within: float | None = None
    ) -> Screened:
        second_look = self._second_look
        if second_look is None:
            return Screened(submissions, screenings, [()] * len(submissions))
        replies = [
            [
                second_look.ask(question, within=within)
                for question in second_look.questions(
                    submission.text.original, screening.verdict.scores, submission.policy
                )
                # Who is asked sees no images, and must not overrule what was seen in one.
                if submission.is_recorded and not submission.prepared.images
            ]
            for submission, screening in zip(submissions, screenings, strict=True)
        ]
        return Screened(submissions, screenings, replies)

    def _conclude(self, submissions: Sequence[Submission], screenings: Sequence[Screening]) -> list[Decision]:
        decisions = [self._decide(*pair) for pair in zip(submissions, screenings, strict=True)]
        recorded = [pair for pair in zip(submissions, decisions, strict=True) if pair[0].is_recorded]
        if self._store is not None:
            self._store.decisions.record([_record(*pair, shadow=self.shadow) for pair in recorded])
        if self._observe is not None:
            for submission, decision in recorded:
                self._observe(decision, submission.door)
        return decisions

    def _decide(self, submission: Submission, screening: Screening) -> Decision:
        return Decision(
            id=new_id("dec"),
            content_id=submission.content.id,
            created_at=datetime.now(UTC),
            verdict=screening.verdict,
            signals=screening.signals,
            failures=screening.failures,
            policy=submission.policy.version,
            detectors={**screening.detectors, **self._asked},
            languages=screening.languages,
            notices=screening.notices,
            images=tuple(map(_facts, submission.prepared.images)),
            facts=screening.facts,
        )


def too_many_images(count: int, *, field: str) -> TooLargeError:
    """Return the error for a content with `count` images."""
    return TooLargeError(
        "images.too_many",
        f"There are {count} images; at most {MAX_IMAGES} are accepted with one content.",
        field=field,
        remedy="Send them in parts.",
    )


def unknown_policy(name: str, known: Iterable[str]) -> NotFoundError:
    """Return the error for a policy that is none of those that are `known`."""
    return NotFoundError(
        "policy.not_found",
        f"There is no policy {name!r}.",
        field="policy",
        remedy=f"Use one of: {', '.join(known)}.",
    )


def _facts(image: "Image") -> ImageFacts:
    return ImageFacts(image.format, image.width, image.height, image.frame_count)


def _with_replies(submission: Submission, screening: Screening, replies: Sequence[Reply]) -> Screening:
    """Return `screening` as it is with `replies`; where there is none, it stands and says so."""
    if not replies:
        return screening
    return reconsider(
        screening,
        submission.policy,
        overruling=[reply for reply in replies if isinstance(reply, Signal)],
        notices=sorted({reply.notice for reply in replies if isinstance(reply, Unavailable)}),
    )


def _record(submission: Submission, decision: Decision, *, shadow: Shadow | None) -> DecisionRecord:
    keeps = submission.keep is Keep.ALWAYS or (submission.keep is Keep.REVIEW and decision.action is Action.REVIEW)
    return DecisionRecord(
        decision=without_reasons(decision),
        key_id=submission.key_id,
        door=submission.door,
        body=submission.content.text if keeps else None,
        context=submission.content.context if keeps else (),
        images=tuple(_copies(submission.prepared.images, decision)) if keeps else (),
        author_id=submission.content.author_id,
        shadows=shadow.verdicts(decision, submission.policy) if shadow else (),
    )


def _copies(images: "Sequence[Image]", decision: Decision) -> Iterator[StoredImage]:
    """Yield copies of the frames that a signal points at; of an image without any, a copy of the first."""
    for number, image in enumerate(images):
        pointed = {region.frame for signal in decision.signals for region in signal.regions if region.image == number}
        frames = {frame.number: frame for frame in reversed(image.frames)}
        shown = [frame for frame in frames.values() if frame.number in pointed] or [image.frames[0]]
        yield from (StoredImage(number, frame.number, frame.as_jpeg()) for frame in shown)


def without_reasons(decision: Decision) -> Decision:
    """Return `decision` without words that may repeat the content: a decision is kept longer than a content."""
    if not any(signal.reason for signal in decision.signals) and not any(span.reason for span in decision.timeline):
        return decision
    return replace(
        decision,
        signals=tuple(replace(signal, reason="") for signal in decision.signals),
        timeline=tuple(replace(span, reason="") for span in decision.timeline),
    )
