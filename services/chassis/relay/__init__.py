"""What was committed on its way to Kafka: the rows of the outbox, sent by one process at a time."""
