"""The only place where the parts meet: the road's consumers, the worker's loops, explain, replay, the supervisor."""
