"""Rules version 4, group `milestones`: milestones under a quorum of cosigners (SPEC 27)."""
