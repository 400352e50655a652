"""A notebook, run in a real kernel: what it shows, that it shows it once, and that TensorBoard opens on the tab."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from playwright.sync_api import Page

from tb_lrfinder import notebook
from tb_lrfinder.notebook import launch, shell
from tests.support.browser import tab_of
from tests.support.results import result_of
from tests.support.tensorboard_server import Server
from tests.support.traces import synthetic_curve

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "notebook.ipynb"
SECONDS = 240.0
# What TensorFlow says of itself while it is loaded, whatever TF_CPP_MIN_LOG_LEVEL asks for.
TENSORFLOW = re.compile(r"^(WARNING: All log messages before absl::InitializeLog\(\)|[IW]0000 ).*\n?", re.MULTILINE)


class Kernel:
    """A kernel of the Python that runs the tests, whose `bin` is not on the PATH.

    It has a thread of its own: the loop of this one belongs to the browser.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = {"IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
        specification = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "tests",
            "language": "python",
            "env": {**environment, "PATH": os.defpath, "KERAS_BACKEND": "tensorflow"},
        }
        (folder / "kernels" / "tests").mkdir(parents=True)
        (folder / "kernels" / "tests" / "kernel.json").write_text(json.dumps(specification))
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._stack = ExitStack()
        self._loop = asyncio.new_event_loop()
        self._call(self._start)

    def _start(self) -> None:
        asyncio.set_event_loop(self._loop)
        specifications = KernelSpecManager(kernel_dirs=[str(self.folder / "kernels")], ensure_native_kernel=False)
        # Of sockets that are files, the paths must be short, and no other program can take one.
        sockets = self._stack.enter_context(tempfile.TemporaryDirectory())
        manager = AsyncKernelManager(
            kernel_name="tests",
            kernel_spec_manager=specifications,
            transport="ipc",
            connection_file=f"{sockets}/kernel.json",
            shutdown_wait_time=SECONDS,
        )
        self._client = NotebookClient(
            nbformat.v4.new_notebook(),
            manager,
            timeout=int(SECONDS),
            startup_timeout=int(SECONDS),
            interrupt_on_timeout=True,
            resources={"metadata": {"path": str(self.folder)}},
        )
        self._stack.enter_context(self._client.setup_kernel(cleanup_kc=True))

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._thread.submit(function, *arguments).result()

    def run(self, source: str) -> list[dict[str, Any]]:
        """The outputs of a cell; one that fails raises."""
        cells = self._client.nb.cells
        cells.append(nbformat.v4.new_code_cell(source))
        self._call(self._client.execute_cell, cells[-1], len(cells) - 1)
        return cells[-1].outputs

    def servers(self) -> list[dict[str, Any]]:
        """What the TensorBoards that run here have written of themselves."""
        return [json.loads(path.read_text()) for path in (self.folder / ".tensorboard-info").glob("*.info")]

    def close(self) -> None:
        """Ends the kernel, as closing its notebook does."""
        self._call(self._stack.close)
        self._call(self._loop.close)
        self._thread.shutdown()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")  # without it, Jupyter warns of where its files will be
        running = Kernel(tmp_path_factory.mktemp("kernel"))
        yield running
        running.close()
    left = running.servers()
    for server in left:
        os.kill(server["pid"], signal.SIGKILL)
    assert left == []  # each ended with the kernel


@pytest.fixture(scope="module")
def example(kernel: Kernel) -> dict[str, list[dict[str, Any]]]:
    """The outputs of the example's cells, by the cells' names."""
    cells = nbformat.read(EXAMPLE, as_version=4).cells
    return {cell.id: kernel.run(cell.source) for cell in cells if cell.cell_type == "code"}


def texts(outputs: list[dict[str, Any]], name: str) -> str:
    text = "".join(output["text"] for output in outputs if output.get("name") == name)
    return TENSORFLOW.sub("", text)


def told(outputs: list[dict[str, Any]]) -> int:
    """How often a result is told, with its picture or without."""
    shown = [output["data"].get("text/html", "") for output in outputs if "data" in output]
    assert all(html.count("<svg xmlns") == html.count("LR range test") for html in shown)
    return sum(text.count("LR range test") for text in [*shown, texts(outputs, "stdout"), texts(outputs, "stderr")])


def value(outputs: list[dict[str, Any]]) -> str:
    (output,) = outputs
    return output["data"]["text/plain"]


def server_of(outputs: list[dict[str, Any]]) -> Server:
    return Server(value(outputs).removeprefix("TensorBoard: ").removesuffix("/#lr_finder"))


def test_the_committed_notebook_holds_no_outputs():
    cells = [cell for cell in nbformat.read(EXAMPLE, as_version=4).cells if cell.cell_type == "code"]
    assert {(len(cell.outputs), cell.execution_count) for cell in cells} == {(0, None)}


def test_the_example_tells_its_result_once_and_nothing_else(example):
    assert {name: told(outputs) for name, outputs in example.items()} == {"model": 0, "test": 1, "train": 0, "show": 0}
    assert {texts(outputs, "stderr") for outputs in example.values()} == {""}
    assert [name for name, outputs in example.items() if texts(outputs, "stdout")] == ["test"]
    assert "Suggested learning rate" not in texts(example["test"], "stdout")  # it is the progress bar
    assert min(json.loads(value(example["train"]))) > 0.3


def test_show_opens_tensorboard_with_the_curve(example, kernel):
    server = server_of(example["show"])
    trace = server.wait_for(lambda traces: traces.get("."), SECONDS)
    assert len(server.rows(trace["id"])) == int(value(kernel.run("len(result.curve)")))
    with urllib.request.urlopen(f"{server.url}/data/plugins_listing", timeout=SECONDS) as response:
        assert json.load(response)["lr_finder"]["enabled"]


def test_a_second_show_uses_the_same_tensorboard(example, kernel):
    before = kernel.servers()
    assert server_of(kernel.run("result.show(height=300)")).url == server_of(example["show"]).url
    kernel.run("import os")
    outputs = kernel.run('from tb_lrfinder import notebook\nnotebook.show("logs/../logs/lr", height=300)')
    assert server_of(outputs).url == server_of(example["show"]).url
    assert kernel.servers() == before
    assert len(before) == 1


def test_an_interrupt_of_the_kernel_does_not_reach_tensorboard(example, kernel):
    """Jupyter sends it to all processes of the kernel's group."""
    (server,) = kernel.servers()
    group = int(value(kernel.run("import os\nos.getpgid(0)")))
    assert os.getpgid(server["pid"]) != group


SMALL = """
import keras
import numpy as np
from tb_lrfinder import LRFinder, range_test

x = np.random.default_rng(0).normal(size=(64, 4))
y = x.sum(axis=1)
small = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
small.compile("sgd", loss="mse")

def test(**options):
    return range_test(small, x, y, num_steps=20, batch_size=16, **options)

def fit():
    finder = LRFinder(None)
    small.fit(x, y, batch_size=16, epochs=5, verbose=0, callbacks=[finder])
    return finder
"""


@pytest.fixture(scope="module")
def small(kernel: Kernel) -> Kernel:
    kernel.run(SMALL)
    return kernel


@pytest.mark.parametrize(
    "source",
    [
        "test()",
        "found = test()",
        "found = test()\nfound",
        "test(repeats=2)",
        "test(verbose=0)",
        "finder = fit()",
        "fit().result",
    ],
)
def test_a_result_is_told_once(small, source):
    assert told(small.run(source)) == 1


def test_a_result_is_told_again_in_a_later_cell(small):
    assert told(small.run("found = test(verbose=0)")) == 0
    assert told(small.run("found")) == 1
    assert told(small.run("found = test()\nNone")) == 1
    assert [told(small.run("found")), told(small.run("found"))] == [1, 1]


def test_two_results_of_one_cell_are_two(small):
    assert told(small.run("test()\ntest(end_lr=1.0)")) == 2


def test_a_suggestion_is_a_table(small):
    (output,) = small.run("fit().suggestion")[-1:]
    assert output["data"]["text/html"].startswith("<table")
    assert "Suggested learning rate" in output["data"]["text/html"]


TERMINAL = """
from tb_lrfinder.loops.result import print_result; from tests.support.results import CURVE, result_of
def test(): found = result_of(CURVE); print_result(found); return found

test()
found = test()
found
exit
"""


def test_in_a_terminal_it_is_told_once_as_well(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path)}
    command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit"]
    done = subprocess.run(command, input=TERMINAL, env=environment, capture_output=True, text=True, timeout=SECONDS)
    # Twice by the test itself, and once as the value of a later line.
    assert done.stdout.count("LR range test: 300 of 300 steps") == 3, done.stdout + done.stderr


@pytest.fixture
def blank(page: Page) -> Iterator[str]:
    """The address of an empty page, for outputs to be put into; any below it is empty, too."""
    page.set_default_timeout(1000 * SECONDS)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Notebook</title><body></body>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    # A browser opens connections in advance and leaves them silent.
    with http.server.ThreadingHTTPServer(("localhost", 0), Handler) as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        yield f"http://localhost:{web.server_port}"
        web.shutdown()
        thread.join()


def frame_of(page: Page) -> str:
    frame = page.locator("iframe[title='LR Finder']")
    frame.and_(page.locator("[src]")).wait_for()
    return frame.get_attribute("src") or ""


@pytest.mark.browser
def test_the_frame_in_jupyter_is_the_tab(example, page, blank):
    page.goto(blank)
    page.set_content(example["show"][0]["data"]["text/html"])
    assert frame_of(page) == f"{server_of(example['show']).url}/#lr_finder"
    assert page.get_by_role("link").get_attribute("href") == frame_of(page)
    inner = page.frame_locator("iframe[title='LR Finder']")
    tab_of(inner).get_by_test_id("lr-finder").wait_for()  # pyright: ignore[reportArgumentType]


COLAB = """
import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
try:
    result.show(height=432)
finally:
    del sys.modules["google.colab"]
"""


@pytest.mark.browser
def test_the_frame_in_colab_is_the_tab_behind_its_proxy(example, kernel, page, blank):
    (output,) = kernel.run(COLAB)
    url = server_of(example["show"]).url
    page.goto(blank)
    page.evaluate(
        "window.google = {colab: {kernel: {proxyPort: async (port) => `http://localhost:${port}/?authuser=0`}}}"
    )
    page.evaluate(output["data"]["application/javascript"])
    assert frame_of(page) == f"{url}/?authuser=0&tensorboardColab=true#lr_finder"
    assert page.locator("iframe").get_attribute("height") == "432"
    inner = page.frame_locator("iframe[title='LR Finder']")
    tab_of(inner).get_by_test_id("lr-finder").wait_for()  # pyright: ignore[reportArgumentType]


PROXY = """
import os
os.environ["TENSORBOARD_PROXY_URL"] = "/user/</script>/proxy/%PORT%/"
try:
    result.show()
finally:
    del os.environ["TENSORBOARD_PROXY_URL"]
"""


@pytest.mark.browser
def test_the_frame_behind_a_proxy_has_its_address(example, kernel, page, blank):
    (output,) = kernel.run(PROXY)
    port = server_of(example["show"]).url.rpartition(":")[2]
    page.goto(blank)
    page.set_content(output["data"]["text/html"])
    assert frame_of(page) == f"{blank}/user/%3C/script%3E/proxy/{port}/#lr_finder"


def test_tensorboard_ends_with_its_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("TENSORBOARD_BINARY", str(without_tensorflow(tmp_path)))
    source = "from tb_lrfinder.notebook import launch; print(launch.tensorboard('logs'))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stderr == ""
    with pytest.raises(OSError, match="refused"):
        Server(f"http://localhost:{int(done.stdout)}").get("traces")
    assert list((tmp_path / ".tensorboard-info").iterdir()) == []


def program(folder: Path, source: str) -> Path:
    """A program in place of TensorBoard."""
    path = folder / "tensorboard"
    path.write_text(f"#!{sys.executable}\n{source}\n")
    path.chmod(0o755)
    return path


def without_tensorflow(folder: Path) -> Path:
    """TensorBoard as it is where TensorFlow is not installed: it answers sooner."""
    source = "import sys; sys.modules['tensorflow'] = None; from tensorboard.main import run_main; run_main()"
    return program(folder, source)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No TensorBoard of anybody else is found."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_tensorboard_that_ends_is_an_error_with_its_words(alone, monkeypatch):
    source = "import sys; sys.exit(\"ModuleNotFoundError: No module named 'pkg_resources'\")"
    monkeypatch.setenv("TENSORBOARD_BINARY", str(program(alone, source)))
    with pytest.raises(RuntimeError, match="TensorBoard did not start: it ended with status 1. It said:\nModuleNot"):
        launch.tensorboard("logs")


def test_a_port_in_use_is_an_error_that_says_so(alone, monkeypatch):
    monkeypatch.setenv("TENSORBOARD_BINARY", str(without_tensorflow(alone)))
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=rf"it ended with status \d+. It said:\n(.|\n)*port {port}.* in use"):
            launch.tensorboard("logs", port)


def test_a_missing_program_is_an_error_that_names_it(alone, monkeypatch):
    monkeypatch.setenv("TENSORBOARD_BINARY", "/no/such/tensorboard")
    with pytest.raises(RuntimeError, match="could not be started: .*/no/such/tensorboard.*TENSORBOARD_BINARY names it"):
        launch.tensorboard("logs")


def test_a_tensorboard_that_never_answers_is_ended(alone, monkeypatch):
    started: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setenv("TENSORBOARD_BINARY", str(program(alone, "import time; time.sleep(1e6)")))
    monkeypatch.setattr(subprocess, "Popen", Recorded)
    monkeypatch.setattr(launch, "START_SECONDS", 0.5)
    with pytest.raises(RuntimeError, match="did not show the LR Finder tab within 0.5 seconds"):
        launch.tensorboard("logs")
    assert [process.returncode for process in started] == [-signal.SIGTERM]


def test_what_failed_to_start_does_not_go_on_starting(alone, monkeypatch):
    published: list[dict[str, str]] = []
    monkeypatch.setenv("TENSORBOARD_BINARY", "/no/such/tensorboard")
    monkeypatch.setattr(shell, "is_notebook", lambda: True)
    monkeypatch.setattr(shell, "publish", lambda data, handle=None: published.append(data))
    with pytest.raises(RuntimeError):
        notebook.show("~/logs")
    assert [data["text/plain"] for data in published] == ["TensorBoard starts …", ""]


def test_outside_of_a_notebook_it_says_what_to_run():
    path = os.path.abspath("my logs")
    with pytest.raises(RuntimeError, match=re.escape(f"Elsewhere run `tensorboard --logdir '{path}'`")):
        notebook.show("my logs")
    with pytest.raises(RuntimeError, match=re.escape(f"--logdir {Path.home()}/logs`")):
        notebook.show(Path("~/logs"))
    with pytest.raises(RuntimeError, match="--logdir gs://bucket/logs`"):
        notebook.show("gs://bucket/logs")


def test_a_result_that_was_not_written_says_how_to_write_it():
    curve = synthetic_curve()
    result = replace(result_of(curve), log_dir=None)
    with pytest.raises(ValueError, match=r'give it a directory, as in range_test\(..., log_dir="logs/lr"\)'):
        result.show()


@pytest.mark.parametrize("height", [0, -1, 2.5])
def test_refuses_a_height_that_is_none(height):
    with pytest.raises(ValueError, match="`height` must be a whole number of at least 1. Received: height="):
        notebook.show("logs", height=height)


def test_it_is_imported_without_keras_and_ipython():
    source = "import sys, tb_lrfinder.notebook; print({'keras', 'tensorflow', 'IPython'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "set()\n", done.stderr
