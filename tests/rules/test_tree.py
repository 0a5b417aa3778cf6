"""The rules, applied to this tree. test_selftest.py shows that each of them can fail."""

import os

import pytest

import object_rules
import source_rules
from tree import ROOT

BUILD = ROOT / "build" / os.environ.get("NANTIAN_PRESET", "release")


def demand(rule, found):
    if found:
        pytest.fail("\n".join([rule.__doc__, *found]), pytrace=False)


@pytest.mark.parametrize("rule", source_rules.RULES, ids=lambda rule: rule.__name__)
def test_source(rule):
    demand(rule, rule(ROOT))


@pytest.mark.parametrize("rule", object_rules.RULES, ids=lambda rule: rule.__name__)
def test_object(rule):
    demand(rule, rule(ROOT, BUILD))
