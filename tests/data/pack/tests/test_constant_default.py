"""GAME101."""

import pytest
from game_rules.constant_default import ConstantDefault

from reloadlint.testing import Promise, promises


@pytest.mark.parametrize("promise", promises(ConstantDefault), ids=str)
def test_constant_default(promise: Promise) -> None:
    promise.check()
