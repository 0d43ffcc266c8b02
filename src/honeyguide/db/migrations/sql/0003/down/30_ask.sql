drop index if exists node_name;
