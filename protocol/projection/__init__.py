"""What each role may see: folds of the record through the allow-table."""
