"""Scripted evaluations (脚本评审): each file one evaluation, what happens in it and what must come out."""
