"""Checksums by NumPy are those of TensorBoard."""

from __future__ import annotations

import numpy as np
import pytest
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from tb_lrfinder.storage.checksum import masked, masked_each


@pytest.mark.parametrize("length", [0, 1, 2047, 2048, 2049, 4095, 4096, 5000, 65_537, 100_000])
def test_the_checksum_of_a_text_of_any_length_is_tensorboards(length):
    text = np.random.default_rng(length).integers(0, 256, length, np.uint8).tobytes()
    assert masked(text) == masked_crc32c(text)


def test_zeros_and_ones_have_tensorboards_checksum_too():
    for text in (bytes(3000), b"\xff" * 3000, bytes(2999) + b"\x01"):
        assert masked(text) == masked_crc32c(text)


def test_each_of_many_texts_has_its_own():
    texts = np.random.default_rng(0).integers(0, 256, (50, 77), np.uint8)
    assert masked_each(texts).tolist() == [masked_crc32c(text.tobytes()) for text in texts]
