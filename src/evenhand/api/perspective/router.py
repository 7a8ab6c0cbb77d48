"""The Perspective dialect."""

import msgspec
from starlette.responses import Response

from evenhand.api.dialect import Dialect, http_status
from evenhand.core.errors import EvenhandError
from evenhand.service.service import Service


def perspective_dialect(service: Service) -> Dialect:
    """Return the dialect (being written)."""
    del service
    return Dialect("perspective", ("/v1alpha1", "/$discovery", "/batch/commentanalyzer"), (), _refuse)


def _refuse(error: EvenhandError) -> Response:
    body = {"error": {"code": http_status(error), "message": error.message}}
    return Response(msgspec.json.encode(body), http_status(error), media_type="application/json")
