"""The tasks of the benchmark, by family: small Keras models on data that ships with scikit-learn or is generated here.

They differ in what makes a learning rate hard to find: the kind of layer, the scale of inputs and targets, the conditioning,
the noise of labels and of small batches, where the training starts from.
"""

from __future__ import annotations

from functools import partial

from keras import layers

from benchmarks.recommendation.tasks import data, losses, models
from benchmarks.recommendation.tasks.task import OPTIMIZERS, Base, Task

__all__ = ["FAMILIES", "OPTIMIZERS", "TASKS", "Base", "Task", "optimizers_of"]

_CLASSES, _BINARY, _MSE = "sparse_categorical_crossentropy", "binary_crossentropy", "mean_squared_error"
_dense = models.dense

FAMILIES: dict[str, tuple[Task, ...]] = {
    "dense": (
        Task("digits", data.digits, _dense(64, (64,), 10, "softmax"), _CLASSES, 32, 1280, long=True),
        Task("digits, batches of 2", data.digits, _dense(64, (32,), 10, "softmax"), _CLASSES, 2, 1280, 1600),
        Task("digits, batch of 256", data.digits, _dense(64, (32,), 10, "softmax"), _CLASSES, 256, 1280, 320),
        Task(
            "digits, unscaled",
            lambda: data.digits(1.0),
            _dense(64, (64,), 10, "softmax"),
            _CLASSES,
            32,
            1280,
        ),
        Task(
            "digits, dropout", data.digits, _dense(64, (64, 64), 10, "softmax", drop=0.5), _CLASSES, 64, 1280, long=True
        ),
        Task("cancer, full batch", data.cancer, _dense(30, (16,), 1, "sigmoid"), _BINARY, 512, 512, 480),
        Task("moons, deep tanh", data.moons(), _dense(2, (16,) * 4, 1, "sigmoid", "tanh"), _BINARY, 16, 960),
        Task("wine, logistic", data.wine, _dense(13, (), 3, "softmax"), _CLASSES, 8, 144),
    ),
    "convolutional": (
        Task("digits, convolutions", data.digit_images, models.convolutions(False), _CLASSES, 32, 1280, long=True),
        Task("digits, batch norm", data.digit_images, models.convolutions(True), _CLASSES, 32, 1280),
        Task(
            "gratings, residual batch norm",
            data.gratings(False),
            models.residual_net((10, 10, 1), 6, partial(layers.BatchNormalization, momentum=0.9)),
            _CLASSES,
            16,
            960,
            480,
        ),
        Task(
            "digits, residual group norm",
            data.digit_images,
            models.residual_net((8, 8, 1), 10, partial(layers.GroupNormalization, 4)),
            _CLASSES,
            64,
            1280,
            480,
            long=True,
        ),
        Task("photographs, separable", data.photographs, models.separable((12, 12, 3), 2), _CLASSES, 8, 960, 480),
    ),
    "recurrent": (
        Task(
            "order, GRU", data.order, models.recurrent(lambda: layers.GRU(12), (10, 3), 1, "sigmoid"), _BINARY, 32, 960
        ),
        Task("waves, LSTM", data.waves, models.recurrent(lambda: layers.LSTM(12), (12, 1)), _MSE, 32, 960, long=True),
        Task(
            "sums, GRU", data.marked_sums, models.recurrent(lambda: layers.GRU(16), (12, 2)), _MSE, 16, 960, long=True
        ),
        Task(
            "digits, both ways",
            data.digit_rows,
            models.recurrent(lambda: layers.Bidirectional(layers.SimpleRNN(12)), (8, 8), 10, "softmax"),
            _CLASSES,
            32,
            1280,
        ),
    ),
    "transformers": (
        Task("digits, attention", data.digit_rows, models.attention, _CLASSES, 32, 1280, 520),
        Task("text, next character", data.text(8), models.language_model(8), _CLASSES, 16, 960, long=True),
        Task("text, two blocks", data.text(16), models.language_model(16, width=24, blocks=2), _CLASSES, 32, 960, 480),
        Task(
            "brackets, normalised after",
            data.brackets,
            models.language_model(16, letters=6, blocks=2, normal_first=False),
            _CLASSES,
            64,
            960,
            480,
        ),
        Task("sums, written out", data.additions, models.language_model(8, letters=12), _CLASSES, 32, 960, long=True),
    ),
    "embeddings": (
        Task("documents, embedding", data.documents(), models.embedded(12, 400, 4, "softmax"), _CLASSES, 16, 960),
        Task("ratings, factorised", data.ratings, models.factorised, _MSE, 32, 1920, long=True),
        Task("neighbours, skip-gram", data.neighbours, models.embedded(1, 200, 200, "softmax"), _CLASSES, 64, 1920),
        Task("shops, categories", data.shops, models.embedded(3, 60, 1, None, hidden=16), _MSE, 16, 960, long=True),
    ),
    "regression": (
        Task("diabetes, scaled", data.diabetes(True), _dense(10, (32, 32), 1), _MSE, 16, 352),
        Task("friedman, residual", data.friedman(), models.dense_residual(10), _MSE, 32, 1024, long=True),
        Task("linear, ill-conditioned", data.ill_conditioned, _dense(20, (), 1), _MSE, 32, 960),
        Task("houses, scaled, one by one", data.houses(True), _dense(4, (24,), 1), _MSE, 1, 960, 960),
    ),
    "raw tables": (
        Task("diabetes, raw", data.diabetes(False), _dense(10, (32, 32), 1), _MSE, 16, 352),
        Task("houses, raw", data.houses(), _dense(4, (32, 32), 1), _MSE, 32, 960, long=True),
        Task("concrete, raw", data.concrete, _dense(4, (32, 32), 1), _MSE, 8, 960),
        Task("energy, raw target", data.energy, _dense(8, (32, 32), 1), "mean_absolute_error", 32, 960, long=True),
        Task("wine, raw", data.raw_wine, _dense(13, (16,), 3), losses.class_logits, 8, 144),
        Task("cancer, raw", data.raw_cancer, _dense(30, (16,), 1), losses.binary_logits, 32, 448),
    ),
    "raw series": (
        Task("series, windows", data.series, _dense(20, (10, 10), 1), _MSE, 32, 960, long=True),
        Task(
            "passengers, LSTM", data.passengers, models.recurrent(lambda: layers.LSTM(16), (24, 1)), _MSE, 32, 960, 480
        ),
        Task("load, convolutions", data.load, lambda: models.series_net(), _MSE, 64, 960),
        Task("prices, linear", data.walk, _dense(16, (), 1), "huber", 16, 960),
    ),
    "autoencoders": (
        Task("digits, autoencoder", data.autoencoded_digits, _dense(64, (32, 8, 32), 64, "sigmoid"), _MSE, 32, 1280),
        Task("patches, autoencoder", data.patches, models.picture_autoencoder, _MSE, 16, 960, 480),
        Task(
            "digits, variational",
            data.autoencoded_digits,
            models.variational_autoencoder,
            losses.with_divergence,
            32,
            1280,
        ),
        Task(
            "digits, deep autoencoder",
            data.autoencoded_digits,
            _dense(64, (48, 24, 6, 24, 48), 64, "sigmoid", "tanh"),
            _BINARY,
            128,
            1280,
            long=True,
        ),
    ),
    "denoising": (
        Task("patches, denoised", data.noisy_patches, models.picture_to_picture(), _MSE, 16, 960, long=True),
        Task(
            "patches, filled in",
            data.masked_patches,
            models.picture_to_picture(16),
            "mean_absolute_error",
            32,
            960,
            480,
        ),
        Task("digits, repaired", data.damaged_digits, _dense(64, (64,), 64, "sigmoid"), _BINARY, 32, 1280),
        Task("waves, denoised", data.noisy_waves, models.wave_net, _MSE, 16, 960, 480),
    ),
    "contrastive": (
        Task(
            "digits, two views",
            data.digit_views,
            models.shared(2, 64, (64,), 16),
            losses.told_apart,
            64,
            1280,
            long=True,
        ),
        Task("digits, triplets", data.digit_triplets, models.shared(3, 64, (32,), 8), losses.triplets, 32, 1280),
        Task("pairs, ranked", data.ranked, models.shared(2, 10, (24, 24), 1), losses.ranking, 16, 960, long=True),
        Task("digits, alike", data.digit_pairs, models.alike, _BINARY, 32, 1280),
    ),
    "imbalanced": (
        Task("one in twenty", data.rare(0.05), _dense(12, (24,), 1, "sigmoid"), _BINARY, 32, 1920, long=True),
        Task("one in a hundred", data.rare(0.01), _dense(12, (24, 24), 1, "sigmoid"), _BINARY, 128, 1920),
        Task("eights, focal", data.is_eight, _dense(64, (32,), 1, "sigmoid"), losses.focal, 32, 1280, long=True),
        Task("many classes", data.many_classes, _dense(10, (32,), 16, "softmax"), _CLASSES, 8, 1920),
    ),
    "noisy labels": (
        Task(
            "digits, noisy labels",
            data.noisy_digits,
            _dense(64, (64, 32), 10, "softmax"),
            _CLASSES,
            32,
            1280,
            long=True,
        ),
        Task("moons, flipped", data.moons(0.3), _dense(2, (24, 24), 1, "sigmoid"), _BINARY, 8, 960),
        Task("documents, noisy", data.documents(0.5), models.embedded(12, 400, 4, "softmax"), _CLASSES, 32, 960),
        Task("heavy tails", data.heavy_tails, _dense(6, (32,), 1), _MSE, 16, 960),
    ),
    "tiny nets": (
        Task("circles, small", data.circles, _dense(2, (4, 4), 1, "sigmoid"), _BINARY, 32, 960, long=True),
        Task("exclusive or", data.exclusive_or, _dense(2, (3,), 1, "sigmoid", "tanh"), _BINARY, 16, 960),
        Task("sine, eight units", data.sine, _dense(1, (8,), 1, None), _MSE, 32, 960),
        Task("iris, one by one", data.iris, _dense(4, (3,), 3, "softmax"), _CLASSES, 1, 120, 960),
    ),
    "fine-tuned": (
        Task(
            "new digits, whole net",
            data.some_digits(False),
            models.convolutions(False, 5),
            _CLASSES,
            32,
            704,
            base=Base(600, data.some_digits(True), new_head=True),
            long=True,
        ),
        Task(
            "new digits, head alone",
            data.some_digits(False),
            models.convolutions(True, 5),
            _CLASSES,
            32,
            704,
            base=Base(600, data.some_digits(True), new_head=True, frozen=True),
        ),
        Task(
            "another text",
            data.text(8, 1),
            models.language_model(8),
            _CLASSES,
            16,
            960,
            480,
            base=Base(1000, data.text(8)),
        ),
        Task(
            "other effects",
            data.friedman(2),
            models.dense_residual(10),
            _MSE,
            32,
            1024,
            480,
            base=Base(600, data.friedman()),
        ),
    ),
    "continued": (
        Task("digits, continued", data.digits, _dense(64, (64,), 10, "softmax"), _CLASSES, 32, 1280, base=Base(80)),
        Task(
            "gratings, continued",
            data.gratings(True),
            models.residual_net((10, 10, 1), 6, partial(layers.BatchNormalization, momentum=0.9)),
            _CLASSES,
            16,
            960,
            480,
            base=Base(120),
        ),
        Task(
            "waves, continued",
            data.waves,
            models.recurrent(lambda: layers.GRU(12), (12, 1)),
            _MSE,
            32,
            960,
            base=Base(150),
            long=True,
        ),
        Task("houses, continued", data.houses(), _dense(4, (32, 32), 1), _MSE, 32, 960, base=Base(300)),
    ),
}

TASKS = {task.name: task for tasks in FAMILIES.values() for task in tasks}

# Five are tried on every task, of the others one each, in turn.
_ALWAYS = ("SGD", "SGD momentum", "Adam", "AdamW", "RMSprop")
_IN_TURN = tuple(name for name in OPTIMIZERS if name not in _ALWAYS)


def optimizers_of(task: Task) -> tuple[str, ...]:
    """The optimizers that a task is recorded with."""
    return (*_ALWAYS, _IN_TURN[list(TASKS).index(task.name) % len(_IN_TURN)])
