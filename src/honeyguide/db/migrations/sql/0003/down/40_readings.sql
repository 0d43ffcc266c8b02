drop table product_seen, mention, inference_budget, inference_spend, inference_review, answer, reading;
