"""What goes wrong on somebody's machine, said so that he can mend it; never a traceback."""


class Trouble(RuntimeError):
    """Something the person at the keyboard has to mend.

    Shape:   what happened, why (as far as known), and what to do: each one or more lines.
    """

    def __init__(self, what: str, *, why: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.do = what, why, do

    def __str__(self) -> str:
        lines = [f"Cannot go on: {self.what}"]
        if self.why:
            lines.append("  why:  " + self.why.replace("\n", "\n        "))
        if self.do:
            lines.append("  do:   " + self.do.replace("\n", "\n        "))
        return "\n".join(lines)


def tail(log: str, lines: int = 12) -> str:
    """The last lines of a log, for the `why` of a Trouble."""
    return "\n".join(log.splitlines()[-lines:]) or "(its log is empty)"
