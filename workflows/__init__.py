"""The recipes: deterministic; they import the standard library, temporalio and pydantic only."""
