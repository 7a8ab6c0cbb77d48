"""Run the application under uvicorn."""

from typing import TYPE_CHECKING

from evenhand.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def run(app: "ASGIApp", settings: Settings) -> None:
    """Serve `app` until interrupted."""
    import uvicorn

    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=30,
    )
