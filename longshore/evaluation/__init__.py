"""How good a graph is: what searches find in it, how it hangs together, what it cost."""
