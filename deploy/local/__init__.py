"""A real Kafka, a real MongoDB and the five services on this machine: for work, tests, the demo; never production."""
