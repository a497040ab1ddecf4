"""What only developers and demonstrations use."""
