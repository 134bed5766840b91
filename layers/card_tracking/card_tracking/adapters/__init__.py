"""The table, the topic and the queue: the only room that knows AWS. Every AWS error is translated here, once."""
