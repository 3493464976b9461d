"""The report that a desk lives in: self-contained pages, in its language. Strings in, strings out."""

from provenance.report.html.languages import LANGUAGES
from provenance.report.html.pages import index_html, photo_html, report_html

__all__ = ["LANGUAGES", "index_html", "photo_html", "report_html"]
