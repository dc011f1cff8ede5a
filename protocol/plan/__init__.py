"""The evaluation plan and the case (评标办法与案例): their form, and whether they make sense."""
