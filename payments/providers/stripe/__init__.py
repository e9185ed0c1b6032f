"""Stripe: hosted Checkout, saved methods, refunds, disputes."""
