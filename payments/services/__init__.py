"""Everything that writes money. Functions are keyword-only and own their transaction."""
