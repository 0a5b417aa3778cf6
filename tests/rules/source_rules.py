"""Rules that need nothing but the text of the tree. Each takes its root and gives a list of
violations, each as one line for people."""

import re
import shutil
import subprocess

from tree import PRODUCT, ROOT, files, folder_of, head_comment, numbered_lines, product_files

# What a folder may include, next to itself. Nothing else, and nobody includes main.
MAY_INCLUDE = {
    "core": set(),
    "transport": {"core"},
    "proto": {"core"},
    "metrics": {"core"},
    "xds": {"core", "transport", "proto"},
    "kube": {"core", "transport"},
    "gatewayapi": {"core", "transport", "proto", "xds"},
    "actors": {"core", "transport", "proto", "metrics", "xds", "kube", "gatewayapi"},
    "main": set(PRODUCT),
    "examples": {"core"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')

# Ways to share memory between threads, or to reach another one. They exist in core/ only.
THREADING = re.compile(
    r"\bpthread_\w+|<pthread\.h>|<threads\.h>|\b(?:thrd|mtx|cnd|tss)_\w+|\bcall_once\b"
    r"|<stdatomic\.h>|\b_Atomic\b|\batomic_\w+|\b__atomic_\w+|\b__sync_\w+"
    r"|\b_Thread_local\b|\b__thread\b"
    r"|\buv_(?:thread|mutex|rwlock|sem|cond|async|barrier|once|key|queue_work)\w*"
    r"|\bzmq_\w+|<zmq\.h>|\bZMQ_\w+")

MAX_LINES = 600
MACHINE_PATH = re.compile(r"(?<![\w.:/$}])/(?:work|tmp|root|home)(?:/[\w.-]+)*\b")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


def place(root, path, line=None):
    where = str(path.relative_to(root))
    return where if line is None else f"{where}:{line}"


def dependency_direction(root):
    """#include goes one way: core <- transport <- xds <- gatewayapi <- actors <- main."""
    found = []
    for path in files(root, ".c", ".h"):
        folder = folder_of(root, path)
        if folder == "tests":
            continue
        if folder not in MAY_INCLUDE:
            found.append(f"{place(root, path)}: the rules do not know the folder '{folder}'")
            continue
        for number, line in numbered_lines(path):
            match = INCLUDE.match(line)
            if match and not _may_include(root, folder, match.group(1)):
                found.append(f"{place(root, path, number)}: {folder} must not include "
                             f"{match.group(1)}")
    return found


def _may_include(root, folder, included):
    target = included.split("/")[0]
    if included.endswith(".pb-c.h") and not (root / included).exists():
        target = "proto"  # generated, so that it lies in the build folder
    return "/" in included and (target == folder or target in MAY_INCLUDE[folder])


def threads_only_in_core(root):
    """No thread, atomic, mutex or ZeroMQ outside core/: actors share nothing but messages."""
    found = []
    for path in product_files(root, ".c", ".h"):
        if folder_of(root, path) == "core":
            continue
        for number, line in numbered_lines(path):
            match = THREADING.search(line)
            if match:
                found.append(f"{place(root, path, number)}: {match.group()} outside core/")
    return found


def file_length(root):
    """A file has at most 600 lines, unless its head comment says "more than 600 lines" and why."""
    found = []
    for path in files(root, ".c", ".h", ".py"):
        text = path.read_text()
        lines = text.count("\n")
        if lines > MAX_LINES and "more than 600 lines" not in head_comment(text):
            found.append(f"{place(root, path)}: {lines} lines and no reason in its head comment")
    return found


def formatted(root):
    """clang-format 14 would change nothing."""
    sources = [str(path) for path in files(root, ".c", ".h")]
    if not sources:
        return []
    tool = shutil.which("clang-format-14")
    if not tool:
        return ["clang-format-14 is not installed"]
    result = subprocess.run([tool, "--dry-run", "--Werror", f"--style=file:{ROOT}/.clang-format"]
                            + sources, capture_output=True, text=True)
    lines = [line for line in result.stderr.splitlines() if ": error:" in line]
    return sorted({line.split(":")[0].replace(f"{root}/", "") + ": run clang-format-14 -i on it"
                   for line in lines})


def fuzz_corpora(root):
    """Every fuzz target has a corpus with something in it."""
    found = []
    for path in files(root, ".txt"):
        if path.name != "CMakeLists.txt" or folder_of(root, path) != "tests":
            continue
        text = re.sub(r"#[^\n]*", "", path.read_text())
        for name in re.findall(r"\bgw_fuzz\(\s*([\w-]+)", text):
            corpus = root / "tests/fuzz/corpus" / name
            if not corpus.is_dir() or not any(corpus.iterdir()):
                found.append(f"{place(root, path)}: {name} has no tests/fuzz/corpus/{name}")
    return found


def document_links(root):
    """Links between documents lead somewhere: the file exists, and so does the heading."""
    found = []
    for path in files(root, ".md"):
        text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (path.parent / name).resolve() if name else path
            if not file.exists():
                found.append(f"{place(root, path)}: {target} does not exist")
            elif anchor and file.suffix == ".md" and anchor not in _anchors(file):
                found.append(f"{place(root, path)}: {target}: no such heading")
    return found


def _anchors(path):
    """The anchors that a Markdown file's headings get."""
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    headings = re.findall(r"^#+\s+(.*?)\s*$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def no_machine_paths(root):
    """Documents and comments name no folder of the machine they were written on."""
    found = []
    for path in files(root, ".md", ".c", ".h", ".txt", ".yaml", ".proto"):
        if path.parts[-2] == "rules":
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = MACHINE_PATH.search(line)
            if match and not _is_data(root, path):
                found.append(f"{place(root, path, number)}: {match.group()}")
    return found


def _is_data(root, path):
    """A fuzz corpus may hold any bytes, and a test may create files under /tmp."""
    return folder_of(root, path) == "tests" and path.suffix != ".md"


def nothing_unfinished(root):
    """No TODO, no FIXME: what is not done stands in docs/roadmap.md or an issue."""
    found = []
    for path in product_files(root, ".c", ".h", ".proto"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if UNFINISHED.search(line):
                found.append(f"{place(root, path, number)}: {line.strip()}")
    return found


def config_keys_are_read(root):
    """Every key of the configuration is read by something: one that does nothing is a lie."""
    catalogue = root / "main/config_keys.h"
    if not catalogue.exists():
        return []
    code = "".join(path.read_text() for path in files(root / "main", ".c"))
    keys = re.findall(r'^\s*X\(\w+, (\w+),\s+"([^"]+)"', catalogue.read_text(), re.MULTILINE)
    return [f"main/config_keys.h: nothing reads {path}" for field, path in keys
            if not re.search(rf"->{field}\b", code)]


def mutations_apply(root):
    """Every patch of tests/mutations still fits the code that it is to break."""
    found = []
    for path in files(root, ".patch"):
        check = subprocess.run(["git", "apply", "--check", str(path)], cwd=root,
                               capture_output=True, text=True)
        if check.returncode:
            found.append(f"{place(root, path)}: {check.stderr.strip().splitlines()[0]}")
    return found


RULES = [dependency_direction, threads_only_in_core, file_length, formatted, fuzz_corpora,
         document_links, no_machine_paths, nothing_unfinished, config_keys_are_read,
         mutations_apply]
