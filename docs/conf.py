"""The site: `make docs` writes it into `docs/_build/html`, plain files that any server, or none, can show."""

import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent), str(DOCS / "extensions")]

import tb_lrfinder  # noqa: E402

project = "tb_lrfinder"
author = "The tb_lrfinder developers"
copyright = author
version = release = tb_lrfinder.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "publishing"]
exclude_patterns = ["_build", "extensions", "curves/*.md"]
if not (DOCS.parent / "CONTRIBUTING.md").exists():
    exclude_patterns.append("contributing.md")

html_theme = "furo"
html_title = f"tb_lrfinder {release}"
html_theme_options = {"navigation_with_keys": False}
html_copy_source = False
html_show_sphinx = False
# Prompts and output are not what one wants in the clipboard.
copybutton_prompt_text = ">>> |\\.\\.\\. |\\$ "
copybutton_prompt_is_regexp = True

myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_inherit_docstrings = False
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

nitpicky = True
# Types of others have pages elsewhere; what is ours must be found.
nitpick_ignore_regex = [("py:.*", r"(?!tb_lrfinder).*"), ("py:class", r"tb_lrfinder\.\w+\.\w+\.(Batch|HasArray)")]
