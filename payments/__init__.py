"""How money moves: intents, attempts, refunds, providers, webhooks and the ledger."""
