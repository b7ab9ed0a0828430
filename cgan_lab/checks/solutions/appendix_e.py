"""Right answers to the exercises of appendix E."""


def maxout(x, weights, pieces):
    """Features (n, d), weights (d, units * pieces) -> each unit's largest piece, (n, units)."""
    linear = x @ weights
    return linear.reshape(len(x), -1, pieces).max(axis=2)
