"""What a custodian of bids' keys types (托管方): its key, its paper, its part in a tender, its boxes."""
