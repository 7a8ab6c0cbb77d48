import asyncio
import hashlib
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawings import encoded, landscape
from evenhand.core.bank import Algorithm, BankKind, Entry
from evenhand.core.content import Content
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import ConfigurationError, EvenhandError, InputError
from evenhand.core.taxonomy import Label
from evenhand.policy.load import load_policy
from evenhand.second_look.band import Interval
from evenhand.second_look.look import Question, SecondLook
from evenhand.service.screener import Screener
from evenhand.store.store import open_store


@pytest.fixture(scope="module")
def screener():
    with Screener(detectors=["text.lexicon"]) as made:
        yield made


def test_one_text_gets_a_decision_with_its_reasons(screener):
    decision = screener.screen("you are an idiot")
    assert decision.scores["harassment"] > 0.5
    assert [signal.detector for signal in decision.evidence] != []
    assert screener.screen("good morning").action is Action.ALLOW


def test_many_texts_are_answered_in_order_and_as_one_by_one(screener):
    texts = ["good morning", "you are an idiot", "good night"] * 20
    together = screener.screen_many(texts)
    assert [dict(decision.scores) for decision in together] == [dict(screener.screen(text).scores) for text in texts]


def test_a_content_keeps_its_own_name(screener):
    (decision,) = screener.screen_many([Content("hello", id="post-7")])
    assert decision.content_id == "post-7"


def test_a_bad_text_is_named_by_its_place(screener):
    with pytest.raises(InputError) as caught:
        screener.screen_many(["hello", ""])
    assert (caught.value.code, caught.value.field) == ("text.empty", "texts[1]")


def test_trying_many_answers_each_with_a_decision_or_its_error(screener):
    answers = screener.try_many(["hello", "", "\ud800", "good"])
    assert [isinstance(answer, Decision) for answer in answers] == [True, False, False, True]
    assert [answer.code for answer in answers[1:3]] == ["text.empty", "text.lone_surrogate"]


def test_nothing_is_answered_with_nothing(screener):
    assert screener.screen_many([]) == screener.try_many([]) == []


@given(st.text(alphabet=st.characters()))
def test_any_string_gets_a_decision_or_a_named_error(screener, text):
    (answer,) = screener.try_many([text])
    assert isinstance(answer, Decision | EvenhandError)


def test_the_limit_of_a_text_can_be_set():
    with Screener(detectors=["text.lexicon"], max_text_bytes=5) as screener:
        assert screener.screen("12345").action is Action.ALLOW
        with pytest.raises(InputError, match="5"):
            screener.screen("123456")


@pytest.mark.parametrize("give", [str, lambda path: path, load_policy])
def test_a_policy_is_given_as_such_or_as_a_path(tmp_path, give):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nthresholds:\n  harassment: {block: 0.1}\n", encoding="utf-8")
    with Screener(give(path), detectors=["text.lexicon"]) as screener:
        assert screener.policy.name == "mine"
        assert screener.screen("you are an idiot").action is Action.BLOCK


def test_a_plugin_runs_beside_the_built_in_detectors():
    with Screener(detectors=["text.lexicon", "text.scripted"], plugins=["fakes.detectors:ScriptedDetector"]) as made:
        assert set(made.versions) == set(made.engine.versions) == {"text.lexicon", "text.scripted"}


def test_a_second_look_is_among_the_versions_and_is_closed_with_the_screener():
    look = SecondLook("http://127.0.0.1:1", model="m")
    with Screener(detectors=["text.lexicon"], second_look=look) as made:
        assert made.versions["second_look"] == look.version
        assert set(made.engine.versions) == {"text.lexicon"}
    with pytest.raises(RuntimeError):
        look.ask(Question("x", Label.HATE, Interval(0.4, 0.6)))


@pytest.mark.parametrize("options", [{"policy": "/nowhere.yaml"}, {"detectors": ["text.nothing"]}])
def test_what_cannot_be_used_is_said_at_once(options):
    with pytest.raises(ConfigurationError):
        Screener(**options)


def test_several_threads_may_use_it_and_closing_ends_its_own():
    before = set(threading.enumerate())
    found = []
    with Screener(detectors=["text.lexicon"]) as screener:
        threads = [
            threading.Thread(target=lambda: found.append(screener.screen("you are an idiot").action)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        workers = set(threading.enumerate()) - before
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [worker.name for worker in workers] == ["detectors"]
    for worker in workers:
        worker.join(timeout=30)
        assert not worker.is_alive()


KNOWN = encoded(landscape(120, 90))


@pytest.fixture
def store_url(tmp_path):
    """A database with a bank that knows the picture by its file."""
    url = f"sqlite:///{tmp_path / 'evenhand.sqlite'}"
    store = open_store(url)
    store.banks.create(name="adverts", owner="", kind=BankKind.BLOCK, label=Label.ADVERTISING, distance=0)
    store.banks.put("adverts", [Entry(Algorithm.SHA256, hashlib.sha256(KNOWN).digest())], source="tests")
    store.close()
    return url


def test_images_are_looked_up_in_the_hash_banks_of_a_database(store_url):
    with Screener(detectors=["image.codes", "text.lexicon", "image.hash_bank"], store_url=store_url) as screener:
        known, other = screener.screen(images=[KNOWN]), screener.screen(images=[encoded(landscape(120, 90, seed=3))])
    assert (known.scores[Label.ADVERTISING], known.signals[0].detector) == (1.0, "image.hash_bank")
    assert other.scores[Label.ADVERTISING] == 0.0


def test_without_banks_nothing_is_said_to_have_been_looked_for_in_them():
    detectors = ["image.codes", "text.lexicon", "image.hash_bank"]
    with Screener(detectors=detectors) as all_of_them, Screener(detectors=detectors[:2]) as without:
        assert all_of_them.screen(images=[KNOWN]).scores == without.screen(images=[KNOWN]).scores
    with Screener(detectors=["image.hash_bank"]) as screener, pytest.raises(InputError) as caught:
        screener.screen(images=[KNOWN])
    assert caught.value.code == "image.not_supported"


def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        Screener(detectors=["image.hash_bank"], store_url=f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert (caught.value.code, list(tmp_path.iterdir())) == ("store.missing", [])


def test_a_database_is_not_opened_where_no_detector_looks_into_banks(tmp_path):
    with Screener(detectors=["text.lexicon"], store_url=f"sqlite:///{tmp_path / 'none.sqlite'}") as screener:
        assert screener.screen("good morning").action is Action.ALLOW


def test_words_are_read_by_the_larger_networks_when_asked():
    with (
        Screener(detectors=["image.words"]) as tiny,
        Screener(detectors=["image.words"], precise_words=True) as precise,
    ):
        assert tiny.versions.keys() == precise.versions.keys()
        assert tiny.versions != precise.versions


def test_what_screens_clips_is_made_with_the_first_one_and_closed_in_the_end(monkeypatch, tmp_path):
    made = []

    class Scripted:
        is_closed = False

        def screen(self, file, **_):
            return f"decision on {file.path.name}", None

        def close(self):
            self.is_closed = True

    def make(moderation, **options):
        made.append((Scripted(), options))
        return made[-1][0]

    monkeypatch.setattr("evenhand.service.clips.make_clip_screener", make)
    with Screener(detectors=["text.lexicon"], max_clip_seconds=9, speech_model="folder") as screener:
        assert screener.screen_clip(tmp_path / "a.mp4") == "decision on a.mp4"
        assert asyncio.run(screener.screen_clip_async(tmp_path / "b.mp4")) == "decision on b.mp4"
    ((scripted, options),) = made
    assert (options["max_seconds"], options["speech_model"]) == (9, "folder")
    assert scripted.is_closed
