"""Doors of the payments app: the customer's pages, the agent's panels, the webhooks."""
