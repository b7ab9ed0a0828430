"""Look up something by its name, and say which names there are. Knows no names itself."""


def pick(kind, name, options):
    """Return ``options[name]``, or ``name`` itself if ``options`` is a tuple or list of names.

    Raises ValueError for a name that is not among the options: what ``kind`` of thing was asked
    for, and which there are.
    """
    if name not in options:
        raise ValueError(f"no {kind} {name!r}; there are {', '.join(options)}.")
    return options[name] if isinstance(options, dict) else name
