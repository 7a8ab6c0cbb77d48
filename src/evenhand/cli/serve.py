"""`evenhand serve`: start the server; make and show the first API key."""

import gc
import shutil
import sys
from typing import TYPE_CHECKING

import click

from evenhand.cli.options import data_folder_option, setting_option, settings_from
from evenhand.core.access import Scope
from evenhand.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from evenhand.store.store import Store


@click.command
@click.option("--host", help="Address to listen on; by default 127.0.0.1, which only this machine can reach.")
@click.option("--port", type=int, help="Port to listen on; by default 8000.")
@data_folder_option
@setting_option
def command(host: str | None, port: int | None, data_folder: str | None, setting: tuple[tuple[str, str], ...]) -> None:
    """Start the server.

    At the first start it makes an API key and prints it once.

    Example: evenhand serve --data-folder data
    """
    settings = settings_from(setting, host=host, port=port, data_folder=data_folder)
    app, store = _load(settings)
    if store.keys.list():
        click.echo(f"evenhand listens on {_address(settings)} (its home page is there too)")
    else:
        _, secret = store.keys.create(
            name="first", scopes=frozenset(Scope), requests_per_minute=settings.requests_per_minute
        )
        click.echo(_welcome(settings, secret))

    from evenhand.server.run import run

    run(app, settings)


def _load(settings: Settings) -> "tuple[ASGIApp, Store]":
    # Nothing of what is loaded now is garbage, and to look for some takes a tenth of the time to start.
    gc.disable()
    try:
        from evenhand.server.app import build_app
        from evenhand.server.logs import configure_logs
        from evenhand.store.store import open_store

        configure_logs(level=settings.log_level, form=settings.log_format)
        store = open_store(settings.store_url)
        return build_app(settings, store), store
    finally:
        gc.enable()


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url or f"http://{host}:{settings.port}"


def _welcome(settings: Settings, secret: str) -> str:
    address = _address(settings)
    program = "evenhand" if shutil.which("evenhand") else sys.argv[0]
    client = f"openai.OpenAI(base_url='{address}/v1', api_key='{secret}')"
    return f"""
Your first API key, shown only now: {secret}

Try it:
  curl {address}/v1/screen -H 'Authorization: Bearer {secret}' -d '{{"text": "you are an idiot"}}'
  python -c "import openai; print({client}.moderations.create(input='you are an idiot'))"
  {program} screen 'you are an idiot'

Home page: {address}/#key={secret}
"""
