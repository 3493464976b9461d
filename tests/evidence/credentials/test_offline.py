"""No file makes the reader open a connection, whatever addresses it names.

The library is native, so Python cannot watch it: a server here counts who connects, and where strace is installed the
kernel's own calls are looked at.
"""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance.evidence.credentials import STORE, read_credentials
from provenance.model import CredentialState

PROGRAM = """
import sys
from pathlib import Path
from provenance.evidence.credentials import TrustList, read_credentials
trust = TrustList("l", "2024-01-31", Path("anchors.pem").read_text())
for name in sys.argv[1:]:
    print(read_credentials(Path(name).read_bytes(), "image/jpeg", trust).state)
"""


class Counter:
    """A server on this machine that counts connections and hangs up."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/manifest.c2pa"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def server() -> Iterator[Counter]:
    counter = Counter()
    yield counter
    counter.close()


@pytest.fixture
def asked(server, signer, root):
    """Return a signer whose revocation can be asked for at the server."""
    return signer(root, responder=server.address)


@pytest.fixture
def files(server, sign, asked, trust, tmp_path) -> list[str]:
    """Write files that name the server: as the place of a manifest, with and without one inside, and for revocation."""
    contents = {
        "elsewhere.jpg": sign(remote=server.address, embedded=False),
        # the store's name behind the picture makes the library look
        "looked_at.jpg": sign(remote=server.address, embedded=False) + STORE,
        "both.jpg": sign(remote=server.address),
        "revocation.jpg": sign(by=asked),
        "anchors.pem": trust.anchors.encode(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        assert name == "anchors.pem" or server.address.encode() in content
    return [name for name in contents if name.endswith(".jpg")]


def test_a_file_that_names_addresses_makes_no_connection(files, server, trust, tmp_path):
    contents = [(tmp_path / name).read_bytes() for name in files]
    states = [read_credentials(content, "image/jpeg", trust).state for content in contents]
    assert states == [
        CredentialState.ABSENT,
        CredentialState.ABSENT,
        CredentialState.TRUSTED,
        CredentialState.TRUSTED,
    ]
    assert server.connections == 0


def test_the_library_left_to_itself_would_connect(c2pa, files, server, tmp_path):
    content = io.BytesIO((tmp_path / "elsewhere.jpg").read_bytes())
    with pytest.raises(c2pa.C2paError):
        c2pa.Reader("image/jpeg", content, context=c2pa.Context.from_dict({"version": 1}))
    assert server.connections > 0


def test_the_kernel_sees_no_call_to_the_network(files, tmp_path):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    traced = tmp_path / "calls.txt"
    command = ["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto", "-o", str(traced)]
    done = subprocess.run(
        [*command, sys.executable, "-c", PROGRAM, *files],
        check=False, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    if done.returncode and not done.stdout:
        pytest.skip(f"strace does not run here: {done.stderr[:200]}")
    assert done.stdout.split() == ["absent", "absent", "trusted", "trusted"]
    calls = [line for line in Path(traced).read_text(encoding="utf-8").splitlines() if "AF_INET" in line]
    assert calls == []
