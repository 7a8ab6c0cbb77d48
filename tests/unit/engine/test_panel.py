from evenhand.content.text import Text
from evenhand.engine.admit import admit
from evenhand.engine.panel import Panel
from evenhand.engine.runner import Runner
from fakes.detectors import ScriptedDetector


def ask(*detectors, texts=("a", "b")):
    runner = Runner()
    try:
        return Panel(detectors, runner, admit).ask([Text(text) for text in texts])
    finally:
        runner.close()


def test_each_item_gets_the_answer_of_each_detector_in_order():
    first = ScriptedDetector(lambda text: [first.signal(0.1 if text == "a" else 0.2)])
    second = ScriptedDetector()
    answers = ask(first, second)
    assert [[len(answer) for answer in each] for each in answers] == [[1, 0], [1, 0]]
    assert [each[0][0].score for each in answers] == [0.1, 0.2]


def test_without_detectors_or_items_nothing_is_asked():
    assert ask() == [(), ()]
    assert ask(ScriptedDetector(lambda _: 1 / 0), texts=()) == []


def test_a_detector_that_breaks_at_one_item_still_answers_the_others():
    detector = ScriptedDetector(lambda text: 1 / 0 if text == "a" else [detector.signal(0.3)])
    (broken,), (fine,) = ask(detector)
    assert broken.code == "detector.error"
    assert fine[0].score == 0.3
