"""A seeded referee: simulated B2B customers with a known truth that no policy can see.

`book` is what everybody knows (names, actions, prices, the rule book); `nature` draws the truth of a world from a seed;
`season` plays a year of a policy against it and keeps the score; `rivals` are the policies to beat; `player` is the
adapter of `honeyguide.decisions.brain`. A policy gets a `View` and gives actions back: it never holds the world.
"""
