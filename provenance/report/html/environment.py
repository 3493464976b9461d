"""The templates with what they may use: a language's words, harmless text, and the page's one style and one script.

Everything is escaped unless it is ours: autoescape is on, and only the style and the script are marked as they are.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import provenance
from provenance.model import CATALOGUE, Level
from provenance.report import outcome
from provenance.report.html import safety, words
from provenance.report.html.languages import Language, language
from provenance.report.html.photos import box_within, odds
from provenance.report.html.timeline import Against

PACKAGE = "provenance.report.html"


@functools.cache
def environment(code: str) -> Environment:
    """Return the templates in a language; `ValueError` for one that there is none of."""
    spoken = language(code)
    made = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(spoken.translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(_globals(spoken))
    made.filters.update(
        shortened=safety.shortened,
        path_shortened=safety.path_shortened,
        folder_and_name=safety.folder_and_name,
        link=safety.link,
        relative=safety.relative,
        data_uri=safety.data_uri,
    )
    return made


def _globals(spoken: Language) -> dict[str, object]:
    style, script = asset("report.css"), asset("report.js")
    return {
        "language": spoken,
        "words": words,
        "catalogue": CATALOGUE,
        "levels": Level,
        "against": Against,
        "odds": odds,
        "source_of": outcome.link,
        "fails": outcome.fails,
        "box_within": box_within,
        "version": provenance.__version__,
        "style": Markup(style),  # noqa: S704 - ours, and without "</"
        "script": Markup(script),  # noqa: S704 - likewise
        "policy": policy(style, script),
    }


def asset(name: str) -> str:
    """Return the style or the script, as it stands in the page."""
    return (files(PACKAGE) / "assets" / name).read_text(encoding="utf-8")


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: nothing may be fetched, and only these two may run."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
