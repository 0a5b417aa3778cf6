"""Reading a source tree for the rules: which files there are, and C text without its comments."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SKIPPED = {"build", ".git", ".venv", "node_modules", "__pycache__", "out"}

# The folders whose code goes into the product. tests/ and examples/ stand outside.
PRODUCT = ("core", "transport", "proto", "metrics", "xds", "gatewayapi", "kube", "actors", "main")


def files(root, *suffixes):
    """All files with one of the suffixes, without build output and the like; sorted."""
    found = []
    for path in sorted(root.iterdir()):
        if path.is_dir() and not path.is_symlink() and path.name not in SKIPPED:
            found += files(path, *suffixes)
        elif path.is_file() and path.suffix in suffixes:
            found.append(path)
    return found


def folder_of(root, path):
    """The first folder below the root, or "" for a file in the root itself."""
    parts = path.relative_to(root).parts
    return parts[0] if len(parts) > 1 else ""


def product_files(root, *suffixes):
    """The C files of the product's folders."""
    return [path for path in files(root, *suffixes) if folder_of(root, path) in PRODUCT]


_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)


def without_comments(text):
    """C text in which each comment is replaced by its line breaks; literals stay."""
    def replace(match):
        token = match.group()
        return token if token[0] in "\"'" else "\n" * token.count("\n") or " "
    return _TOKEN.sub(replace, text)


def numbered_lines(path):
    """The lines of a C file, numbered, without comments."""
    return enumerate(without_comments(path.read_text()).splitlines(), 1)


def head_comment(text):
    """The comment, or the docstring, that a file begins with."""
    match = re.match(r"(#![^\n]*\n)?\s*(/\*.*?\*/|\"\"\".*?\"\"\"|(?:#[^\n]*\n)+)", text, re.DOTALL)
    return match.group(2) if match else ""
