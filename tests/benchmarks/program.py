"""The real program, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COMPLETED = {0, 1, 3}  # nothing flagged, flagged, some photos could not be read


def provenance(*command: object, cwd: Path | None = None) -> str:
    """Return what a command prints; its progress goes where ours does."""
    done = subprocess.run(
        [sys.executable, "-m", "provenance", *map(str, command)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode not in COMPLETED:
        raise SystemExit(f"provenance {command[0]} ended with exit code {done.returncode}")
    return done.stdout
