"""TensorBoard on the LR Finder tab, inside a Jupyter or Colab notebook.

TensorBoard's own `%tensorboard` opens the first tab that has data, and cannot open another. The frame displayed here is the
same, with the tab in its address.
"""

from __future__ import annotations

import html
import json
import os
import shlex
import uuid

from tb_lrfinder import arguments
from tb_lrfinder.notebook import launch, shell
from tb_lrfinder.storage import paths

HEIGHT = 800
_TAB = "lr_finder"

# A notebook served by another machine has TensorBoard there, too: its address is made in the browser.
_FRAME = """
<iframe id="{name}" title="LR Finder" width="100%" height="{height}" style="border:0"></iframe>
<div><a id="{name}-link" target="_blank" rel="noopener">LR Finder in a page of its own</a></div>
<script>
(() => {{
  const url = new URL({base}, location.protocol.startsWith("http") ? location.href : "http://localhost");
  if ({port}) url.port = {port};
  url.hash = {tab};
  document.getElementById({id}).src = url;
  document.getElementById({id} + "-link").href = url;
}})();
</script>
"""

# Ports of Colab's machine are reached through a proxy that the page knows of.
_COLAB = """
(async () => {{
  const url = new URL(await google.colab.kernel.proxyPort({port}, {{"cache": true}}));
  url.searchParams.set("tensorboardColab", "true");
  url.hash = {tab};
  const frame = document.createElement("iframe");
  frame.src = url;
  frame.title = "LR Finder";
  frame.setAttribute("width", "100%");
  frame.setAttribute("height", "{height}");
  frame.setAttribute("frameborder", 0);
  document.body.appendChild(frame);
}})();
"""


def show(log_dir: str | os.PathLike[str], *, height: int = HEIGHT, port: int | None = None) -> None:
    """Opens TensorBoard on the LR Finder tab, below the cell.

    A TensorBoard that was started so before is used again; it ends with the kernel. As with `%tensorboard`, the environment
    variable `TENSORBOARD_BINARY` names another program than this Python's TensorBoard, and `TENSORBOARD_PROXY_URL` the
    address by which the browser reaches it, with `%PORT%` for the port: on a JupyterHub with jupyter-server-proxy
    `/user/<name>/proxy/%PORT%/`.

    Args:
        log_dir: A directory with range tests, or one above several.
        height: Height of the frame in pixels.
        port: Where TensorBoard shall listen; None takes the first free one from its default, 6006, on.

    Raises:
        ValueError: If `height` is not positive.
        RuntimeError: Outside of a notebook, or if TensorBoard does not start, with what it said.

    Example:
        >>> show("logs/lr")                                                 # doctest: +SKIP
    """
    arguments.whole(1, height=height)
    path = _absolute(paths.expanded(log_dir, "log_dir"))
    if not shell.is_notebook():
        raise RuntimeError(
            "`show` needs a Jupyter or Colab notebook to show TensorBoard in. Elsewhere run "
            f"`tensorboard --logdir {shlex.quote(path)}` and open its LR Finder tab."
        )
    waiting = shell.publish({"text/plain": "TensorBoard starts …"})
    try:
        found = launch.tensorboard(path, port)
    except BaseException:
        shell.publish({"text/plain": ""}, handle=waiting)
        raise
    shell.publish(_colab(found, height) if shell.is_colab() else _jupyter(found, height), handle=waiting)


def _absolute(log_dir: str) -> str:
    """The same directory wherever TensorBoard runs; addresses of buckets stay as they are."""
    return os.path.abspath(log_dir) if paths.scheme_of(log_dir) is None else log_dir


def _jupyter(port: int, height: int) -> dict[str, str]:
    proxy = os.environ.get("TENSORBOARD_PROXY_URL")
    name = f"lr-finder-{uuid.uuid4().hex}"
    frame = _FRAME.format(
        name=html.escape(name),
        id=_script(name),
        height=height,
        base=_script("/" if proxy is None else proxy.replace("%PORT%", str(port))),
        port=port if proxy is None else 0,
        tab=_script(_TAB),
    )
    return {"text/plain": f"TensorBoard: http://localhost:{port}/#{_TAB}", "text/html": frame}


def _colab(port: int, height: int) -> dict[str, str]:
    script = _COLAB.format(port=port, height=height, tab=_script(_TAB))
    return {"text/plain": f"TensorBoard on port {port}", "application/javascript": script}


def _script(text: str) -> str:
    """A string of JavaScript that cannot end the element it stands in."""
    return json.dumps(text).replace("</", "<\\/")
