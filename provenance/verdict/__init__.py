"""A case -> findings -> a verdict. Pure."""
