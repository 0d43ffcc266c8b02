-- What a person's answer is worth fades as the text ages: halved every 30 days. As a logarithm that is an order that stays.
alter table inference_review add column rank double precision;
update inference_review set rank = log(2.0, greatest(value, 0.001)::numeric)::float8 + extract(epoch from at)::float8 / 2592000;
alter table inference_review alter column rank set not null;
drop index inference_review_queue;
create index inference_review_queue on inference_review (workspace_id, state, rank desc, id);
create index inference_review_words on inference_review (workspace_id, digest, task, question);
