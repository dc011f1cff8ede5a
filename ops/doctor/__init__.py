"""The doctor (自检): is this machine fit for an evaluation, what to do where it is not, what to send."""
