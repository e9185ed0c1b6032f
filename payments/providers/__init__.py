"""Adapters: one folder a provider, free of Django, each translating one provider's language."""
