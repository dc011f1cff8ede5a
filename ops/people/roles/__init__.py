"""What each role does next under rules version 3: pure, from what its page shows."""
