"""Comic archives: what `ComicInfo.xml` (the Anansi Project's schema) tells; the pictures are not read."""

from __future__ import annotations

from dataclasses import replace

from longshore.parsing.model import ParseFailure
from longshore.parsing.packed.package import Package
from longshore.parsing.reading import Reading
from longshore.parsing.text import read_plain

_INFO = "ComicInfo.xml"
_TOLD = ("Series", "Number", "Title", "Year", "Writer", "Penciller", "Publisher", "Genre", "Characters", "Summary")


def read_comic(package: Package) -> Reading:
    """
    Raises:
        ParseFailure: `image_only` if nothing is told; as `Package.read` does.
    """
    info = package.xml(_INFO) if _INFO in package.names else None
    told = {field: " ".join((info.findtext(field) or "").split()) for field in _TOLD} if info is not None else {}
    if not any(told.values()):
        raise ParseFailure(
            "image_only", f"{package.name} holds pictures and no {_INFO}.", "Tag it with its series, title and summary."
        )
    title = told["Title"] or " ".join(filter(None, (told["Series"], told["Number"])))
    text = "\n".join(f"{field}: {value}" for field, value in told.items() if value)
    return replace(read_plain(text), title=title or None)
