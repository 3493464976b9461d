"""A report -> text. Pure; only `cli` prints and writes."""
