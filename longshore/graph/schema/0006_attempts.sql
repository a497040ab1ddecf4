-- How often an item was taken up in its import: once, and once more for each retry while it ran.
alter table import_items add column attempts int not null default 0;
