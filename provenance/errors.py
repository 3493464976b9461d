"""The exception tree.

ProvenanceError                     what was wrong, with which input, and what to do
├── UsageError                      the call or a file given with it is wrong              exit code 2
│   ├── DateError                   a date is not EDTF
│   ├── TableError                  a list or claims file has a wrong column, row or encoding
│   ├── ReportError                 a text is no JSON report of ours
│   ├── BundleError                 a file is no evidence bundle of ours, or was changed since it was made
│   ├── SettingsError               a settings file has an unknown key or a wrong value
│   └── BaselineError               a file of accepted findings is missing or malformed
├── PhotoError                      a photo cannot be decoded within the limits; becomes a `Skipped`
├── TimestampError                  a timestamp was refused, is of something else, or cannot be trusted
└── ArchiveError                    the archive cannot serve                               exit code 3
    ├── SignatureError              what another desk shared is not as it signed it
    ├── NotAnArchiveError           the file is missing or is not one of our databases
    ├── NewerSchemaError            written by a later version of this program
    ├── ReadOnlyArchiveError        the file or its folder cannot be written
    ├── ArchiveFullError            no space is left on the disk
    └── ArchiveBusyError            another writer held the archive for too long
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What a run tells its caller; FLAGGED wins over NOT_COMPLETED."""

    OK = 0
    FLAGGED = 1
    USAGE = 2
    NOT_COMPLETED = 3
    INTERRUPTED = 130


class ProvenanceError(Exception):
    """Base of every error a user may meet: `message` says what was wrong, `advice` what to do about it."""

    exit_code: ClassVar[ExitCode] = ExitCode.NOT_COMPLETED

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class UsageError(ProvenanceError):
    """The call, or a file given with it, is wrong."""

    exit_code = ExitCode.USAGE


class DateError(UsageError):
    """A date is not EDTF."""


class TableError(UsageError):
    """A list or claims file has a wrong column, row or encoding."""


class ReportError(UsageError):
    """A text is no JSON report of ours."""


class BundleError(UsageError):
    """A file is no evidence bundle of ours, or was changed since it was made."""


class SettingsError(UsageError):
    """A settings file has an unknown key or a wrong value."""


class BaselineError(UsageError):
    """A file of accepted findings is missing or malformed."""


class PhotoError(ProvenanceError):
    """A photo cannot be decoded within the limits."""


class TimestampError(ProvenanceError):
    """A timestamp was refused, is of something else, or cannot be trusted."""


class ArchiveError(ProvenanceError):
    """The archive cannot serve."""


class SignatureError(ArchiveError):
    """What another desk shared is not as a desk that is trusted signed it."""


class NotAnArchiveError(ArchiveError):
    """The file is missing or is not one of our databases."""


class NewerSchemaError(ArchiveError):
    """The archive was written by a later version of this program."""


class ReadOnlyArchiveError(ArchiveError):
    """The archive's file or folder cannot be written."""


class ArchiveFullError(ArchiveError):
    """No space is left where the archive lives."""


class ArchiveBusyError(ArchiveError):
    """Another writer held the archive for longer than we wait."""
