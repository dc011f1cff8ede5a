"""`tongchang ukey`: a small program beside the browser that signs with a token what its holder has read."""
