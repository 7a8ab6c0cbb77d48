"""Print how often a spoken sentence is decided as the same sentence typed.

`python tools/spoken_sentences.py` has espeak-ng speak 60 sentences, half of them harmful, screens each as a clip and as
a text, and prints both decisions with the share that agrees and its interval. It ends with 1 below --least. A synthetic
voice is harder to understand than most people: see docs/models/speech.md.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from evenhand.core.decision import Action, Decision
from evenhand.learn.comparison.estimates import wilson_interval
from evenhand.service.screener import Screener

HARMFUL = (
    "You are such a stupid idiot.",
    "Shut up, you worthless piece of garbage.",
    "Nobody likes you, you pathetic loser.",
    "I am going to kill you tonight.",
    "I know where you live and I will hurt you.",
    "You should go and kill yourself.",
    "I will burn your house down with you in it.",
    "You are a disgusting pig and everybody hates you.",
    "Send me the money or I will break your legs.",
    "What a dumb and ugly cow you are.",
    "I want to end my life tonight.",
    "I have been cutting my arms with a razor again.",
    "Go back to your country, you dirty rats.",
    "Those people are vermin and should be exterminated.",
    "All of them are animals and do not deserve to live.",
    "We must kill every one of them, join us on Friday.",
    "Here is how to build a pipe bomb at home.",
    "Mix these chemicals to make a poison that nobody will notice.",
    "I can sell you cocaine, just send me a message.",
    "Buy stolen credit cards from me, fresh numbers every day.",
    "You have won a million dollars, send us your bank details now.",
    "Your account is locked, call this number and tell us your password.",
    "Shut your mouth or I will smash your face.",
    "You moron, you cannot do anything right.",
    "Your mother is a whore and you are a bastard.",
    "I hope you die in a fire, you filthy scum.",
    "Fuck off, you stupid bitch.",
    "I will find you and I will stab you.",
    "You are trash, go and hang yourself.",
    "Let us beat him up after school until he bleeds.",
)
HARMLESS = (
    "The train to the city leaves at nine in the morning.",
    "I baked a chocolate cake for my sister's birthday.",
    "Could you please send me the report by Friday?",
    "We walked along the river and watched the boats.",
    "My grandmother taught me how to knit a scarf.",
    "The library opens at ten and closes at six.",
    "I disagree with you, but I see your point.",
    "Our team lost the match, but we played well.",
    "The weather will be sunny with a light wind.",
    "Thank you so much for helping me move house.",
    "He fasts during the holy month and prays five times a day.",
    "She wears a headscarf and works as a surgeon.",
    "I am proud to be a gay man.",
    "The mosque in our street invites everybody to dinner.",
    "Please water the plants while I am away.",
    "The soup needs a little more salt and pepper.",
    "I learned to play the guitar when I was twelve.",
    "The museum has a new exhibition about the moon.",
    "Let us meet at the market square after lunch.",
    "My neighbour's dog likes to sleep in the sun.",
    "The teacher explained the problem with patience.",
    "I killed an hour reading the newspaper.",
    "This joke made me laugh until I cried.",
    "The doctor said that my knee will heal soon.",
    "We planted tomatoes and beans in the garden.",
    "The film was too long, and the ending was weak.",
    "I am looking for a second hand bicycle.",
    "The children built a castle out of sand.",
    "He apologised for being late to the meeting.",
    "The new bridge will be opened next spring.",
)


def speak(sentence: str, path: Path) -> Path:
    """Write `sentence` to a sound file, spoken by espeak-ng, and return its path."""
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "140", "-w", path, sentence], check=True)  # noqa: S603, S607
    return path


def told(decision: Decision) -> Action:
    """Return what was decided, without the review that speech gets for being unclear: a text never is."""
    hits = [hit.action for hit in decision.verdict.rules if hit.rule != "on_unclear_speech"]
    return max(hits, key=lambda action: action.severity, default=Action.ALLOW)


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--least", type=float, default=0.85, help="Share that must agree.")
    given = parser.parse_args()
    if shutil.which("espeak-ng") is None:
        print("espeak-ng is not installed; on Debian: apt-get install espeak-ng", file=sys.stderr)
        return 2
    agreed = unclear = 0
    sentences = (*HARMFUL, *HARMLESS)
    with tempfile.TemporaryDirectory() as folder, Screener() as screener:
        for number, sentence in enumerate(sentences):
            typed = screener.screen(sentence)
            spoken = screener.screen_clip(speak(sentence, Path(folder) / f"{number}.wav"), language="en")
            is_same = typed.action is told(spoken)
            agreed += is_same
            unclear += "speech.unclear" in spoken.notices
            print(f"{'' if is_same else 'differs':8}{typed.action:8}{told(spoken):8}{sentence}")
    share = agreed / len(sentences)
    low, high = wilson_interval(share, len(sentences))
    print(f"agree {agreed} of {len(sentences)}: {share:.1%} ({low:.1%} to {high:.1%}); unclear {unclear}")
    return 0 if share > given.least else 1


if __name__ == "__main__":
    sys.exit(main())
