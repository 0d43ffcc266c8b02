drop table inference_head;
drop table inference_label;
