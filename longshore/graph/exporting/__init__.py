"""Taking a project away, as a file that other programs read."""
