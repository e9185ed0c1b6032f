"""One folder per telephone provider that hears a card keyed on a phone, and keeps it to itself."""
