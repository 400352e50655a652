"""Losses that Keras has not: of pairs, triplets and rankings, whose models give one vector per part of a sample."""

from __future__ import annotations

import keras
from keras import ops


def told_apart(_, views):
    """Each sample's second view among all those of its batch (InfoNCE, arXiv:1807.03748), at a temperature of 0.2."""
    unit = views / (ops.sqrt(ops.sum(ops.square(views), axis=-1, keepdims=True)) + 1e-6)
    likeness = ops.matmul(unit[:, 0], ops.transpose(unit[:, 1])) / 0.2
    return ops.logsumexp(likeness, axis=1) - ops.diagonal(likeness)


def triplets(_, vectors):
    """The same class nearer than another one, by a margin of one (FaceNet, arXiv:1503.03832)."""
    near = ops.sum(ops.square(vectors[:, 0] - vectors[:, 1]), axis=-1)
    far = ops.sum(ops.square(vectors[:, 0] - vectors[:, 2]), axis=-1)
    return ops.relu(near - far + 1.0)


def ranking(_, worths):
    """The first of two above the second (RankNet, Burges et al. 2005)."""
    return ops.softplus(worths[:, 1, 0] - worths[:, 0, 0])


def with_divergence(x, decoded):
    """What a variational autoencoder loses: the error, and the divergence in its last column."""
    return keras.losses.mean_squared_error(x, decoded[:, :-1]) + decoded[:, -1]


def focal(y, probability):
    """Sure and right counts little (arXiv:1708.02002)."""
    return keras.losses.binary_focal_crossentropy(y, probability)


def class_logits(y, logits):
    """The cross-entropy of logits, which does not end at a bound where inputs are large."""
    return keras.losses.sparse_categorical_crossentropy(y, logits, from_logits=True)


def binary_logits(y, logits):
    """The same of one logit."""
    return keras.losses.binary_crossentropy(y, logits, from_logits=True)
