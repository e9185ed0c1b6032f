"""What happens in each kind of call."""
