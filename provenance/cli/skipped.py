"""What a run skipped, as a table for a program or a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from provenance.report.csv_report import cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model import Skipped


def skipped_table(skipped: Iterable[Skipped]) -> bytes:
    """Return CSV in UTF-8 with the columns path and reason; before what would be a formula stands an apostrophe."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["path", "reason"])
    table.writerows([cell(item.path), cell(item.reason)] for item in skipped)
    return text.getvalue().encode()
