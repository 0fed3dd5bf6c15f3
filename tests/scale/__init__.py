"""Many made-up cases, to measure on: see README, “How fast it is”."""
