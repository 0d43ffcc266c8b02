"""A seeded referee: simulated B2B customers with a known truth that no policy can see.

`adapter` is what any world must give and any policy must do; `contest` plays them against each other. Our own worlds: `book`
is what everybody knows in them, `nature` draws the truth from a seed, `season` plays a year, `oracle` knows everything.
Policies: `rivals` and `learners` to beat, `player` and `prior` put `honeyguide.decisions.brain` to work in any setting.
`examples` holds a foreign policy and a foreign world.
"""
