"""Put together what screens clips. Loads nothing of the web, so that workers and the command line use it too."""

import contextlib
from collections.abc import Iterator
from importlib.util import find_spec

from evenhand.content.fetch import Fetcher
from evenhand.detectors.image.hash_bank import LiveBanks
from evenhand.jobs.clip_job import ClipJob, RunStep
from evenhand.jobs.desk import JobDesk
from evenhand.jobs.spool import Spool
from evenhand.jobs.worker import Worker
from evenhand.server.engine import build_engine, build_policies
from evenhand.server.policies import begin_policies
from evenhand.server.workers import Workers
from evenhand.service.bank_sync import BankSync
from evenhand.service.clips import ClipScreener, make_clip_screener
from evenhand.service.moderate import Moderation
from evenhand.settings import Settings
from evenhand.store.store import Store, open_store


def is_available() -> bool:
    """Return whether clips can be screened here: whether `evenhand[media]` is installed."""
    return all(find_spec(name) for name in ("av", "dbos", "PIL"))


def build_clip_screener(settings: Settings, moderation: Moderation) -> ClipScreener:
    """Return what screens clips with the limits that `settings` name.

    Raises:
        ConfigurationError: `clip.not_installed`, `speech.model` or `speech.weights`.
    """
    return make_clip_screener(
        moderation,
        max_bytes=settings.max_clip_bytes,
        max_seconds=settings.max_clip_seconds,
        speech_model=settings.speech_model,
    )


def build_spool(settings: Settings) -> Spool:
    """Return the folder in which clips lie until their job is over."""
    return Spool((settings.folder / "clips").absolute(), max_bytes=settings.max_clip_bytes)


def build_desk(settings: Settings, store: Store, moderation: Moderation, workers: Workers) -> JobDesk:
    """Return the desk that accepts jobs, and starts `workers` once there is one."""
    return JobDesk(
        store,
        build_spool(settings),
        list(moderation.policies),
        most_open=settings.jobs_per_key,
        on_accept=workers.start,
    )


@contextlib.contextmanager
def running_worker(settings: Settings) -> Iterator[Worker]:
    """Give a worker that has begun to work, with detectors, banks and store of its own.

    Raises:
        ConfigurationError: A setting, the policy, a model or a list cannot be used.
        StoreError: The database did not answer.
    """
    banks = LiveBanks()
    with contextlib.ExitStack() as closing:
        store = open_store(settings.store_url)
        closing.callback(store.close)
        closing.callback(BankSync(store.banks, banks).close)
        policies = build_policies(settings)
        shadow = begin_policies(settings, store, policies)
        moderation = Moderation(build_engine(settings, banks), policies, store=store, shadow=shadow)
        closing.callback(moderation.close)
        clips = build_clip_screener(settings, moderation)
        closing.callback(clips.close)
        worker = build_worker(settings, store, clips)
        closing.callback(worker.close)
        yield worker


def build_worker(settings: Settings, store: Store, clips: ClipScreener) -> Worker:
    """Return a worker that has begun to work.

    Raises:
        ConfigurationError: `clip_urls` is no choice.
    """
    spool = build_spool(settings)
    is_fetching = settings.chosen("clip_urls", "refuse", "fetch") == "fetch"
    fetcher = Fetcher(what="clip", max_bytes=settings.max_clip_bytes, seconds=settings.clip_upload_seconds)

    def make_job(run_step: RunStep) -> ClipJob:
        return ClipJob(store.jobs, clips, spool, run_step=run_step, fetch=fetcher.download if is_fetching else None)

    return Worker(
        store.jobs,
        spool,
        make_job,
        settings.database_url or f"sqlite:///{(settings.folder / 'jobs.sqlite').absolute()}",
        at_once=settings.clips_at_once,
        at_once_per_key=settings.clips_at_once_per_key,
        dead_seconds=settings.worker_dead_seconds,
    )
