"""Take in a form's clip: nobody's first byte reaches the disk before the key beside it was checked."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Final, Self

from evenhand.console.form import field_in, key_in
from evenhand.core.access import Scope
from evenhand.core.content import ClipFile
from evenhand.core.errors import InputError
from evenhand.core.job import Job
from evenhand.jobs.desk import JobDesk, Order
from evenhand.jobs.spool import Incoming
from evenhand.service.access import Gate
from evenhand.service.form import Form
from evenhand.service.moderate import Keep

#: The name of this door in decisions and metrics.
DOOR: Final = "home_page"


class Intake:
    """Takes in one clip. Left without `accept`, what came of it is gone again.

    Args:
        gate: Checks keys.
        desk: Accepts jobs; none where nothing screens clips.
    """

    def __init__(self, gate: Gate, desk: JobDesk | None) -> None:
        self._gate = gate
        self._desk = desk
        self._opened = contextlib.ExitStack()
        self._begun: tuple[JobDesk, Order, Incoming] | None = None

    def __enter__(self) -> Self:
        """Begin; nothing is opened before a clip comes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete what was not accepted."""
        self._opened.close()

    async def open(self, fields: Mapping[str, Sequence[str]]) -> Incoming:
        """Return where the clip goes that comes after `fields`.

        Raises:
            InputError: `clip.not_supported` or `jobs.too_many`.
            EvenhandError: The key may not do this: as `Gate.admit`.
            StoreError: The database did not answer, or as `Incoming`.
        """
        desk = self._desk
        if desk is None:
            raise InputError(
                "clip.not_supported",
                "This server screens no clips.",
                field="clip",
                remedy="Ask the operator to install evenhand[speech].",
            )
        api_key = await self._gate.admit(key_in(fields), Scope.SCREEN)
        order = Order(key_id=api_key.id, door=DOOR, keep=Keep.NEVER)
        # Who has too many jobs hears so before the clip has come.
        await asyncio.to_thread(desk.check, order)
        incoming = self._opened.enter_context(desk.receive())
        self._begun = (desk, order, incoming)
        return incoming

    async def accept(self, form: Form) -> Job | None:
        """Return the job of the clip in `form`; none where it has none.

        Raises:
            InputError: `clip.empty`, `form.clip_alone` or `jobs.too_many`.
            StoreError: It was not kept.
        """
        if form.clip is None:
            return None
        if self._begun is None:
            raise InputError("clip.empty", "The clip has no bytes.", field="clip", remedy="Choose another file.")
        if form.images or field_in(form.fields, "text").strip():
            raise InputError(
                "form.clip_alone",
                "A clip is screened alone, without text or images.",
                field="clip",
                remedy="Send them one after the other.",
            )
        desk, order, incoming = self._begun
        await asyncio.to_thread(desk.check, order)
        await asyncio.to_thread(incoming.keep)
        return await asyncio.to_thread(desk.accept, order, ClipFile(incoming.path, form.clip.media_type))
