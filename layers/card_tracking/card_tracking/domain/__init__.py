"""What is true about cards in production: pure functions over frozen records, standard library only."""
