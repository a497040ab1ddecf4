"""`make bench`: what durability costs, measured against a plain script. It measures and never asserts."""
