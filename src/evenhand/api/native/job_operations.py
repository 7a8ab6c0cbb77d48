"""The routes of jobs described, with examples, for the OpenAPI document."""

from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response

from evenhand.api.native.job_schema import JobAnswer, JobForm, JobList, JobRequest
from evenhand.api.native.schema import ErrorAnswer
from evenhand.api.operation import KEY_ERRORS, Operation, body_errors
from evenhand.core.errors import EvenhandError, InputError, NotFoundError, StoreError, TooLargeError

Refuse = Callable[[EvenhandError], Response]

_TAG: Final = "evenhand"
_JOB_ID: Final = "job_0199c1a2b3c4d5e6f708192a3b4c5d6e"
_JOB: Final[dict[str, Any]] = {
    "id": _JOB_ID,
    "content_id": "clip-17",
    "status": "running",
    "progress": 0.5,
    "seconds": 60.0,
    "priority": 5,
    "created_at": "2026-11-26T10:00:00.123456Z",
    "started_at": "2026-11-26T10:00:00.623456Z",
    "ended_at": None,
    "decision": None,
    "transcript": [],
    "error": None,
}
_NOT_FOUND: Final = NotFoundError("job.not_found", "There is no such job, or it is not yours to see.")
_ID: Final = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "A job's `id`.",
    "schema": {"type": "string", "pattern": "^job_[0-9a-f]{32}$"},
    "example": _JOB_ID,
}
_ACCEPT_ERRORS: Final = (
    InputError("clip.missing", "There is no clip.", field="url", remedy="Give its `url`, or send the file in a form."),
    InputError("clip.not_supported", "This server screens no clips, so nothing was accepted.", field="clip"),
    InputError("form.invalid", "The form cannot be read: Missing boundary.", remedy="Send it as `curl -F` does."),
    InputError("priority.invalid", "The priority 11 is not 1 to 10.", field="priority", remedy="Give 1 to 10."),
    InputError("author.invalid", "The id is over 200 characters or has invisible ones.", field="author_id"),
    InputError("metadata.invalid", "The field is no JSON object of texts, numbers and booleans.", field="metadata"),
    InputError("jobs.too_many", "This key has 100 jobs that are not over.", remedy="Wait until some are."),
    TooLargeError("clip.too_large", "The clip has over 536870912 bytes.", field="clip", remedy="Compress it more."),
    NotFoundError("policy.not_found", "There is no policy 'strict'.", field="policy", remedy="Use one of: default."),
    StoreError("spool.full", "There is no room on the disk for the clip.", remedy="Free some, and send it again."),
)


def accept(refuse: Refuse) -> Operation:
    """Describe `POST /v1/jobs`."""
    return Operation(
        name="accept_job",
        tag=_TAG,
        summary="Screen a sound or video clip",
        description=(
            "Answers 202 with a job, which is then done even if the server is killed. Send the file in a form "
            "(`multipart/form-data`) as `clip`, with the other fields beside it, or the `url` of one as JSON where the "
            "operator allows it. Ask for the job, watch its progress, or have a webhook told. What the clip itself has "
            "wrong, such as `clip.format`, ends the job as `failed` with that code. Needs a key with scope `screen`."
        ),
        keys=("bearer",),
        body=(JobRequest,),
        form=JobForm,
        body_examples={
            "Address": {"url": "https://example.org/clip.mp4", "id": "clip-17", "priority": 3},
            "With author": {
                "url": "https://example.org/clip.mp4",
                "author_id": "user-9",
                "metadata": {"board": "market", "is_new": True},
            },
        },
        answer=(JobAnswer,),
        answer_status=202,
        answer_examples={"Accepted": _JOB | {"status": "waiting", "progress": 0.0, "seconds": 0.0, "started_at": None}},
        errors=(*body_errors("url"), *_ACCEPT_ERRORS, *KEY_ERRORS),
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def list_jobs(refuse: Refuse) -> Operation:
    """Describe `GET /v1/jobs`."""
    return Operation(
        name="list_jobs",
        tag=_TAG,
        summary="List the newest jobs",
        description="A key with the scope `review` sees every job, a key with the scope `screen` its own.",
        keys=("bearer",),
        answer=(JobList,),
        answer_examples={"Jobs": {"jobs": [_JOB]}},
        errors=KEY_ERRORS,
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def show(refuse: Refuse) -> Operation:
    """Describe `GET /v1/jobs/{id}`."""
    return _of_one(
        refuse,
        name="job",
        summary="Ask for a job",
        description=(
            "With its decision once it is done. Transcript, reasons and thumbnails are there as long as the content is "
            "kept, which `store_content` says."
        ),
    )


def cancel(refuse: Refuse) -> Operation:
    """Describe `POST /v1/jobs/{id}/cancel`."""
    return _of_one(
        refuse,
        name="cancel_job",
        summary="Cancel a job",
        description=(
            "One that waits ends at once, one that runs after the half minute of clip that it is at; one that is over "
            "stays as it is."
        ),
        status=202,
    )


def watch(refuse: Refuse) -> Operation:
    """Describe `GET /v1/jobs/{id}/progress`."""
    return Operation(
        name="watch_job",
        tag=_TAG,
        summary="Watch a job",
        description=(
            "Server-sent events: `progress` with the job whenever it changed, and at last `end` with the job as it is "
            "then, after which the stream ends."
        ),
        keys=("bearer",),
        parameters=(_ID,),
        answer=(str,),
        answer_media="text/event-stream",
        answer_examples={"End": 'event: end\ndata: {"id": "job_...", "status": "done"}\n\n'},
        errors=(_NOT_FOUND, *KEY_ERRORS),
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def thumbnail(refuse: Refuse) -> Operation:
    """Describe `GET /v1/jobs/{id}/thumbnails/{milliseconds}`."""
    place = {
        "name": "milliseconds",
        "in": "path",
        "required": True,
        "description": "The `thumbnail` of a span in the timeline.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 12_000,
    }
    return Operation(
        name="thumbnail",
        tag=_TAG,
        summary="Look at a span of a clip",
        description="A small picture as JPEG, as long as the content is kept.",
        keys=("bearer",),
        parameters=(_ID, place),
        answer=(bytes,),
        answer_media="image/jpeg",
        errors=(
            _NOT_FOUND,
            NotFoundError("thumbnail.not_found", "There is no picture of this time.", field="milliseconds"),
            *KEY_ERRORS,
        ),
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def _of_one(refuse: Refuse, *, name: str, summary: str, description: str, status: int = 200) -> Operation:
    return Operation(
        name=name,
        tag=_TAG,
        summary=summary,
        description=description,
        keys=("bearer",),
        parameters=(_ID,),
        answer=(JobAnswer,),
        answer_status=status,
        answer_examples={"Job": _JOB},
        errors=(_NOT_FOUND, *KEY_ERRORS),
        refuse=refuse,
        refusal=ErrorAnswer,
    )
