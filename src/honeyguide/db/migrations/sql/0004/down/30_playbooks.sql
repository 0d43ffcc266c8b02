drop table ask_phrase;
drop table playbook_version;
alter table offer drop column size;
