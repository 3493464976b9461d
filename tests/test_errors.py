"""The exception tree is the one drawn, and every exit code is one of the contract's."""

from __future__ import annotations

import inspect
import re

from provenance import errors


def tree(base, depth=0):
    yield depth, base.__name__
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child, depth + 1)


def test_the_tree_in_the_docstring_is_the_tree_in_the_code():
    drawn = re.findall(r"^([│├└─ ]*)([A-Z]\w+Error)\b", errors.__doc__, re.MULTILINE)
    assert [(len(branch) // 4, name) for branch, name in drawn] == list(tree(errors.ProvenanceError))


def test_every_error_has_an_exit_code_that_tells_failure_from_finding():
    classes = [
        c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.ProvenanceError)
    ]
    assert {c.exit_code for c in classes} == {errors.ExitCode.USAGE, errors.ExitCode.NOT_COMPLETED}
