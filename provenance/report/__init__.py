"""A report -> text, and what differs -> pictures. Pure; only `cli` prints and writes."""
