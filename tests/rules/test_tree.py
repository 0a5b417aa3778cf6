"""The rules, applied to this tree. test_selftest.py shows that each of them can fail."""

import os

import pytest

import object_rules
import source_rules
from tree import ROOT

BUILD = ROOT / "build" / os.environ.get("NANTIAN_PRESET", "release")


@pytest.mark.parametrize("rule", source_rules.RULES, ids=lambda rule: rule.__name__)
def test_source(rule):
    assert "\n".join(rule(ROOT)) == "", rule.__doc__


@pytest.mark.parametrize("rule", object_rules.RULES, ids=lambda rule: rule.__name__)
def test_object(rule):
    assert "\n".join(rule(ROOT, BUILD)) == "", rule.__doc__
