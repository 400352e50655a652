"""What is not installed here is tested elsewhere: Lightning and Transformers in `make frameworks`, JAX in `make test`."""

from importlib.util import find_spec

_NEEDED = {
    "test_hugging_face.py": ("accelerate", "transformers"),
    "test_jax_optax.py": ("jax", "optax"),
    "test_lightning.py": ("lightning",),
}

collect_ignore = [name for name, modules in _NEEDED.items() if not all(map(find_spec, modules))]
