"""Gives a test the function of the seed.md beside it as fixture `subject`; all at once: pytest --import-mode=importlib."""
import re
import tomllib

import pytest


@pytest.fixture
def subject(request):
    seed = request.path.parent / "seed.md"
    _, head, body = seed.read_text(encoding="utf-8").split("+++\n", 2)
    space = {}
    exec(compile(re.search(r"^```python\n(.*?)^```", body, re.M | re.S)[1], str(seed), "exec"), space)
    return space[tomllib.loads(head)["function"]]
