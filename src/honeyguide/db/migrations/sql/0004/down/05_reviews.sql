drop index inference_review_words;
drop index inference_review_queue;
create index inference_review_queue on inference_review (workspace_id, state, value desc, id);
alter table inference_review drop column rank;
