"""An e-mail (RFC 5322): who wrote what to whom; its attachments are not opened."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from longshore.parsing.html import read_markup
from longshore.parsing.model import ParseFailure
from longshore.parsing.reading import Reading, clean
from longshore.parsing.text import read_plain

_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def read_mail(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `corrupt` if nothing of it can be taken for a message.
    """
    try:
        message = message_from_bytes(data, policy=default)
        assert isinstance(message, EmailMessage)
        head = "\n".join(f"{field}: {message[field]}" for field in _SHOWN if message[field])
        body = message.get_body(("plain", "html"))
        text = str(body.get_content()) if body else ""
        if body and body.get_content_subtype() == "html":
            (text,) = read_markup(text).pages
        subject = clean(str(message["Subject"] or "")).strip()
    except (LookupError, ValueError, AssertionError, AttributeError, TypeError, RecursionError) as error:
        raise ParseFailure("corrupt", f"{name} is not an e-mail that can be read.", "Save it again.") from error
    return replace(read_plain(f"{head}\n\n{text}"), title=subject[:300] or None)
