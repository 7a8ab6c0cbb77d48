"""What the native dialect reads and answers about jobs, as types."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from evenhand.api.native.schema import ContentId, DecisionAnswer, Languages, Metadata
from evenhand.core.job import JobStatus
from evenhand.core.timeline import Utterance

Priority = Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": 10})]


class JobForm(msgspec.Struct, forbid_unknown_fields=True):
    """What is asked for with a clip that comes as a file.

    Args:
        id: Your own name for it, given back as `content_id`.
        policy: Name of the policy that decides; left out, the default one.
        languages: BCP-47 tags of what is spoken, if you know; left out, the language is detected.
        store_content: `true` keeps transcript, reasons and thumbnails, `false` never does; left out, only for review.
        priority: 1 is the most urgent, 10 the least.
        author_id: Your own name for whoever posted it, not theirs: reviewers see what else is from there.
        metadata: What you say of it, such as `{"board": "market"}`, for the policy's conditions; not of who posted it.
            In a form, the same as JSON.
    """

    id: ContentId = ""
    policy: str = ""
    languages: Languages = []
    store_content: bool | UnsetType = UNSET
    priority: Priority = 5
    author_id: ContentId = ""
    metadata: Metadata = {}


class JobRequest(JobForm, forbid_unknown_fields=True, kw_only=True):
    """A request to screen a clip at an address; a clip of your own comes in a form instead.

    Args:
        url: Where the clip is; the operator must have allowed that addresses are fetched.
        id: Your own name for it, given back as `content_id`.
        policy: Name of the policy that decides; left out, the default one.
        languages: BCP-47 tags of what is spoken, if you know; left out, the language is detected.
        store_content: `true` keeps transcript, reasons and thumbnails, `false` never does; left out, only for review.
        priority: 1 is the most urgent, 10 the least.
        author_id: Your own name for whoever posted it, not theirs: reviewers see what else is from there.
        metadata: What you say of it, such as `{"board": "market"}`, for the policy's conditions; not of who posted it.
    """

    url: Annotated[str, Meta(extra_json_schema={"minLength": 1})]


class JobErrorBody(msgspec.Struct):
    """Why there is no decision.

    Args:
        code: Stable; match on this.
        message: For people; may be reworded.
        field: What of the request is wrong; empty where it is nothing of that.
        remedy: The way out.
    """

    code: str
    message: str
    field: str
    remedy: str


class JobAnswer(msgspec.Struct):
    """A job.

    Args:
        id: `job_` and 32 hex digits; sorts by time.
        content_id: Your own name for the clip; empty when it had none.
        status: waiting, running, done, failed, cancelled or dead.
        progress: Share of the clip that was screened, 0 to 1.
        seconds: How long the clip is; 0 as long as nobody has looked.
        priority: As you sent it.
        created_at: When it was accepted, in UTC.
        started_at: When a worker first began.
        ended_at: When it came to its final status.
        decision: The decision, once the job is done. Its `clip` says what the clip is, its `timeline` what was found.
        transcript: What was said, where the content is kept.
        error: Why there is no decision, for a job that is failed or dead.
    """

    id: str
    content_id: str
    status: JobStatus
    progress: float
    seconds: float
    priority: int
    created_at: Annotated[datetime, Meta(tz=True)]
    started_at: Annotated[datetime, Meta(tz=True)] | None = None
    ended_at: Annotated[datetime, Meta(tz=True)] | None = None
    decision: DecisionAnswer | None = None
    transcript: tuple[Utterance, ...] = ()
    error: JobErrorBody | None = None


class JobList(msgspec.Struct):
    """Jobs, newest first.

    Args:
        jobs: At most 100, without their decisions.
    """

    jobs: list[JobAnswer]
