"""Rules that look at what the compiler made: no macro and no header can hide a symbol from nm.
Each takes the root of the tree and a build folder, and gives a list of violations."""

import functools
import json
import re
import subprocess
from collections import namedtuple
from pathlib import Path

from tree import PRODUCT, files, folder_of, without_comments

FORBIDDEN = re.compile(
    r"(?:pthread_|thrd_|mtx_|cnd_|tss_|zmq_|__atomic_|__sync_|uv_thread|uv_mutex|uv_rwlock"
    r"|uv_sem|uv_cond|uv_async|uv_barrier|uv_once|uv_key|uv_queue_work)\w*|call_once|sem_(?:wait|post)")

# "vsprintf" and the rest of core/poison.h, as the linker would see them.
POISONED = {"strcpy", "strcat", "sprintf", "vsprintf", "strtok", "atoi", "atol", "gets",
            "__strcpy_chk", "__strcat_chk", "__sprintf_chk", "__vsprintf_chk"}

ACTOR_CLASS = re.compile(r"^const\s+actor_class_t\s+(\w+)\s*=", re.MULTILINE)

# An object file: its source, the symbols it defines ({name: section}), and those it needs.
Object = namedtuple("Object", "source folder defined needed")


def compile_commands(build):
    return json.loads((build / "compile_commands.json").read_text())


@functools.lru_cache(maxsize=None)  # four rules look at the same files
def objects(root, build):
    """The object files of this tree's sources, generated ones left out."""
    return list(_objects(root, build))


def _objects(root, build):
    for entry in compile_commands(build):
        source = Path(entry["file"])
        output = Path(entry["directory"]) / re.search(r" -o (\S+)", entry["command"]).group(1)
        if build in source.parents or root not in source.parents or not output.exists():
            continue
        yield read_object(root, source, output)


def read_object(root, source, output):
    listing = subprocess.check_output(["nm", "-f", "sysv", str(output)], text=True)
    defined, needed = {}, set()
    for line in listing.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != 7 or cells[0] == "Name":
            continue
        name, kind, section = cells[0], cells[2], cells[6]
        if kind == "U":
            needed.add(name)
        else:
            defined[name] = (kind, section)
    return Object(source, folder_of(root, source), defined, needed)


def product_objects(root, build):
    return [o for o in objects(root, build) if o.folder in PRODUCT]


def short(root, item):
    return str(item.source.relative_to(root))


def threads_only_in_core_objects(root, build):
    """No object outside core/ needs a thread, a lock or a ZeroMQ function."""
    return [f"{short(root, item)}: needs {name}"
            for item in product_objects(root, build) if item.folder != "core"
            for name in sorted(item.needed) if FORBIDDEN.fullmatch(name)]


def poisoned_calls(root, build):
    """Every source is compiled behind core/poison.h, and no object needs a poisoned function."""
    found = [f"{entry['file']}: compiled without core/poison.h"
             for entry in compile_commands(build)
             if root in Path(entry["file"]).parents and "core/poison.h" not in entry["command"]]
    for item in objects(root, build):
        found += [f"{short(root, item)}: needs {name}" for name in sorted(item.needed & POISONED)]
    return found


def no_global_state(root, build):
    """Outside core/ there is no variable that outlives a call: state belongs to an actor."""
    return [f"{short(root, item)}: {name} is a global variable ({section})"
            for item in product_objects(root, build) if item.folder != "core"
            for name, (_, section) in sorted(item.defined.items())
            if re.match(r"\.(data|bss|tdata|tbss)(\.(?!rel\.ro)|$)|\*COM\*", section)]


def _used_by(item, others):
    """The files of which an object uses a symbol."""
    return {other.source.stem for other in others
            if other is not item and any(name in item.needed and kind.isupper()
                                         for name, (kind, _) in other.defined.items())}


def _owners(members, actors):
    """{file: the actors that use it}, directly or through other files that are no actors."""
    parts = {item.source.stem: _used_by(item, members) for item in members}
    owners = {name: {name} if name in actors else set() for name in parts}
    for actor in actors:
        reached, todo = set(), [actor]
        while todo:
            for name in parts[todo.pop()] - reached - actors:
                if not name.endswith("_msg"):
                    reached.add(name)
                    owners[name].add(actor)
                    todo.append(name)
    return owners


def _named_after(name, actors):
    """The actor whose name a file's begins with, or None."""
    found = [actor for actor in actors if name.startswith(actor + "_")]
    return max(found, key=len, default=None)


def actors_are_apart(root, build):
    """No symbol of one actor is used by another; main may use the class tables. A file foo_*.c is
    part of the actor foo alone; what several use has a name of its own, and holds no state."""
    members = [item for item in product_objects(root, build) if item.folder in ("actors", "main")]
    inside = [item for item in members if item.folder == "actors"]
    classes = {item.source.stem: ACTOR_CLASS.findall(without_comments(item.source.read_text()))
               for item in inside}
    actors = {name for name, tables in classes.items() if tables}
    owners = _owners(inside, actors)
    found = [f"actors/{name}.c: is used by the actor {user}"
             for name, them in sorted(owners.items()) if _named_after(name, actors)
             for user in sorted(them - {_named_after(name, actors)})]
    for owner in inside:
        if owner.source.stem not in actors:
            continue
        for user in members:
            mine = user.folder == "actors" and owners[user.source.stem] == {owner.source.stem}
            allowed = set(classes[owner.source.stem]) if user.folder == "main" else set()
            names = {name for name, (kind, _) in owner.defined.items() if kind.isupper()}
            if not mine:
                found += [f"{short(root, user)}: uses {name} of the actor {owner.source.stem}"
                          for name in sorted(names & user.needed - allowed)]
    return found


def nothing_orphaned(root, build):
    """Every source of the tree is compiled: a test that is in no list would never fail."""
    compiled = {Path(entry["file"]) for entry in compile_commands(build)}
    return [str(path.relative_to(root)) + ": is not built" for path in files(root, ".c")
            if path not in compiled]


RULES = [threads_only_in_core_objects, poisoned_calls, no_global_state, actors_are_apart,
         nothing_orphaned]
