"""Source code of the languages in `languages.py`."""
