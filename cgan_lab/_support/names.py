"""Looking up a name that a person typed. Imports nothing."""


def pick(kind, name, options):
    """Return ``options[name]``, or the name itself if ``options`` is a tuple of names.

    Raises ValueError, listing the names there are, if ``name`` is not among them. ``kind`` says in
    the error what the name is of: "loss", "recipe".
    """
    if not isinstance(name, str) or name not in options:
        raise ValueError(f"no {kind} {name!r}; there are {', '.join(options)}.")
    return options[name] if isinstance(options, dict) else name


def whole(name, value, least):
    """Return ``value`` as an int. Raises ValueError unless it is whole and at least ``least``."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
        raise ValueError(f"{name} is {value!r}, expected a whole number from {least} up.")
    return int(value)
