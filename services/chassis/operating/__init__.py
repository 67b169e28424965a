"""What an operator does about messages that stand still; it must never lose one."""
