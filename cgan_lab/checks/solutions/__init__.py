"""A right answer to every exercise, by the exercise's name; imported only when one is asked for."""
