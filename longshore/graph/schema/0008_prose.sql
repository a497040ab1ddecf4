-- Of a passage of code, what it says in words; null where the text itself does. Concepts are looked for in this.
alter table chunks add column prose text;
