"""Why an item or a file of it was not read: the closed list of reasons, each with the stage that found it out."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

ItemCode = Literal[
    "binary",
    "blob_missing",
    "broken_record",
    "cancelled",
    "corrupt",
    "empty",
    "encrypted",
    "forbidden_file",
    "generated",
    "ignored",
    "image_only",
    "import_failed",
    "lfs_pointer",
    "linked_file",
    "missing_file",
    "no_file",
    "parser_crashed",
    "parser_out_of_memory",
    "parser_timeout",
    "provider_refused",
    "quarantined",
    "refused_by_store",
    "refused_redirect",
    "submodule",
    "symlink",
    "too_large",
    "unexpected",
    "unsafe_name",
    "unsupported",
    "vendored",
]


class Meaning(NamedTuple):
    stage: Literal["stage", "plan", "parse", "write"] | None
    """None where the item was not reached, or where it is not known."""
    text: str


CODES: dict[ItemCode, Meaning] = {
    "binary": Meaning("stage", "The file of the repository is neither text nor a document that is read."),
    "blob_missing": Meaning("parse", "A file that had been brought is no longer in the blob store."),
    "broken_record": Meaning("plan", "The bibliography's record of the item cannot be read."),
    "cancelled": Meaning(None, "The import was cancelled before the item was reached."),
    "corrupt": Meaning("parse", "The file is damaged or not what it claims to be."),
    "empty": Meaning("parse", "The file holds nothing, or no text."),
    "encrypted": Meaning("parse", "The file cannot be read without a password."),
    "forbidden_file": Meaning("stage", "The library does not hand out its files to whoever reads it for this import."),
    "generated": Meaning("stage", "The file was written by a program, as lock files and minified code are."),
    "ignored": Meaning("stage", "The repository's own .gitignore names the file."),
    "image_only": Meaning("parse", "The pages are pictures without a text layer."),
    "import_failed": Meaning(None, "The import failed before the item was reached."),
    "lfs_pointer": Meaning("stage", "The file's content is kept elsewhere, by Git LFS."),
    "linked_file": Meaning("stage", "The file lies on the disk of whoever linked it, and not in the library."),
    "missing_file": Meaning("plan", "The source names a file that was not brought."),
    "no_file": Meaning("plan", "The item is a link without a file."),
    "parser_crashed": Meaning("parse", "The parser broke down over the file."),
    "parser_out_of_memory": Meaning("parse", "Reading the file took more memory than a document may take."),
    "parser_timeout": Meaning("parse", "Reading the file took longer than a document may take."),
    "provider_refused": Meaning(None, "The provider serves other requests and not the one for this text."),
    "quarantined": Meaning("parse", "Workers died over it again and again, so that it was set aside."),
    "refused_by_store": Meaning("write", "The database refused what was read."),
    "refused_redirect": Meaning(
        "stage", "The library's server sends elsewhere for the file, to a place that nothing is fetched from."
    ),
    "submodule": Meaning("stage", "The folder is another repository; import it by its own URL."),
    "symlink": Meaning("stage", "The file is a link to another one."),
    "too_large": Meaning("parse", "The file is larger, or holds more text, than a document may."),
    "unexpected": Meaning(None, "Something that nobody foresaw; the detail says what."),
    "unsafe_name": Meaning("stage", "The file's name is none that a file could have, such as one with a slash."),
    "unsupported": Meaning("parse", "There is no parser for this kind of file."),
    "vendored": Meaning("stage", "The folder holds other people's work, as node_modules and vendor do."),
}

NOT_REACHED: tuple[ItemCode, ...] = ("cancelled", "import_failed")
"""Codes of items that nothing is the matter with."""

KNOWN: tuple[ItemCode, ...] = get_args(ItemCode)


def listed(code: str) -> ItemCode:
    """The code as the list has it; whatever is not in the list is `unexpected`."""
    return code if code in KNOWN else "unexpected"
