"""How a file is built: its parts in order, its encoder's tables, and what follows the end of the picture."""

from provenance.evidence.structure.reading import Structure, read_structure

__all__ = ["Structure", "read_structure"]
