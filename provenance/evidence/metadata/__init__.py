"""What a file's metadata says: EXIF, XMP, IPTC, Photoshop resources, colour profiles, comments.

`read_metadata` is the door. Each format has a module that turns its bytes into facts, dates and positions;
`containers` finds the bytes. Nothing here trusts a length, a count or an offset.
"""

from provenance.evidence.metadata.read import Metadata, read_metadata

__all__ = ["Metadata", "read_metadata"]
