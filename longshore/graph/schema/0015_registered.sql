-- A loose file is looked for among entries that have its DOI or arXiv id besides another identity.
create index parts_by_doi on parts (project, (about->>'doi')) where about->>'doi' is not null;
create index parts_by_arxiv on parts (project, (about->>'arxiv')) where about->>'arxiv' is not null;
create index items_by_arxiv on items (project, (payload->>'arxiv')) where payload->>'arxiv' is not null;
