"""The steps: thin; each calls the library and turns its errors into Temporal's."""
