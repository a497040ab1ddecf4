-- Settings by which a project's texts become its graph (longshore/pipeline.py); empty: the defaults.
alter table projects add column pipeline jsonb not null default '{}';
