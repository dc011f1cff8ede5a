"""The sample tender (虚构示例): its case, and the documents that its experts read."""
