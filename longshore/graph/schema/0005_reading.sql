-- Lists of documents are by title, whose first letters must fit an index entry.
create index documents_by_title on documents (project, (lower(left(title, 200)) collate "C"), document_id);
