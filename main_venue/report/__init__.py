"""The evaluation report (评标报告): its machine-readable value, its typeset form, its workbook."""
