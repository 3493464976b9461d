"""Photo -> fingerprints: the digest of the bytes, and three perceptual hashes of the picture.

`fingerprints` gives `add` everything there is to store; `query_codes` gives `check` what it looks up. Of the
two only the first loads imagehash and, through it, scipy.
"""

from provenance.fingerprint.digest import sha256
from provenance.fingerprint.interface import Fingerprinter, Frame
from provenance.fingerprint.query import QueryFingerprints, query_codes
from provenance.fingerprint.registry import FINGERPRINTERS, fingerprints
from provenance.model import FLAT_QUALITY, PRIMARY

__all__ = [
    "FINGERPRINTERS",
    "FLAT_QUALITY",
    "PRIMARY",
    "Fingerprinter",
    "Frame",
    "QueryFingerprints",
    "fingerprints",
    "query_codes",
    "sha256",
]
