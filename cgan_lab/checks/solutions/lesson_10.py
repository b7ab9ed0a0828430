"""Right answers to the exercises and builds of lesson 10."""


def modulate(x, label, gamma, beta):
    """Features (n, c) or (n, h, w, c), label (n, classes), gamma, beta (classes, c) -> like x."""
    shape = (len(x), *(1 for _ in x.shape[1:-1]), x.shape[-1])  # (n, c) or (n, 1, 1, c)
    scale = 1 + (label @ gamma).reshape(shape)
    shift = (label @ beta).reshape(shape)
    return x * scale + shift
