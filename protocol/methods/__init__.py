"""Methods (评标方法): one file per method and formula, exact arithmetic, each citing its rule."""
