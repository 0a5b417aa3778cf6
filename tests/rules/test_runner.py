"""The test runner itself: what it must count as a failure."""

import subprocess
import sys

import pytest

from tree import ROOT

sys.path.insert(0, str(ROOT / "tests"))
import runner  # noqa: E402

PROGRAM = """
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
static void test_good(void **state) { (void)state; }
static void test_other(void **state) { (void)state; %s }
int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_other)};
    int failed = cmocka_run_group_tests_name("group", tests, NULL, NULL);
    %s
    return failed;
}
"""

# name: body of the second test, what stands behind the tests, cases passed, text of the failure
PROGRAMS = {
    "good": ("", "", 2, None),
    "failure": ("assert_int_equal(1, 2);", "", 1, "0x1 != 0x2"),
    "skip": ("skip();", "", 1, "skipped"),
    "crash in a test": ("abort();", "", 0, "ended with code"),
    "exit in a test": ("_exit(0);", "", 0, "reported no test case"),
    "crash at the end": ("", "abort();", 2, "ended with code"),
    "bad exit code": ("", "failed = 23;", 2, "ended with code 23"),
    "endless": ("for (;;) pause();", "", 0, "time-out"),
}


def run_source(tmp_path, monkeypatch, source, flags=()):
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    (tmp_path / "p.c").write_text(source)
    subprocess.run(["gcc", "-g", *flags, "p.c", "-o", "p", "-lcmocka"], cwd=tmp_path, check=True)
    results = runner.Results()
    program = {"name": "p", "command": ["./p"], "cwd": tmp_path, "labels": ["cmocka"], "timeout": 3}
    runner.run_program("release", program, results)
    return results


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_counted(tmp_path, monkeypatch, name):
    body, end, passed, problem = PROGRAMS[name]
    results = run_source(tmp_path, monkeypatch, PROGRAM % (body, end))
    assert results.passed == passed
    assert len(results.failures) == (1 if problem else 0)
    assert not problem or problem in results.failures[0][1]


def test_a_leak_is_a_failure(tmp_path, monkeypatch):
    leak = "void *volatile lost = malloc(7); lost = NULL;"
    results = run_source(tmp_path, monkeypatch, PROGRAM % (leak, ""), ["-fsanitize=address"])
    assert results.passed == 2 and len(results.failures) == 1
    assert "LeakSanitizer" in results.failures[0][1]


def test_a_fuzz_corpus_is_one_case_and_can_fail(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    results = runner.Results()
    for command in ("true", "false"):
        program = {"name": command, "command": [command], "cwd": tmp_path, "labels": ["fuzz"],
                   "timeout": 3}
        runner.run_program("release", program, results)
    assert results.passed == 1 and [name for name, _ in results.failures] == ["release: false"]


def test_a_report_of_pytest_is_counted(tmp_path):
    report = tmp_path / "r.xml"
    report.write_text("""<testsuites><testsuite>
        <testcase classname="a.test_x" name="one"/>
        <testcase classname="a.test_x" name="two"><failure message="m">text</failure></testcase>
        <testcase classname="a.test_x" name="three"><skipped message="why"/></testcase>
        <testcase classname="a.test_x" name="four"><error message="setup"/></testcase>
        </testsuite></testsuites>""")
    results = runner.Results()
    assert runner.collect([report], "s", results) == (4, 3)
    assert results.passed == 1
    assert [name for name, _ in results.failures] == [
        "s::test_x::two", "s::test_x::three", "s::test_x::four"]


def test_a_broken_report_is_a_failure(tmp_path):
    report = tmp_path / "r.xml"
    report.write_text("<testsuites><testsuite>")
    results = runner.Results()
    runner.collect([report], "s", results)
    assert results.passed == 0 and len(results.failures) == 1


def test_nothing_at_all_is_no_success(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["test", "no_such_test"])
    monkeypatch.setattr(runner, "build", lambda preset, results: True)
    monkeypatch.setattr(runner, "programs_of", lambda preset: [])
    assert runner.main() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed"
