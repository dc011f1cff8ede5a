"""No room grows past what one reads at once, and none is a drawer."""

from pathlib import Path, PurePosixPath

import pytest

from tests.house import ground, sizes

LONG = "AT = 1\n" * (sizes.FILE_LINES_MAX + 1)


def test_no_file_is_too_long() -> None:
    assert list(sizes.long_files(ground.ROOT)) == []


def test_no_function_is_too_long() -> None:
    assert list(sizes.long_functions(ground.ROOT)) == []


def test_nothing_is_called_like_a_drawer() -> None:
    paths = tuple(PurePosixPath(path.as_posix()) for path in ground.own_files())
    assert list(sizes.drawers(paths)) == []


@pytest.mark.parametrize(
    "path", ["protocol/words.py", "protocol/web/src/client.ts", "sub_venue/web/expert/src/Grid.vue"]
)
def test_a_long_file_is_caught_unless_it_says_why(tmp_path: Path, path: str) -> None:
    ground.plant(tmp_path, path, LONG)
    assert [found.split(":")[0] for found in sizes.long_files(tmp_path)] == [path]
    ground.plant(tmp_path, path, "# tidy: long because the table is one thing")
    assert list(sizes.long_files(tmp_path)) == []


def test_a_long_function_is_caught_and_its_docstring_is_not_counted(tmp_path: Path) -> None:
    body = "    a = 1\n" * sizes.FUNCTION_LINES_MAX
    ground.plant(tmp_path, "protocol/words.py", f"def long():\n{body}")
    assert [found.split(": ")[1] for found in sizes.long_functions(tmp_path)] == ["long, 81 lines"]
    ground.plant(
        tmp_path, "server/config.py", 'def told():\n    """A.\n' + "\n" * 90 + '    """\n    return 1'
    )
    assert len(list(sizes.long_functions(tmp_path))) == 1


@pytest.mark.parametrize(
    "path",
    [
        "server/utils.py",
        "server/helpers/clock.py",
        "server/gateway/common.py",
        "protocol/web/src/base.ts",
        "sub_venue/web/expert/src/misc.vue",
        "server/sessions/session_manager.py",
        "ops/misc.sh",
    ],
)
def test_a_drawer_is_caught(path: str) -> None:
    assert list(sizes.drawers((PurePosixPath(path),))) == [path]


@pytest.mark.parametrize(
    "path", ["protocol/methods/base_price.py", "ops/run", "protocol/words.py", ".ci/run"]
)
def test_a_name_of_the_law_is_no_drawer(path: str) -> None:
    assert list(sizes.drawers((PurePosixPath(path),))) == []
