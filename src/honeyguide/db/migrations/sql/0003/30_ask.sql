-- ask: names are looked up by their beginning, in byte order so that any server's locale can use the index

create index node_name on node (workspace_id, (lower(name) collate "C"));
