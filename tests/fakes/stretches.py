"""Stretches of clips that were never decoded, a decoder that gives them and a listener that hears what it is told."""

from types import SimpleNamespace

import numpy as np

from evenhand.content.clip import Still, Stretch
from evenhand.content.image import Frame
from evenhand.core.decision import ClipFacts
from evenhand.core.timeline import Utterance

#: A second of sound in which nothing is heard.
SOUND = np.zeros(16_000, np.int16)


def still(seconds, *, chosen=True, tone=0):
    """Return a still that is told from others by the tone of its first pixel."""
    return Still(Frame(np.full((4, 6, 3), tone, np.uint8), round(seconds * 1000)), seconds, is_chosen=chosen)


def stretch(*stills, begin=0.0, end=30.0, sound=SOUND, is_last=True, is_partial=False):
    return Stretch(begin, end, stills, sound, begin, is_last=is_last, is_partial=is_partial)


def said(text, begin=0.0, end=1.0, *, language="en", is_clear=True):
    return Utterance(begin, end, text, language, 0.9, is_clear=is_clear)


def facts(*, seconds=30.0, has_sound=True, is_partial=False):
    return ClipFacts("mp4", seconds, 320, 180, has_sound=has_sound, is_partial=is_partial)


class ScriptedClipDecoder:
    """Gives `stretches` one after another."""

    def __init__(self, *stretches, **more):
        self.stretches = stretches
        self.facts = facts(**more)
        self.asked = []
        self.is_closed = False

    def probe(self, file, *, field):
        return self.facts

    def stretch(self, file, begin, seconds, *, sound_after, field):
        self.asked.append((begin, seconds, sound_after))
        return self.stretches[len(self.asked) - 1]

    def close(self):
        self.is_closed = True


class ScriptedListener:
    """Hears `heard`, a list of utterances for each stretch."""

    id = "audio.scripted"
    version = "1"

    def __init__(self, *heard):
        self.heard = list(heard)
        self.asked = []

    def hear(self, sound, *, begin, until, language):
        self.asked.append((begin, until, language))
        return SimpleNamespace(utterances=tuple(self.heard.pop(0)), until=begin + 1 if until is None else until)
