"""The independent verifier (独立核验程序): one file that imports nothing of the house, and its command."""
