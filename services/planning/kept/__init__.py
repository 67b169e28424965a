"""What a drafter typed and did not save; it must never reach the plan by itself."""
