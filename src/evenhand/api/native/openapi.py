"""Make the OpenAPI 3.1 document out of the routes that are served and the types that they speak."""

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

import evenhand
from evenhand.api.operation import DescribedRoute, Operation

_REF: Final = "#/components/schemas/{name}"
_ARGUMENT: Final = re.compile(r"^ {4}(?P<name>\w+): (?P<text>.+(?:\n {8}.+)*)", re.MULTILINE)

#: The bytes of a file, as OpenAPI 3.1 has it.
_FILE: Final[dict[str, Any]] = {"type": "string", "format": "binary"}

_SECURITY: Final[dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer KEY`."},
    "query": {
        "type": "apiKey",
        "in": "query",
        "name": "key",
        "description": "As the Perspective API's clients send it. Prefer the header where you can.",
    },
}

_REASONS: Final = {
    400: "The request cannot be accepted",
    401: "No good key",
    403: "The key may not do this",
    404: "It is not there",
    408: "The body took too long",
    409: "It does not go with what stands by now",
    413: "Over a limit",
    429: "The key used up its allowance; see `Retry-After`",
    507: "No room, nothing was accepted",
    503: "Not now, nothing was accepted; see `Retry-After`",
}


def build_openapi(routes: Sequence[DescribedRoute], *, url: str = "") -> bytes:
    """Return the document as JSON.

    Args:
        routes: What is to be described.
        url: The server's address as clients see it; empty for "where this document came from".
    """
    schemas = _Schemas(route.operation for route in routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path_format, {})[route.method.lower()] = _operation(route.operation, schemas)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "evenhand",
            "version": evenhand.__version__,
            "summary": "Content safety that judges conduct.",
            "description": "Text comes in; scores with evidence and a policy's decision come out.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url or "/"}],
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": _SECURITY},
    }
    return msgspec.json.encode(document)


class _Schemas:
    """The schemas of all types of the operations, by type."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        types: list[Any] = []
        for operation in operations:
            types += [*operation.body, *operation.answer, *filter(None, (operation.form, operation.refusal))]
        self._types = list(dict.fromkeys(types))
        self._schemas, components = msgspec.json.schema_components(self._types, ref_template=_REF)
        self.components = {name: _described(schema) for name, schema in sorted(components.items())}

    def of(self, *types: Any) -> dict[str, Any]:
        """Return the schema of what is one of `types`."""
        schemas = [self._schemas[self._types.index(kind)] for kind in types]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    """Move what a class docstring says about its fields to the fields."""
    docstring = inspect.cleandoc(schema.get("description", ""))
    summary, _, arguments = docstring.partition("\n\nArgs:\n")
    properties = dict(schema.get("properties", {}))
    for argument in _ARGUMENT.finditer(arguments):
        name = argument["name"]
        if name in properties:
            properties[name] = {**properties[name], "description": " ".join(argument["text"].split())}
    described = {**schema, "description": " ".join(summary.split("\n\n", maxsplit=1)[0].split())}
    return described | ({"properties": properties} if properties else {})


def _operation(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{key: []} for key in operation.keys],
        "responses": _responses(operation, schemas),
    }
    if operation.parameters:
        described["parameters"] = list(operation.parameters)
    if operation.body:
        content = {"schema": schemas.of(*operation.body), "examples": _examples(operation.body_examples)}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
        if operation.form:
            fields = schemas.components[operation.form.__name__]
            form = {**fields, "properties": fields["properties"] | {"clip": _FILE}, "required": ["clip"]}
            described["requestBody"]["content"]["multipart/form-data"] = {"schema": form}
    return described


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    # A stream of events is no JSON, and its schema would be held against each event.
    is_stream = operation.answer_media == "text/event-stream"
    schema = _FILE if operation.answer == (bytes,) else {} if is_stream else schemas.of(*operation.answer)
    good = {operation.answer_media: {"schema": schema, "examples": _examples(operation.answer_examples)}}
    responses: dict[str, Any] = {str(operation.answer_status): {"description": "Good", "content": good}}
    for status, description in operation.other_answers.items():
        responses[str(status)] = {"description": description, "content": {operation.answer_media: {"schema": schema}}}
    for status, examples in sorted(_refusals(operation).items()):
        content = {"application/json": {"schema": schemas.of(operation.refusal), "examples": _examples(examples)}}
        codes = ", ".join(f"`{code}`" for code in examples)
        responses[str(status)] = {"description": f"{_REASONS[status]}: {codes}.", "content": content}
        if status in {429, 503}:
            responses[str(status)]["headers"] = {
                "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}
            }
    return responses


def _refusals(operation: Operation) -> dict[int, dict[str, Any]]:
    """Return what the operation refuses, as the dialect says it: by status, then by evenhand's code."""
    refusals: dict[int, dict[str, Any]] = {}
    for error in operation.errors:
        if operation.refuse is not None:
            response = operation.refuse(error)
            refusals.setdefault(response.status_code, {})[error.code] = json.loads(bytes(response.body))
    return refusals


def _examples(examples: Mapping[str, Any]) -> dict[str, Any]:
    return {title: {"value": value} for title, value in examples.items()}
