"""The command line and the config file: what is refused, and how it is said."""

import subprocess

import pytest

from harness.gateway import BINARY, config_text


def run(*arguments, timeout=10):
    result = subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True,
                            timeout=timeout, stdin=subprocess.DEVNULL)
    return result.returncode, result.stdout + result.stderr


def test_help_names_the_subcommands():
    code, text = run("--help")
    assert code == 0 and "standalone" in text


@pytest.mark.parametrize("arguments", [
    (), ("nonsense",), ("standalone",), ("standalone", "-f"), ("standalone", "--nonsense")])
def test_a_wrong_command_line_is_explained(arguments):
    code, text = run(*arguments)
    assert code != 0 and text.strip()


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    code, text = run("standalone", "-f", tmp_path / "nowhere")
    assert code != 0 and "nowhere" in text


@pytest.mark.parametrize("content, named", [
    ("nonsense: 1\n", "nonsense"),
    ("dataplane: {nonsense: 1}\n", "nonsense"),
    ("dataplane: [\n", "config.yaml"),
    (config_text({"traffic_port": "many"}), "many"),
    (config_text({"traffic_port": 70000}), "70000"),
    (config_text({"request_timeout": "soon"}), "soon"),
])
def test_a_wrong_config_is_refused_and_named(tmp_path, content, named):
    (tmp_path / "manifests").mkdir()
    (tmp_path / "config.yaml").write_text(content)
    code, text = run("standalone", "-f", tmp_path / "manifests", "--config",
                     tmp_path / "config.yaml")
    assert code != 0 and named in text and "config.yaml" in text


@pytest.mark.parametrize("option, value", [
    ("--workers", "many"), ("--workers", "-1"), ("--log", "loud"), ("--log", "info,nobody=debug")])
def test_a_wrong_option_is_refused(tmp_path, option, value):
    code, text = run("standalone", "-f", tmp_path, option, value)
    assert code != 0 and value in text


def test_a_fixed_port_that_is_taken_is_named(simple, tmp_path):
    settings = {"traffic_port": 0, "dataplane_admin_port": simple.port("dataplane_admin"),
                "controlplane_admin_port": 0, "controlplane_metrics_port": 0}
    (tmp_path / "manifests").mkdir()
    (tmp_path / "config.yaml").write_text(config_text(settings))
    code, text = run("standalone", "-f", tmp_path / "manifests", "--config",
                     tmp_path / "config.yaml")
    assert code != 0 and str(settings["dataplane_admin_port"]) in text
