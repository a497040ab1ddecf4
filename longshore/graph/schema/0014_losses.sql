-- When Temporal's database was lost, or put back to an earlier state, while an import was open: its run may be gone.
alter table imports add column run_lost_at timestamptz;
