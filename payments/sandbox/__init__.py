"""The sandbox: a payment provider of its own, reached over HTTP only.

It imports nothing of this project, keeps its own book of what really happened, serves the
hosted pages a customer pays on, signs its webhooks, and can be told to misbehave.
"""
