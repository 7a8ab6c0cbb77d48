from dataclasses import replace

from evenhand.console.pictures import pictures_of
from evenhand.core.decision import Action, ImageFacts, RuleHit, Verdict
from evenhand.core.signal import Region, Signal
from evenhand.core.taxonomy import Label
from samples import decision

FACTS = (ImageFacts("PNG", 640, 360, 1), ImageFacts("GIF", 10, 20, 7))


def signal(score, *regions, label=Label.SEXUAL):
    return Signal("image.x", "1", label, score, regions=regions)


def region(image=0, box=(0.25, 0.5, 0.125, 0.3333)):
    return Region(image, 0, box, 1.0, "model")


def shown(*signals, rules=()):
    verdict = Verdict(Action.REVIEW, tuple(rules), {}, is_degraded=False)
    return pictures_of(replace(decision(), signals=signals, images=FACTS, verdict=verdict))


def test_every_image_is_shown_with_what_it_is():
    pictures, left_out = shown()
    assert [(picture.number, picture.facts) for picture in pictures] == [
        (1, "PNG, 640 by 360 pixels"),
        (2, "GIF, 10 by 20 pixels, 7 frames"),
    ]
    assert left_out == 0


def test_a_text_alone_has_no_pictures():
    assert pictures_of(decision()) == ((), 0)


def test_a_region_is_a_box_in_percent_on_its_image_numbered_over_all():
    pictures, _ = shown(signal(0.9, region(1)), signal(0.7, region(0), region(1, (0, 0, 1, 1))))
    assert [[box.number for box in picture.boxes] for picture in pictures] == [[1], [2, 3]]
    box = pictures[1].boxes[0]
    assert (box.left, box.top, box.width, box.height) == ("25.00%", "50.00%", "12.50%", "33.33%")
    assert (box.mark.label, box.mark.score, box.mark.level, box.mark.source) == ("sexual", "0.90", "noted", "model")


def test_a_box_takes_the_level_of_the_rule_that_its_score_set_off():
    rule = RuleHit("sexual.block", Action.BLOCK, Label.SEXUAL, "image.x", 0.9, 0.8)
    pictures, _ = shown(signal(0.9, region()), rules=[rule])
    assert pictures[0].boxes[0].mark.level == "block"


def test_what_hardly_counted_is_counted_and_not_shown():
    pictures, left_out = shown(signal(0.2, region(), region()))
    assert (pictures[0].boxes, left_out) == ((), 2)
