"""A home in one file or folder, and a home made of one.

Temporal's database is copied first, then Postgres's, then the files. So what Postgres holds is never older than what
Temporal believes was done, and no file is missing that either of them names: an import that was under way is taken up
by the restored Temporal where its copy leaves off, does again what Postgres has already, which changes nothing, and
ends in the same graph.
"""
