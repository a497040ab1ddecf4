"""Processes of their own for strangers' bytes: what such a process may use, and the wire to it."""
