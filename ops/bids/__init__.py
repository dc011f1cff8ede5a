"""What a bidder does on its own machine: seal, look at, unlock. Nothing of it needs a coordinator."""
