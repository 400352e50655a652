"""The data of the tasks: what ships with scikit-learn, or is generated here; always the same.

Every function gives all samples, inputs and targets; where their order means nothing they are shuffled, so that the last
ones can be held out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets

from benchmarks.recommendation.tasks.task import Arrays

Array = NDArray[Any]


def _shuffled(x: Array, y: Array, seed: int = 0) -> Arrays:
    order = np.random.default_rng(seed).permutation(len(x))
    return np.asarray(x[order], np.float32), y[order]


def _standard(x: Array) -> NDArray[np.float32]:
    values = np.asarray(x, np.float64)
    return ((values - values.mean(axis=0)) / (values.std(axis=0) + 1e-12)).astype(np.float32)


def _column(y: Array) -> NDArray[np.float32]:
    return np.asarray(y, np.float32)[:, None]


# Digits ------------------------------------------------------------------------------------------------------------------


@cache
def digits(scale: float = 1 / 16) -> Arrays:
    bunch = datasets.load_digits()
    x, y = _shuffled(bunch.data * scale, bunch.target)
    return x, y.astype(np.int32)


def digit_images() -> Arrays:
    x, y = digits()
    return x.reshape(-1, 8, 8, 1), y


def digit_rows() -> Arrays:
    x, y = digits()
    return x.reshape(-1, 8, 8), y


def noisy_digits() -> Arrays:
    """Four labels of ten are drawn at random among those that are trained on; those held out are clean."""
    x, y = digits()
    rng = np.random.default_rng(1)
    wrong = (rng.random(len(y)) < 0.4) & (np.arange(len(y)) < 1280)
    return x, np.where(wrong, rng.integers(0, 10, len(y)), y).astype(np.int32)


def autoencoded_digits() -> Arrays:
    x, _ = digits()
    return x, x


def damaged_digits() -> Arrays:
    """Digits with half of their pixels missing, and the whole ones."""
    x, _ = digits()
    return x * (np.random.default_rng(12).random(x.shape) < 0.5), x


def some_digits(low: bool) -> Callable[[], Arrays]:
    """The digits 0 to 4, or 5 to 9 as classes 0 to 4."""

    def data() -> Arrays:
        x, y = digit_images()
        chosen = y < 5 if low else y >= 5
        return x[chosen], y[chosen] % 5

    return data


def is_eight() -> Arrays:
    x, y = digits()
    return x, _column(y == 8)


def digit_views() -> Arrays:
    """Two noisy views of every digit, for a loss that tells pairs from strangers; there is no target."""
    x, _ = digits()
    rng = np.random.default_rng(13)
    views = np.stack([x, x], axis=1)
    views = views * (rng.random(views.shape) < 0.7) + rng.normal(0, 0.1, views.shape)
    return views.astype(np.float32), np.zeros((len(x), 1), np.float32)


def digit_triplets() -> Arrays:
    """A digit, another of its class, one of another class."""
    x, y = digits()
    rng = np.random.default_rng(14)
    same = np.array([rng.choice(np.flatnonzero(y == one)) for one in y])
    other = np.array([rng.choice(np.flatnonzero(y != one)) for one in y])
    return np.stack([x, x[same], x[other]], axis=1), np.zeros((len(x), 1), np.float32)


def digit_pairs() -> Arrays:
    """Two digits, and whether they are of one class: half of them are."""
    x, y = digits()
    rng = np.random.default_rng(15)
    alike = rng.random(len(y)) < 0.5
    partner = np.array(
        [rng.choice(np.flatnonzero((y == one) == same)) for one, same in zip(y, alike.tolist(), strict=True)]
    )
    return np.stack([x, x[partner]], axis=1), _column(alike)


# Pictures ----------------------------------------------------------------------------------------------------------------


def _patches(count: int, size: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Patches of two photographs, and which of them each is from."""
    images = [image / 255.0 for image in datasets.load_sample_images().images]
    rng = np.random.default_rng(seed)
    which = rng.integers(0, 2, count)
    height, width = images[0].shape[:2]
    tops, lefts = rng.integers(0, height - size, count), rng.integers(0, width - size, count)
    places = zip(which.tolist(), tops.tolist(), lefts.tolist(), strict=True)
    patches = [images[one][top : top + size, left : left + size] for one, top, left in places]
    return np.stack(patches).astype(np.float32), which.astype(np.int32)


def photographs() -> Arrays:
    return _patches(1280, 12, 20)


def noisy_patches() -> Arrays:
    x, _ = _patches(1280, 8, 10)
    return (x + np.random.default_rng(10).normal(0, 0.15, x.shape)).astype(np.float32), x


def masked_patches() -> Arrays:
    """Patches with a hole in their middle, and the whole ones."""
    x, _ = _patches(1280, 8, 21)
    holed = x.copy()
    holed[:, 2:6, 2:6] = 0.0
    return holed, x


def patches() -> Arrays:
    x, _ = _patches(1280, 8, 22)
    return x, x


def gratings(fine: bool) -> Callable[[], Arrays]:
    """Stripes in noise, coarse or fine ones: in which of six directions they run."""

    def data() -> Arrays:
        rng = np.random.default_rng(23 + fine)
        y = rng.integers(0, 6, 1280)
        angle, phase = y[:, None, None] * np.pi / 6, rng.uniform(0, 6.3, (1280, 1, 1))
        down, right = np.mgrid[:10, :10]
        stripes = np.sin((1.6 if fine else 0.8) * (right * np.cos(angle) + down * np.sin(angle)) + phase)
        return (stripes + rng.normal(0, 0.6, stripes.shape)).astype(np.float32)[..., None], y.astype(np.int32)

    return data


# Text and symbols ------------------------------------------------------------------------------------------------------


def text(length: int, part: int = 0) -> Callable[[], Arrays]:
    """Descriptions of scikit-learn's data sets, so many characters at a time, each with the one that follows it.

    What is held out comes from the last fifth of the text. `part` chooses between two texts.
    """

    def data() -> Arrays:
        loaders = (
            (datasets.load_breast_cancer, datasets.load_diabetes),
            (datasets.load_iris, datasets.load_wine),
        )
        written = "".join(load().DESCR for load in loaders[part]).lower()
        codes = np.array([_LETTERS.find(letter) + 1 for letter in written], np.int32)
        rng, border = np.random.default_rng(11), int(0.8 * len(codes))
        starts = np.concatenate(
            [rng.integers(0, border - length, 960), rng.integers(border, len(codes) - length - 1, 320)]
        )
        windows = np.stack([codes[start : start + length + 1] for start in starts])
        return windows[:, :-1], windows[:, 1:]

    return data


_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789 \n.,:;-()/'=+*%`\"_|<>[]"


def additions() -> Arrays:
    """Sums of two numbers below 100, written out, the answer with its last digit first: each next character."""
    rng = np.random.default_rng(30)
    pairs = rng.integers(0, 100, (1280, 2)).tolist()
    written = [f"{a:02d}+{b:02d}={str(a + b).zfill(3)[::-1]}" for a, b in pairs]
    codes = np.array([["0123456789+=".index(letter) for letter in one] for one in written], np.int32)
    return codes[:, :-1], codes[:, 1:]


def brackets() -> Arrays:
    """Nested brackets of three kinds, each next one; what closes is known, what opens is not."""
    rng = np.random.default_rng(31)
    rows = np.empty((1280, 17), np.int32)
    for row in rows:
        stack: list[int] = []
        for place in range(17):
            if stack and (rng.random() < 0.5 or len(stack) > 4):
                row[place] = 3 + stack.pop()
            else:
                stack.append(int(rng.integers(0, 3)))
                row[place] = stack[-1]
    return rows[:, :-1], rows[:, 1:]


def documents(wrong: float = 0.0) -> Callable[[], Arrays]:
    """Bags of 12 words out of 400, most of them rare; four topics prefer words of their own. A share of labels is drawn."""

    def data() -> Arrays:
        rng = np.random.default_rng(6)
        topic = rng.integers(0, 4, 1280)
        rank = np.arange(1, 401)
        weights = np.stack([np.where(rank % 4 == one, 4.0, 1.0) / rank for one in range(4)])
        weights /= weights.sum(axis=1, keepdims=True)
        words = np.stack([rng.choice(400, 12, p=weights[one]) for one in topic])
        drawn = (rng.random(1280) < wrong) & (np.arange(1280) < 960)
        return words.astype(np.int32), np.where(drawn, rng.integers(0, 4, 1280), topic).astype(np.int32)

    return data


def ratings() -> Arrays:
    """What 60 people give 80 things, from 1 to 5, of which most is never asked: person and thing, stars."""
    rng = np.random.default_rng(32)
    tastes, traits = rng.normal(0, 0.7, (60, 4)), rng.normal(0, 0.7, (80, 4))
    asked = rng.permutation(60 * 80)[:2560]
    person, thing = asked // 80, asked % 80
    stars = 3.3 + (tastes[person] * traits[thing]).sum(axis=1) + rng.normal(0, 0.4, asked.size)
    return np.stack([person, thing], axis=1).astype(np.int32), _column(np.clip(np.round(stars), 1, 5))


def neighbours() -> Arrays:
    """A word and one that stands near it, of 200, each of which keeps to its own twenty."""
    rng = np.random.default_rng(33)
    word = (200 * rng.random(2560) ** 2).astype(np.int32)
    near = (word // 20 * 20 + (20 * rng.random(2560) ** 2).astype(np.int32)) % 200
    astray = rng.random(2560) < 0.2
    return word[:, None], np.where(astray, rng.integers(0, 200, 2560), near).astype(np.int32)


def shops() -> Arrays:
    """Sales by shop, weekday and promotion, all of them categories."""
    rng = np.random.default_rng(34)
    shop, day, offer = rng.integers(0, 50, 1280), rng.integers(0, 7, 1280), rng.integers(0, 3, 1280)
    sales = rng.normal(0, 1, 50)[shop] + np.sin(day) * (1 + 0.5 * offer) + rng.normal(0, 0.2, 1280)
    return np.stack([shop, 50 + day, 57 + offer], axis=1).astype(np.int32), _column(sales)


# Tables ----------------------------------------------------------------------------------------------------------------


def diabetes(scaled: bool) -> Callable[[], Arrays]:
    def data() -> Arrays:
        bunch = datasets.load_diabetes()
        x, y = _shuffled(_standard(bunch.data), _column(bunch.target))
        return x, (_standard(y) if scaled else y)

    return data


def houses(scaled: bool = False) -> Callable[[], Arrays]:
    """Features and prices in their own units: areas, rooms, years, distances; thousands of money."""

    def data() -> Arrays:
        rng = np.random.default_rng(2)
        area, rooms = rng.lognormal(4.6, 0.4, 1280), rng.integers(1, 8, 1280)
        year, distance = rng.uniform(1900, 2020, 1280), rng.exponential(5.0, 1280)
        price = 2.1 * area + 18 * rooms + 0.6 * (year - 1900) - 6 * distance + rng.normal(0, 25, 1280)
        x = np.stack([area, rooms, year, distance], axis=1).astype(np.float32)
        return (_standard(x), _standard(_column(price))) if scaled else (x, _column(price))

    return data


def concrete() -> Arrays:
    """Strength by what went into a mixture, in kilograms, and its age in days; some of it saturates."""
    rng = np.random.default_rng(40)
    cement, slag, water = rng.uniform(100, 540, 1280), rng.exponential(70, 1280), rng.uniform(120, 250, 1280)
    age = rng.choice([3, 7, 14, 28, 90, 365], 1280)
    strength = 60 * (cement + 0.6 * slag) / (cement + 0.6 * slag + 3 * water) * np.log(age + 1) / np.log(29)
    x = np.stack([cement, slag, water, age], axis=1).astype(np.float32)
    return x, _column(strength + rng.normal(0, 3, 1280))


def energy() -> Arrays:
    """Standardised features, a target of tens of thousands that hardly leaves its mean."""
    rng = np.random.default_rng(41)
    x = rng.normal(0, 1, (1280, 8))
    used = 42_000 + 3_000 * x[:, 0] + 2_000 * np.abs(x[:, 1]) - 1_500 * x[:, 2] * x[:, 3] + rng.normal(0, 800, 1280)
    return x.astype(np.float32), _column(used)


def raw_wine() -> Arrays:
    """Thirteen features from 0.1 to 1,700, as measured."""
    bunch = datasets.load_wine()
    x, y = _shuffled(bunch.data, bunch.target)
    return x, y.astype(np.int32)


def raw_cancer() -> Arrays:
    """Thirty features from 0.001 to 4,000, as measured."""
    bunch = datasets.load_breast_cancer()
    return _shuffled(bunch.data, _column(bunch.target))


def wine() -> Arrays:
    bunch = datasets.load_wine()
    x, y = _shuffled(_standard(bunch.data), bunch.target)
    return x, y.astype(np.int32)


def iris() -> Arrays:
    bunch = datasets.load_iris()
    x, y = _shuffled(_standard(bunch.data), bunch.target)
    return x, y.astype(np.int32)


def cancer() -> Arrays:
    bunch = datasets.load_breast_cancer()
    return _shuffled(_standard(bunch.data), _column(bunch.target))


def friedman(kind: int = 1) -> Callable[[], Arrays]:
    def data() -> Arrays:
        if kind == 1:
            x, y = datasets.make_friedman1(1408, noise=1.0, random_state=3)
        else:
            # The same features, other effects of them.
            x, _ = datasets.make_friedman1(1408, random_state=4)
            y = 8 * np.sin(np.pi * x[:, 1] * x[:, 2]) - 12 * (x[:, 0] - 0.5) ** 2 + 7 * x[:, 4] + 3 * x[:, 3]
        return _standard(x), _standard(_column(y))

    return data


def ill_conditioned() -> Arrays:
    rng = np.random.default_rng(7)
    scales = np.geomspace(3.0, 0.03, 20)
    x = rng.normal(0, 1, (1280, 20)) * scales
    y = x @ (rng.normal(0, 1, 20) / np.sqrt(scales)) + rng.normal(0, 0.1, 1280)
    return x.astype(np.float32), _column(y)


def heavy_tails() -> Arrays:
    """A plain regression among noise that is now and then enormous (Student's t with 1.5 degrees of freedom)."""
    rng = np.random.default_rng(42)
    x = rng.normal(0, 1, (1280, 6))
    noise = np.where(np.arange(1280) < 960, rng.standard_t(1.5, 1280), 0.0)
    return x.astype(np.float32), _column(np.tanh(x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * noise)


def rare(share: float) -> Callable[[], Arrays]:
    """Two classes of clusters in 12 features, one of them as rare as said."""

    def data() -> Arrays:
        x, y = datasets.make_classification(
            2560, 12, n_informative=6, weights=[1 - share], class_sep=1.4, flip_y=0.005, random_state=43
        )
        return x.astype(np.float32), _column(y)

    return data


def many_classes() -> Arrays:
    """Sixteen classes, each a third rarer than the one before."""
    rng = np.random.default_rng(44)
    share = (2 / 3) ** np.arange(16)
    y = rng.choice(16, 2560, p=share / share.sum())
    x = rng.normal(0, 1, (16, 10))[y] + rng.normal(0, 0.7, (2560, 10))
    return x.astype(np.float32), y.astype(np.int32)


def moons(wrong: float = 0.0) -> Callable[[], Arrays]:
    def data() -> Arrays:
        x, y = datasets.make_moons(1280, noise=0.15, random_state=8)
        rng = np.random.default_rng(45)
        flipped = (rng.random(1280) < wrong) & (np.arange(1280) < 960)
        return x.astype(np.float32), _column(np.where(flipped, 1 - y, y))

    return data


def circles() -> Arrays:
    x, y = datasets.make_circles(1280, noise=0.05, factor=0.6, random_state=9)
    return x.astype(np.float32), _column(y)


def exclusive_or() -> Arrays:
    rng = np.random.default_rng(46)
    x = rng.choice([-1.0, 1.0], (1280, 2))
    return (x + rng.normal(0, 0.2, x.shape)).astype(np.float32), _column(x[:, 0] * x[:, 1] > 0)


def sine() -> Arrays:
    rng = np.random.default_rng(47)
    x = rng.uniform(-3, 3, (1280, 1))
    return x.astype(np.float32), (np.sin(2 * x) + rng.normal(0, 0.05, x.shape)).astype(np.float32)


def ranked() -> Arrays:
    """Two things of 10 features of which the first is the better one, mostly: what a ranking learns from."""
    rng = np.random.default_rng(48)
    x = rng.normal(0, 1, (1280, 2, 10))
    worth = np.tanh(x @ rng.normal(0, 1, 10)) + 0.5 * x[..., 0] * x[..., 1] + rng.normal(0, 0.3, (1280, 2))
    order = np.argsort(-worth, axis=1)
    return np.take_along_axis(x, order[..., None], axis=1).astype(np.float32), np.zeros((1280, 1), np.float32)


# Series ----------------------------------------------------------------------------------------------------------------


def _windows(values: Array, length: int, count: int = 1280) -> Arrays:
    """Windows in the order of time, and the value after each: what is held out comes last."""
    windows = np.lib.stride_tricks.sliding_window_view(values, length + 1)[:count].astype(np.float32)
    return windows[:, :length], windows[:, length:]


def series() -> Arrays:
    """A baseline, a slope, a yearly season and noise, in windows of 20 days that predict the next one."""
    day = np.arange(4 * 365 + 1)
    season = np.where(day % 365 < 146, np.cos(day % 365 / 365 * 2 * np.pi), 1 / np.exp(3 * (day % 365) / 365))
    values = 10 + 0.09 * day + 20 * season + np.random.default_rng(42).normal(0, 5, day.size)
    return _windows(values, 20)


def passengers() -> Arrays:
    """Hundreds that grow, with a season that grows with them."""
    month = np.arange(1300)
    values = (120 + 0.3 * month) * (1 + 0.25 * np.sin(2 * np.pi * month / 12))
    x, y = _windows(values * np.random.default_rng(50).normal(1, 0.03, month.size), 24)
    return x[..., None], y


def load() -> Arrays:
    """Thousands of megawatts, by day and week, with a memory of their own."""
    rng = np.random.default_rng(51)
    hour, noise = np.arange(1310), np.zeros(1310)
    for index in range(1, 1310):
        noise[index] = 0.9 * noise[index - 1] + rng.normal(0, 80)
    values = 4_000 + 900 * np.sin(2 * np.pi * hour / 24) - 400 * (hour // 24 % 7 > 4) + noise
    x, y = _windows(values, 24)
    return x[..., None], y


def walk() -> Arrays:
    """Prices: a random walk far from zero, of which the last value is nearly all one can know."""
    steps = np.random.default_rng(52).normal(0, 1, 1310)
    return _windows(250 + np.cumsum(steps), 16)


def waves() -> Arrays:
    rng = np.random.default_rng(5)
    time = np.arange(13)
    frequency, phase = rng.uniform(0.2, 1.2, (1280, 1)), rng.uniform(0, 6.3, (1280, 1))
    values = (np.sin(frequency * time + phase) + rng.normal(0, 0.1, (1280, 13))).astype(np.float32)
    return values[:, :12, None], values[:, 12:]


def noisy_waves() -> Arrays:
    """Sums of two waves under noise as large as they are, and without."""
    rng = np.random.default_rng(53)
    time = np.arange(32)
    pitch, phase = rng.uniform(0.1, 0.9, (1280, 2, 1)), rng.uniform(0, 6.3, (1280, 2, 1))
    clean = np.sin(pitch * time + phase).sum(axis=1)
    noisy = clean + rng.normal(0, 0.8, clean.shape)
    return noisy.astype(np.float32)[..., None], clean.astype(np.float32)[..., None]


def order() -> Arrays:
    """Which of two symbols came first: something to remember over ten noisy steps."""
    rng = np.random.default_rng(4)
    x = rng.normal(0, 0.5, (1280, 10, 3)).astype(np.float32)
    y = rng.integers(0, 2, 1280)
    x[np.arange(1280), rng.integers(0, 4, 1280), y] += 2.0
    x[np.arange(1280), rng.integers(4, 8, 1280), 1 - y] += 2.0
    return x, _column(y)


def marked_sums() -> Arrays:
    """The sum of the two marked numbers of a sequence of twelve (Hochreiter and Schmidhuber's adding problem)."""
    rng = np.random.default_rng(54)
    x = np.zeros((1280, 12, 2), np.float32)
    x[..., 0] = rng.uniform(0, 1, (1280, 12))
    first, second = rng.integers(0, 6, 1280), rng.integers(6, 12, 1280)
    rows = np.arange(1280)
    x[rows, first, 1] = x[rows, second, 1] = 1.0
    return x, _column(x[rows, first, 0] + x[rows, second, 0])
