from crm.search.find import Match, find_customers

__all__ = ["Match", "find_customers"]
