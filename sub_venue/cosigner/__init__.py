"""The cosigner (联署节点): a process that keeps and cosigns heads of logs, and shows two histories."""
