"""Machines of others that are asked over HTTP, and what their refusals mean."""
