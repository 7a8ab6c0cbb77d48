"""What every detector of signs promises, for the tests of each: soundness, and that nothing hides a finding."""

from hypothesis import strategies as st

from evenhand.content.text import Text


def signals(detector, text):
    return {signal.label: signal for signal in detector.detect([Text(text)])[0]}


def score(detector, text, label):
    signal = signals(detector, text).get(label)
    return signal.score if signal else 0.0


def signs(detector, text):
    """Return what was found: the sign with the stretch of the text, for every label together."""
    return {
        (item.source.partition(":")[2], text[item.begin : item.end])
        for signal in signals(detector, text).values()
        for item in signal.evidence
    }


def names(detector, text):
    return {sign for sign, _ in signs(detector, text)}


def texts_of(fragments):
    """Generate texts that are rich in what a detector looks for, among anything else."""
    return st.lists(st.sampled_from(fragments) | st.text(max_size=12), max_size=12).map(" ".join)


def assert_sound(detector, text):
    """Every score is below the ceiling that all share, and every place lies inside the text."""
    for signal in signals(detector, text).values():
        assert 0 < signal.score < 0.95
        assert signal.evidence
        for item in signal.evidence:
            assert 0 <= item.begin < item.end <= len(text)
            assert item.source.startswith(detector.id.removeprefix("text.") + ":")


def assert_more_never_lowers(detector, text, more):
    """Another line never lowers a score: neither a second finding nor harmless padding."""
    longer = signals(detector, f"{text}\n{more}")
    for label, signal in signals(detector, text).items():
        assert longer[label].score >= signal.score
