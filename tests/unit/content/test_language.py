from concurrent.futures import ThreadPoolExecutor

import pytest

from evenhand.content import language
from evenhand.content.language import detect_languages

SENTENCES = {
    "en": [
        "you are an idiot",
        "This is garbage and you know it",
        "what a nice day it is today",
        "the match was boring",
    ],
    "de": ["Das ist doch alles gelogen", "du bist ein Idiot", "Ich liebe dieses Spiel", "Was für ein schöner Tag"],
    "fr": ["quelle belle journée aujourd'hui", "je ne comprends pas ce message"],
    "es": ["me gusta mucho este juego", "qué día tan bonito hace hoy"],
    "pt": ["você é um idiota", "eu gosto muito deste jogo"],
    "it": ["mi piace molto questo gioco", "che bella giornata oggi"],
    "ru": ["мне очень нравится эта игра", "какой сегодня хороший день"],
    "zh": ["我非常喜欢这个游戏", "今天天气真好"],
    "ja": ["これは本当に面白いゲームです"],
    "ko": ["이 게임 정말 재미있어요"],
    "ar": ["أحب هذه اللعبة كثيرا"],
    "tr": ["bu oyunu çok seviyorum"],
    "nl": ["ik vind dit spel heel leuk"],
    "pl": ["bardzo lubię tę grę"],
}
CASES = [(sentence, tag) for tag, sentences in SENTENCES.items() for sentence in sentences]


@pytest.mark.parametrize(("sentence", "tag"), CASES)
def test_no_sentence_is_told_wrong(sentence, tag):
    assert detect_languages(sentence) in {(tag,), ()}


def test_nearly_all_of_them_are_told():
    assert sum(detect_languages(sentence) == (tag,) for sentence, tag in CASES) >= len(CASES) - 2


@pytest.mark.parametrize("text", ["", " ", "lol ok", "gg", "12345", "😀😀😀", "?!", "a\0b", "\u202e", "x" * 500])
def test_too_little_to_tell_by_is_no_language(text):
    assert detect_languages(text) == ()


def test_a_long_text_is_told_by_its_beginning():
    assert detect_languages("this is what it says and then " * 40 + "Das ist doch alles gelogen " * 400) == ("en",)


def test_several_threads_may_ask_at_once_and_first():
    language._eldc.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(detect_languages, ["you are all very welcome here"] * 64)) == {("en",)}
