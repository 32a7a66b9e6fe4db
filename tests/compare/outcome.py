"""What a run of the command came to."""


class Outcome:
    """An exit code with what was printed."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def is_bad(self, said):
        """Exit 2, one line on stderr that says so, nothing on stdout."""
        assert self.code == 2, (self.code, self.out, self.err)
        assert self.out == ""
        assert len(self.err.splitlines()) == 1, self.err
        assert self.err.startswith("crossdiff: ")
        assert said in self.err
        assert "Traceback" not in self.err
        return True
