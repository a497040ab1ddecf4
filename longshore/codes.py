"""Why an item or a file of it was not read: the closed list of reasons, each with the stage that found it out."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

ItemCode = Literal[
    "blob_missing",
    "broken_record",
    "cancelled",
    "corrupt",
    "empty",
    "encrypted",
    "image_only",
    "import_failed",
    "missing_file",
    "no_file",
    "parser_crashed",
    "parser_out_of_memory",
    "parser_timeout",
    "refused_by_store",
    "too_large",
    "unexpected",
    "unsupported",
]


class Meaning(NamedTuple):
    stage: Literal["plan", "parse", "write"] | None
    """None where the item was not reached, or where it is not known."""
    text: str


CODES: dict[ItemCode, Meaning] = {
    "blob_missing": Meaning("parse", "A file that had been brought is no longer in the blob store."),
    "broken_record": Meaning("plan", "The bibliography's record of the item cannot be read."),
    "cancelled": Meaning(None, "The import was cancelled before the item was reached."),
    "corrupt": Meaning("parse", "The file is damaged or not what it claims to be."),
    "empty": Meaning("parse", "The file holds nothing, or no text."),
    "encrypted": Meaning("parse", "The file cannot be read without a password."),
    "image_only": Meaning("parse", "The pages are pictures without a text layer."),
    "import_failed": Meaning(None, "The import failed before the item was reached."),
    "missing_file": Meaning("plan", "The source names a file that was not brought."),
    "no_file": Meaning("plan", "The item is a link without a file."),
    "parser_crashed": Meaning("parse", "The parser broke down over the file."),
    "parser_out_of_memory": Meaning("parse", "Reading the file took more memory than a document may take."),
    "parser_timeout": Meaning("parse", "Reading the file took longer than a document may take."),
    "refused_by_store": Meaning("write", "The database refused what was read."),
    "too_large": Meaning("parse", "The file holds more text than a document may hold."),
    "unexpected": Meaning(None, "Something that nobody foresaw; the detail says what."),
    "unsupported": Meaning("parse", "There is no parser for this kind of file."),
}

NOT_REACHED: tuple[ItemCode, ...] = ("cancelled", "import_failed")
"""Codes of items that nothing is the matter with."""

KNOWN: tuple[ItemCode, ...] = get_args(ItemCode)


def listed(code: str) -> ItemCode:
    """The code as the list has it; whatever is not in the list is `unexpected`."""
    return code if code in KNOWN else "unexpected"
