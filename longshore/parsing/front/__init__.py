"""What a paper says of itself on its front page and in its metadata."""

from longshore.parsing.front.claims import Claims, read_claims
from longshore.parsing.front.page import FrontPage, describe

__all__ = ["Claims", "FrontPage", "describe", "read_claims"]
