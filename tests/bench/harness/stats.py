"""Confidence intervals of means, with nothing but the standard library."""

import functools
import math
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean and the interval that holds the true one with 95 % confidence."""

    mean: float
    low: float
    high: float
    samples: int

    def below(self, target):
        """A target holds when even the upper end of the interval is not above it."""
        return self.samples >= 2 and self.high <= target


def t_cdf(t, freedom):
    """P(T <= t) of Student's distribution for t >= 0, by Simpson's rule over its density."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    scale /= math.sqrt(freedom * math.pi)

    def density(x):
        return scale * (1 + x * x / freedom) ** (-(freedom + 1) / 2)

    steps = 2000
    width = t / steps
    inner = sum((4 if i % 2 else 2) * density(i * width) for i in range(1, steps))
    return 0.5 + width / 3 * (density(0) + inner + density(t))


@functools.lru_cache(maxsize=None)
def t_quantile(probability, freedom):
    """The t with P(T <= t) = probability, for probabilities above one half."""
    low, high = 0.0, 200.0
    for _ in range(60):
        middle = (low + high) / 2
        if t_cdf(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return high


def interval(values):
    """The mean of the values and its confidence interval; infinite for fewer than two."""
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return Interval(mean, -math.inf, math.inf, count)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    half = t_quantile(0.5 + CONFIDENCE / 2, count - 1) * math.sqrt(variance / count)
    return Interval(mean, mean - half, mean + half, count)


def ratio(ours, theirs):
    """The mean ratio of two subjects that were measured in the same rounds, pair by pair."""
    if len(ours) != len(theirs):
        raise ValueError("both need a value in every round")
    return interval([a / b for a, b in zip(ours, theirs)])
