"""The doctor: finds what does not fit together in a home and its graph, and explains it.

Looking changes nothing. What can be mended safely has a mend, which can be run again and again.
"""
