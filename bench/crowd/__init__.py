"""What the soak and the kill lane share: customers, a house for them, and what is checked."""
