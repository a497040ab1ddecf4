-- Of an added item: the removed one of the same source that had the same file.
alter table import_items add column renamed_from text;
