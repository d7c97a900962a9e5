"""What can go wrong with an update; the text is for the administrator."""


class UpdateError(Exception):
    """The root of all faults of updating."""


class BranchAwayError(UpdateError):
    """The branch server does not answer, or turns this box away. Trying again later may help."""


class RefusedError(UpdateError):
    """A bundle that this box must not install: broken, changed, signed by a stranger, for other boxes, or older."""


class InstallError(UpdateError):
    """Writing the new version failed; the running one is untouched."""
