"""Measure simulated moderation services whose bias is known, and print how often the audit's intervals hold the truth.

`python tools/simulate_audit.py` simulates 1,000 services on 1,000 templates and 50 groups. A service scores the
sentence of a template and a group as the template's own height, plus the group's bias, plus chance, all normal; it
flags what is above a threshold. So the true rates are known, and the templates' heights make sentences of a template
flip together. One group is planted a number of points above the others, which differ a little among themselves.
"""

import argparse
import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from evenhand.audit.answers import FloatArray
from evenhand.audit.layout import Layout
from evenhand.audit.rates import flip_rate, mistakes

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Simulated:
    """A kind of service.

    Args:
        templates: How many.
        groups: How many; the first is the planted one.
        rate: False-positive rate of the middle group, 0..1.
        planted: How far the first group is above it.
        spread: By which factor the rates of the others differ, as the deviation of its logarithm.
        alike: Which share of the variance of a score is the template's.
    """

    templates: int = 1_000
    groups: int = 50
    rate: float = 0.005
    planted: float = 0.03
    spread: float = 0.2
    alike: float = 0.8

    @property
    def rates(self) -> FloatArray:
        """The true false-positive rate of each group."""
        steps = np.array([_NORMAL.inv_cdf((place + 0.5) / self.groups) for place in range(self.groups)])
        rates = self.rate * np.exp(self.spread * steps)
        rates[0] = self.rate + self.planted
        return rates

    @property
    def flips(self) -> float:
        """The true flip rate, summed over the heights of templates."""
        heights = np.linspace(-8, 8, 4001)
        weights = np.exp(-(heights**2) / 2)
        bars = np.array([-_NORMAL.inv_cdf(rate) for rate in self.rates])
        over = (bars - math.sqrt(self.alike) * heights[:, None]) / math.sqrt(1 - self.alike)
        flagged = np.vectorize(math.erfc)(over / math.sqrt(2)) / 2
        whole = flagged.sum(axis=1)
        differ = 2 * (whole * (self.groups - whole) - (flagged * (1 - flagged)).sum(axis=1))
        return float((weights / weights.sum()) @ differ) / (self.groups * (self.groups - 1))

    @property
    def gaps(self) -> FloatArray:
        """By how much each group's true rate is above that of the others."""
        rates = self.rates
        return np.asarray(rates - (rates.sum() - rates) / (self.groups - 1))

    def service(self, generator: np.random.Generator) -> Layout:
        """Return the answers of one such service."""
        bars = np.array([-_NORMAL.inv_cdf(rate) for rate in self.rates])
        heights = math.sqrt(self.alike) * generator.standard_normal((self.templates, 1))
        chance = math.sqrt(1 - self.alike) * generator.standard_normal((self.templates, self.groups))
        flagged = (heights + chance > bars).astype(np.int64).ravel()
        template, group = np.divmod(np.arange(self.templates * self.groups), self.groups)
        return Layout(template, group, flagged, np.full(len(group), np.nan), self.templates, self.groups)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often intervals held the truth, and how often the planted group was found; shares of the simulations.

    Args:
        flips: The interval of the flip rate.
        rates: Those of the groups' false-positive rates, on average over groups.
        gap: That of the worst group's gap.
        found: The planted group was named, as flagged more often.
        others: Of the groups that were named, the share that is not the planted one, on average.
    """

    flips: float
    rates: float
    gap: float
    found: float
    others: float


def simulate(kind: Simulated, *, simulations: int, seed: int = 7) -> Coverage:
    """Return the coverage over so many services."""
    generator = np.random.default_rng(seed)
    flips, rates, gaps = kind.flips, kind.rates, kind.gaps
    seen = []
    for number in range(simulations):
        layout = kind.service(generator)
        flipped, _ = flip_rate(layout, seed=number)
        wrong = mistakes(layout, layout.action > 0, has_power=False)
        named = int(wrong.is_otherwise.sum())
        seen.append(
            (
                flipped.low[0] <= flips <= flipped.high[0],
                np.mean((wrong.rates.low <= rates) & (rates <= wrong.rates.high)),
                wrong.gap.low <= gaps[wrong.gap.group] <= wrong.gap.high,
                wrong.is_otherwise[0] and wrong.rates.value[0] > np.mean(wrong.rates.value),
                (named - wrong.is_otherwise[0]) / max(1, named),
            )
        )
    return Coverage(*(float(share) for share in np.array(seen, np.float64).mean(axis=0)))


def main() -> None:
    """Print the table."""
    usual = Simulated()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--simulations", type=int, default=1_000)
    parser.add_argument("--templates", type=int, default=usual.templates)
    parser.add_argument("--groups", type=int, default=usual.groups)
    parser.add_argument("--planted", type=float, default=usual.planted)
    given = parser.parse_args()
    print(
        f"{given.simulations} services, {given.templates} templates, {given.groups} groups, {given.planted:.1%} planted"
    )
    print("rate    alike   flip rate  rate by group gap     planted found  others named")
    for rate in (0.002, 0.005, 0.01):
        for alike in (0.5, 0.8):
            kind = Simulated(given.templates, given.groups, rate, given.planted, alike=alike)
            seen = simulate(kind, simulations=given.simulations)
            shown = (f"{share:.1%}" for share in (seen.flips, seen.rates, seen.gap, seen.found, seen.others))
            print(f"{rate:<8.1%}{alike:<8}" + "{:<11}{:<14}{:<8}{:<15}{}".format(*shown), flush=True)


if __name__ == "__main__":
    main()
