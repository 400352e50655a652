"""A TensorBoard on the tab, below the cell of a notebook."""

from tb_lrfinder.notebook.frame import HEIGHT, show

__all__ = ["HEIGHT", "show"]
