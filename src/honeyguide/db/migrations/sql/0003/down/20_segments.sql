drop table graph_news;
drop table if exists segment_member;
drop table if exists segment;
drop table if exists influence_value;
drop table if exists influence_block;
drop table if exists influence;
drop table if exists influence_state;
