"""The OpenAI dialect's routes. They check the key, hand over, and answer; they decide nothing."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from evenhand.api.body import json_answer, read_json
from evenhand.api.dialect import Dialect
from evenhand.api.headers import bearer_key, error_headers
from evenhand.api.openai import operations
from evenhand.api.openai.schema import MODELS, Model, ModelList, ModerationRequest
from evenhand.api.openai.translate import (
    count_images,
    error_answer,
    error_status,
    input_types,
    model_named,
    moderation_answer,
    submissions_from,
)
from evenhand.api.operation import DescribedRoute
from evenhand.core.access import Scope
from evenhand.core.errors import EvenhandError
from evenhand.service.service import Service


def openai_dialect(service: Service) -> Dialect:
    """Return the OpenAI moderation dialect.

    Args:
        service: What does the work.
    """
    doors = _OpenAI(service)
    routes = (
        DescribedRoute("/v1/moderations", doors.moderate, method="POST", operation=operations.moderations(refuse)),
        DescribedRoute("/v1/models", doors.models, method="GET", operation=operations.models(refuse)),
        DescribedRoute("/v1/models/{model}", doors.model, method="GET", operation=operations.model(refuse)),
    )
    return Dialect("openai", ("/v1/moderations", "/v1/models"), routes, refuse)


def refuse(error: EvenhandError) -> Response:
    """Say `error` in OpenAI's shape."""
    return json_answer(error_answer(error), error_status(error), error_headers(error))


class _OpenAI:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def moderate(self, request: Request) -> Response:
        api_key = await self._service.gate.admit(bearer_key(request), Scope.SCREEN)
        asked = await read_json(request, ModerationRequest)
        model = model_named(asked.model)
        moderation = self._service.moderation
        prepare = partial(
            submissions_from,
            asked,
            moderation,
            key_id=api_key.id,
            max_items=self._service.max_items,
            fetch=self._service.fetch,
        )
        submissions, decisions = await self._service.moderate(prepare, images=count_images(asked))
        on_failure = moderation.default_policy.on_failure
        types = [input_types(submission, moderation.engine) for submission in submissions]
        answer = moderation_answer(decisions, types, model=model, on_failure=on_failure)
        return json_answer(answer)

    async def models(self, request: Request) -> Response:
        await self._service.gate.admit(bearer_key(request), Scope.SCREEN)
        return json_answer(ModelList([Model(model) for model in MODELS]))

    async def model(self, request: Request) -> Response:
        await self._service.gate.admit(bearer_key(request), Scope.SCREEN)
        return json_answer(Model(model_named(request.path_params["model"])))
