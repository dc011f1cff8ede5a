"""The store: the one place that speaks SQL; entries, answers and disclosures of every session."""
