"""Twilio's payments on calls, which an agent leads and Twilio hears."""
