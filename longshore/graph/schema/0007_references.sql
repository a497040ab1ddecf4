-- What texts say of other files of their source, and where in a file a passage stands.

alter table parts add column refers_to jsonb not null default '[]';   -- [[kind, target], …] as written

alter table chunks add column heading text,       -- headings or symbols, outermost first
                   add column first_line int,     -- both null where the file has no lines of its own
                   add column last_line int;
