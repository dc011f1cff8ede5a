"""What runs the house: the tongchang command, all nodes on one machine, and the people who play it."""
