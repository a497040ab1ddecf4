"""Documents that are zips inside: Office files, books and comics."""

from longshore.parsing.packed.reader import read_packed

__all__ = ["read_packed"]
