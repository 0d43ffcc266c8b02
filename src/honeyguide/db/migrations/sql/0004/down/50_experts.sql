drop index decision_step;
drop table ask_label, autonomy_release, autonomy_event, expert_question, expert_answer, expert_track, expert_weight, expert_challenger;
