"""The landing page's server: one demonstration on this machine, shown and led from one page."""
