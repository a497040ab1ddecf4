-- Attempts at a step that began after others had been lost, and that have not ended. Those whose worker died never do.
create table unended_attempts (
    project   text not null,
    import_id text not null,
    batch     int not null,
    step      text not null,
    attempts  int not null,
    primary key (project, import_id, batch, step),
    foreign key (project, import_id) references imports on delete cascade
);

-- Texts that were taken up alone, after workers had died over their batches, and that have not been done with.
create table suspects (
    project  text not null references projects on delete cascade,
    part_id  uuid not null,
    step     text not null,
    tries    int not null,
    begun_at timestamptz not null default now(),
    primary key (project, part_id, step)
);
