"""Files as they lie in a folder or an archive, each an item of its own."""

from longshore.sources.files.debris import is_debris
from longshore.sources.files.library import FileLibrary

__all__ = ["FileLibrary", "is_debris"]
