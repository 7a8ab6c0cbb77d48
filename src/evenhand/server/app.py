"""The only place of assembly: settings in, a running application out."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp

from evenhand.api.dialect import Dialect
from evenhand.api.native.router import native_dialect
from evenhand.api.openai.router import openai_dialect
from evenhand.api.perspective.router import perspective_dialect
from evenhand.console.form import FormLimits
from evenhand.console.review.routes import review_routes
from evenhand.console.views import console_routes
from evenhand.content.fetch import Fetcher
from evenhand.core.content import ImageFile
from evenhand.detectors.image.hash_bank import LiveBanks
from evenhand.engine.screen import Engine
from evenhand.jobs.desk import JobDesk
from evenhand.policy.policy import Policy
from evenhand.server.checkpoints import keep_checkpoint
from evenhand.server.clips import build_desk, is_available
from evenhand.server.decoder import build_decoder
from evenhand.server.engine import build_engine, build_policies
from evenhand.server.guard import Guard
from evenhand.server.metrics import Metrics
from evenhand.server.policies import begin_policies
from evenhand.server.poster import build_poster
from evenhand.server.second_look import build_second_look
from evenhand.server.workers import Workers
from evenhand.service.access import Gate
from evenhand.service.bank_sync import BankSync
from evenhand.service.delivery import Deliveries
from evenhand.service.image_room import ImageRoom
from evenhand.service.moderate import Moderation
from evenhand.service.queue import BatchQueue
from evenhand.service.service import Service
from evenhand.settings import Settings
from evenhand.store.store import Store, open_store

_log = logging.getLogger(__name__)

_RETENTION_SECONDS = 3_600
_FORM_BYTES = 1 << 20


def build_app(settings: Settings, store: Store | None = None) -> ASGIApp:
    """Return the whole application; its queue and retention start with its lifespan.

    Args:
        settings: All of them.
        store: An open store, which the caller closes; by default the one that `settings` name is opened.

    Raises:
        ConfigurationError: A setting, the policy, a model or a list cannot be used.
        StoreError: The database did not answer.
    """
    policies = build_policies(settings)
    banks = LiveBanks()
    engine = build_engine(settings, banks)
    store = store or open_store(settings.store_url)
    sync = BankSync(store.banks, banks)
    _warn_of(policies, engine)
    metrics = Metrics()
    shadow = begin_policies(settings, store, policies, observe=metrics.observe_shadow)
    moderation = Moderation(
        engine,
        policies,
        store=store,
        max_text_bytes=settings.max_text_bytes,
        observe=metrics.observe,
        second_look=build_second_look(settings),
        decoder=build_decoder(settings) if engine.sees_images else None,
        shadow=shadow,
    )
    queue = BatchQueue(moderation, capacity=settings.queue_items, wait_seconds=settings.batch_wait_ms / 1000)
    metrics.watch(queue)
    deliveries = Deliveries(store.webhooks, store.deliveries, build_poster(settings), observe=metrics.observe_delivery)
    service = Service(
        moderation=moderation,
        queue=queue,
        gate=Gate(store, cache_seconds=settings.key_cache_seconds),
        store=store,
        max_items=settings.max_items,
        image_room=ImageRoom(settings.queue_images),
        fetch=_fetch(settings),
        public_url=settings.public_url.rstrip("/"),
    )
    workers = Workers(settings.workers, settings)
    desk = build_desk(settings, store, moderation, workers) if is_available() else None
    dialects = (
        native_dialect(service, metrics=metrics.page, desk=desk),
        openai_dialect(service),
        perspective_dialect(service),
    )
    limits = FormLimits(settings.max_body_bytes, settings.body_timeout_seconds)
    pages = console_routes(service, desk, limits)
    pages += review_routes(
        service,
        second_step=settings.chosen("review_second_step", "leads", "all", "none"),
        golden_every=settings.golden_every,
    )
    routes: list[BaseRoute] = [*pages, *(route for dialect in dialects for route in dialect.routes)]
    return _surround(
        routes, dialects, metrics, service, settings, sync=sync, deliveries=deliveries, workers=workers, desk=desk
    )


def _fetch(settings: Settings) -> Callable[..., ImageFile] | None:
    if settings.chosen("image_urls", "refuse", "fetch") == "refuse":
        return None
    return Fetcher(max_bytes=settings.max_image_bytes).fetch


def _surround(
    routes: list[BaseRoute],
    dialects: Sequence[Dialect],
    metrics: Metrics,
    service: Service,
    settings: Settings,
    *,
    sync: BankSync,
    deliveries: Deliveries,
    workers: Workers,
    desk: JobDesk | None,
) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        # What was loaded stays for good: the collector need not look through it again and again.
        gc.collect()
        gc.freeze()
        if desk is not None and await asyncio.to_thread(desk.has_open):
            workers.start()
        retention = asyncio.create_task(_retain(service.store, settings))
        deliveries.start()
        try:
            yield
        finally:
            retention.cancel()
            await service.queue.close()
            await asyncio.to_thread(workers.close)
            sync.close()
            await asyncio.to_thread(deliveries.close)
            service.moderation.close()
            service.store.close()

    return Guard(
        Router(routes, lifespan=lifespan, redirect_slashes=False),
        dialects,
        metrics,
        max_body_bytes=settings.max_body_bytes,
        body_timeout_seconds=settings.body_timeout_seconds,
        # A form is a little larger than its file. The page holds what comes without a clip to the limits above.
        uploads=dict.fromkeys(
            ("/v1/jobs", "/try"), (settings.max_clip_bytes + _FORM_BYTES, settings.clip_upload_seconds)
        ),
    )


async def _retain(store: Store, settings: Settings) -> None:
    """Delete what is older than its retention, now and every hour; once a month, sign where the audit is."""
    while True:
        try:
            report = await asyncio.to_thread(
                store.enforce_retention,
                datetime.now(UTC),
                content_days=settings.content_retention_days or None,
                decision_days=settings.decision_retention_days or None,
                feedback_days=settings.feedback_retention_days or None,
                event_days=settings.event_retention_days or None,
            )
            _log.info("retention enforced", extra={"report": str(report)})
            await asyncio.to_thread(keep_checkpoint, settings, store, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 -- a database that is away now may be back in an hour
            _log.error("retention failed", extra={"error_type": type(error).__name__})
        await asyncio.sleep(_RETENTION_SECONDS)


def _warn_of(policies: Sequence[Policy], engine: Engine) -> None:
    """Say what of each policy will never be reached, and what may be wrong with it."""
    for policy in policies:
        named = {"policy": policy.name}
        if idle := sorted(policy.labels - engine.covered):
            _log.warning("no detector covers these labels of the policy", extra=named | {"labels": idle})
        if unknown := sorted(policy.detectors - engine.versions.keys()):
            _log.warning("the policy names detectors that do not run", extra=named | {"detectors": unknown})
        for warning in policy.warnings:
            _log.warning("the policy may be wrong", extra=named | {"warning": warning})
