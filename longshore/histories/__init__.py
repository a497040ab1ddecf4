"""What Temporal keeps of imports, encrypted where keys are set."""
