"""The working day's tick: people are told of the cards that are late."""
