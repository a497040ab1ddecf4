-- What a text's front page and metadata say of the document: authors, year, DOI, arXiv id.
alter table parts add column about jsonb not null default '{}';

-- A loose file is looked for among those whose content is known.
create index parts_by_content on parts (project, sha256);
