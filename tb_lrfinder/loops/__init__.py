"""Range tests and recordings in any training loop. No Keras."""
