"""What every test shares: made photos, an isolated home, and no network."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

# A busy machine must not fail a property; what takes how long is for the benchmarks.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")

Run = Callable[..., subprocess.CompletedProcess[str]]


def textured(seed: int, width: int = 160, height: int = 120) -> Image.Image:
    """Return a made picture with structure at every scale: no two seeds look alike to a perceptual hash."""
    rng = np.random.default_rng(seed)
    layers = np.zeros((height, width, 3))
    for octave in range(2, 7):
        grid = rng.normal(size=(octave * octave, octave * octave, 3))
        for channel in range(3):
            layer = Image.fromarray(grid[:, :, channel].astype(np.float32)).resize(
                (width, height), Image.Resampling.BICUBIC
            )
            layers[:, :, channel] += np.asarray(layer) / octave
    layers -= layers.min()
    return Image.fromarray((layers / layers.max() * 255).astype(np.uint8))


NO_CHROMIUM = "no Chromium with its driver is installed"
"""Why tests of pages in a browser are skipped; `pytest_terminal_summary` looks for it."""


@pytest.fixture(scope="session")
def no_chromium() -> str:
    """Return the reason for which tests that need a browser are to be skipped."""
    return NO_CHROMIUM


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say loudly, after all else, what was left out for want of a browser."""
    yield
    left_out = [r for r in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(r.longrepr)]
    if not left_out:
        return
    frame = "#" * 100
    terminalreporter.write_line(frame, red=True, bold=True)
    for line in (
        f"LEFT OUT: {len(left_out)} tests of the HTML report in a real browser, since {NO_CHROMIUM}.",
        "Nothing was shown of: no request, no console error, slider, accessibility, hostile text, print.",
        "Install it (Debian: apt-get install chromium chromium-driver) and run the tests again.",
    ):
        terminalreporter.write_line(f"#  {line}", red=True, bold=True)
    terminalreporter.write_line(frame, red=True, bold=True)


@pytest.fixture(scope="session")
def picture() -> Callable[..., Image.Image]:
    """Return the maker of pictures by seed."""
    return textured


@pytest.fixture
def photo(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a made photo: `photo("a.jpg", seed=1, quality=90, exif=...)`."""

    def write(name: str, seed: int = 0, size: tuple[int, int] = (160, 120), **save: object) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        textured(seed, *size).save(path, **save)
        return path

    return write


@pytest.fixture
def jpeg() -> Callable[[int], bytes]:
    """Return the maker of small JPEG files by seed."""

    def make(seed: int) -> bytes:
        content = io.BytesIO()
        textured(seed).save(content, "JPEG", quality=90)
        return content.getvalue()

    return make


def weak_model(*shape: int | str, dimensions: int = 128, seed: int = 1) -> bytes:
    """Return an ONNX model that embeds, weakly: 8 x 8 cells of 36 pixels, less their mean, mixed at random."""
    from onnx import TensorProto, helper, numpy_helper

    matrix = np.random.default_rng(seed).normal(size=(8 * 8 * 3, dimensions)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", ["rgb"], ["cells"], kernel_shape=[36, 36], strides=[36, 36]),
        helper.make_node("Flatten", ["cells"], ["flat"]),
        helper.make_node("ReduceMean", ["flat"], ["mean"], axes=[1]),
        helper.make_node("Sub", ["flat", "mean"], ["centred"]),
        helper.make_node("MatMul", ["centred", "matrix"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "weak",
        [helper.make_tensor_value_info("rgb", TensorProto.FLOAT, shape or ("n", 3, 288, 288))],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(matrix, "matrix")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


@pytest.fixture(scope="session")
def model() -> Callable[..., bytes]:
    """Return the maker of weak embedding models."""
    return weak_model


@pytest.fixture(autouse=True, scope="session")
def _nowhere_to_write(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point the home directory at a file, so that anything written there fails loudly."""
    guard = tmp_path_factory.mktemp("guard") / "tests-must-not-write-to-the-home-directory"
    guard.touch()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(guard))
        for name in [name for name in os.environ if name.startswith("PROVENANCE_")]:
            environment.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            raise AssertionError(f"tests must not use the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


class WarcMaker:
    """Writes a WARC file with warcio, record by record."""

    def __init__(self, file: io.BufferedIOBase, gzip: bool) -> None:
        from warcio.warcwriter import WARCWriter

        self.file = file
        self._writer = WARCWriter(file, gzip=gzip, warc_version="WARC/1.1")

    def record(self, kind: str, uri: str, payload: bytes = b"", http: str = "", **headers: str) -> str:
        """Write one record and return its id; `http` is a status line and headers, lines apart."""
        from warcio.statusandheaders import StatusAndHeaders

        first, *rest = http.splitlines() or [""]
        pairs = [tuple(line.split(": ", 1)) for line in rest]
        said = StatusAndHeaders(first, pairs, is_http_request=kind == "request", protocol="HTTP/1.1")
        named = {f"WARC-{name.replace('_', '-')}": value for name, value in headers.items()}
        named.setdefault("WARC-Date", "2016-12-13T09:14:55Z")
        made = self._writer.create_warc_record(
            uri,
            kind,
            payload=io.BytesIO(payload),
            length=len(payload),
            http_headers=said if http else None,
            warc_headers_dict=named,
        )
        self._writer.write_record(made)
        return str(made.rec_headers.get_header("WARC-Record-ID"))

    def response(self, uri: str, payload: bytes, more: str = "", **headers: str) -> str:
        """Write what a server answered with, as a picture; `more` are further HTTP headers."""
        http = f"200 OK\nContent-Type: image/jpeg\n{more}"
        return self.record("response", uri, payload, http, **headers)

    def request(self, uri: str, response: str, referer: str, **headers: str) -> str:
        """Write what a browser asked, and which page had it ask."""
        http = f"GET / HTTP/1.1\nReferer: {referer}"
        return self.record("request", uri, b"", http, Concurrent_To=response, **headers)


@pytest.fixture
def warc(tmp_path: Path) -> Callable[..., contextlib.AbstractContextManager[WarcMaker]]:
    """Return what opens a WARC file to be written: `with warc("crawl.warc.gz") as made: made.response(...)`."""

    @contextlib.contextmanager
    def opened(name: str) -> Iterator[WarcMaker]:
        with (tmp_path / name).open("wb") as file:
            yield WarcMaker(file, gzip=name.endswith(".gz"))

    return opened


@pytest.fixture(scope="session")
def run_in() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real program in a child process, in a folder, with text pipes: `run_in(folder, "add", "old")`."""

    def call(folder: Path, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "provenance", *map(str, arguments)],
            check=False,
            **{"cwd": folder, "capture_output": True, "text": True, "timeout": 120, **options},
        )

    return call


@pytest.fixture
def run(tmp_path: Path, run_in: Callable[..., subprocess.CompletedProcess[str]]) -> Run:
    """Run the real program likewise, in `tmp_path`."""
    return partial(run_in, tmp_path)


GIT_ALONE = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "Desk" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "desk@example.org" for who in ("AUTHOR", "COMMITTER")},
}


@pytest.fixture(scope="session")
def git() -> Callable[..., str]:
    """Return a function that runs Git, with nobody's settings, in a folder: `git(folder, "add", ".")`."""

    def call(folder: Path, *arguments: object) -> str:
        done = subprocess.run(
            ["git", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, **GIT_ALONE},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the real program in a child process and leave it running."""

    def call(*arguments: object, **options: object) -> subprocess.Popen[str]:
        pipes = {"cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            [sys.executable, "-m", "provenance", *map(str, arguments)], **{**pipes, **options}
        )

    return call


@pytest.fixture
def bound_by_permissions() -> Callable[[], None]:
    """Return a `preexec_fn` that takes root's right to ignore file permissions from a child."""
    libc = ctypes.CDLL(None)

    def drop() -> None:
        drop_from_bounding_set, override, read_search = 24, 1, 2
        for capability in (override, read_search):
            libc.prctl(drop_from_bounding_set, capability, 0, 0, 0)

    return drop
