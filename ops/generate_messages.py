"""Writes protocol/web/src/generated: the pages' message types and words, out of the Python structs.

Owns: which structs travel, and the form of the generated files. The structs themselves, the words and
the bounds live in `protocol`; json-schema-to-typescript turns their JSON Schema into TypeScript. The
output is committed; `tests/protocol/test_messages_current.py` writes it again and compares.

Run with: `python -m ops.generate_messages`
"""

import json
import re
import subprocess
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from protocol import (
    bids_desk,
    commands,
    commands_draw,
    commands_review,
    commands_turns,
    content,
    decrypting,
    entering,
    entry,
    events,
    heads,
    hidden,
    limits,
    outside,
    papers,
    reading,
    refusals,
    talk,
    venue,
    views,
    views_bidder,
    views_ceremony,
    views_identity,
    views_review,
    voices,
    watch_book,
    wire,
    words,
)
from protocol.methods import evaluation
from protocol.plan import conduct, findings, grounds, observations, recognition

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "protocol/web/src/generated"
COMPILER = ROOT / "protocol/web/generate.mjs"
COMPILER_SECONDS_MAX = 60

HEAD = """// Written by `python -m ops.generate_messages` out of the Python of protocol/. Do not edit.
// tidy: long because it is generated, one block per struct or word.
"""

Schema = dict[str, Any]


def travelling() -> tuple[Any, ...]:
    """Every struct that a page meets: on the wire, in the record, behind a digest."""
    found: list[Any] = [events.Event, entry.Entry, *commands.CONTENTS.values()]
    forms = (content, commands, commands_draw, commands_review, commands_turns)
    for module in (
        words,
        *forms,
        views,
        views_bidder,
        views_ceremony,
        views_identity,
        views_review,
        venue,
        wire,
        heads,
        voices,
        entering,
        papers,
        decrypting,
        bids_desk,
        outside,
        reading,
        watch_book,
        talk,
        hidden,
        evaluation,
    ):
        found.extend(_structs(module))
    found.append(findings.Finding)
    return tuple(dict.fromkeys(found))


def generated(compile_: Callable[[Schema], str] | None = None) -> dict[str, str]:
    """The generated files, name to text; `compile_` turns a JSON Schema into TypeScript."""
    return {
        "messages.ts": _messages(compile_ or _compile),
        "words.ts": _words(),
        "refusals.ts": _refusals(),
        "limits.ts": _limits(),
        "observations.ts": _observations(),
        "grounds.ts": _grounds(),
    }


def main() -> None:
    """Write the files and name those that changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in generated().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")


def _structs(module: types.ModuleType) -> Iterable[type[msgspec.Struct]]:
    for name, one in vars(module).items():
        mine = isinstance(one, type) and issubclass(one, msgspec.Struct)
        if mine and one.__module__ == module.__name__ and not name.startswith("_"):
            yield one


def _literals() -> dict[tuple[str, ...], str]:
    """The closed vocabularies by their sorted values, so that a field names its vocabulary."""
    named: dict[tuple[str, ...], str] = {}
    for module in (words, hidden, reading):
        for name, one in vars(module).items():
            if get_origin(one) is Literal and not name.startswith("_"):
                named[tuple(sorted(get_args(one)))] = name
    return named


def _messages(compile_: Callable[[Schema], str]) -> str:
    outs, definitions = msgspec.json.schema_components(travelling(), ref_template="#/definitions/{name}")
    named = _literals()
    for definition in definitions.values():
        _say_all_fields(definition)
    definitions["Event"] = outs[travelling().index(events.Event)]
    command = definitions["Command"]
    for field in ("type", "content"):  # these two hang on one another: see `Command` below
        del command["properties"][field]
        command["required"].remove(field)
    definitions["CommandHeader"] = definitions.pop("Command")
    definitions["Entry"]["properties"]["command"] = {"tsType": "Command"}
    del definitions["Content"]
    schema: Schema = _clean(
        {
            "definitions": dict(sorted(definitions.items())),
            "type": "object",
            "additionalProperties": False,
            "properties": {},
        },
        named,
    )
    vocabularies = "".join(
        f"export type {name} = {' | '.join(json.dumps(value) for value in values)};\n"
        for values, name in sorted(named.items(), key=lambda pair: pair[1])
    )
    contents = "".join(f"  {name}: {name};\n" for name in commands.CONTENTS)
    spoken = vars(voices) | vars(entering) | vars(watch_book) | vars(outside)
    told = vars(wire) | vars(heads) | vars(papers) | vars(decrypting) | vars(bids_desk) | spoken
    names = {name: value for name, value in told.items() if name.isupper() and isinstance(value, str)}
    channels = "".join(f"  {name}: {json.dumps(value)},\n" for name, value in names.items())
    return (
        f"{HEAD}\n/** Bytes as padded base64 (RFC 4648 4). */\nexport type Base64 = string;\n\n"
        f"{vocabularies}\n{compile_(schema).strip()}\n\n"
        "/** Command type to the form of its content. */\n"
        f"export interface Contents {{\n{contents}}}\n\n"
        "export type CommandType = keyof Contents;\n\n"
        "/** A command of one type, or of any: told apart by `type`. */\n"
        "export type Command<T extends CommandType = CommandType> = {\n"
        "  [Type in T]: CommandHeader & { type: Type; content: Contents[Type] };\n"
        "}[T];\n\n"
        "/** Names of the socket events, and paths. */\n"
        f"export const WIRE = {{\n{channels}}} as const;\n"
    )


def _say_all_fields(definition: Schema) -> None:
    """Every field always travels, also one with a default; but one that may be unset is left out then."""
    if "properties" in definition:
        needed = definition.get("required", [])
        definition["required"] = [
            name for name, form in definition["properties"].items() if name in needed or "default" in form
        ]


def _clean(schema: Any, named: dict[tuple[str, ...], str]) -> Any:
    """A schema as the compiler wants it: no titles, named bytes and vocabularies, no bounds."""
    if isinstance(schema, list):
        return [_clean(one, named) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("contentEncoding") == "base64":
        return {"tsType": "Base64"}
    values = schema.get("enum")
    if values is not None and tuple(sorted(map(str, values))) in named:
        return {"tsType": named[tuple(sorted(values))]}
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        inner = _clean(schema["additionalProperties"], named)
        return {"type": "object", "additionalProperties": inner}
    kept = {
        key: value
        for key, value in schema.items()
        if key not in ("title", "discriminator", "default", "pattern") and not key.startswith(("min", "max"))
    }
    if "description" in kept:
        kept["description"] = "\n".join(line.strip() for line in kept["description"].splitlines())
    for key in ("properties", "definitions"):
        if key in kept:
            kept[key] = {name: _clean(one, named) for name, one in kept[key].items()}
    return {
        key: value if key in ("properties", "definitions", "required", "enum") else _clean(value, named)
        for key, value in kept.items()
    }


def _compile(schema: Schema) -> str:
    done = subprocess.run(
        ["node", str(COMPILER)],
        input=json.dumps(schema),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=COMPILER_SECONDS_MAX,
    )
    return done.stdout


def _terms(name: str, about: str, terms: dict[str, words.Term]) -> str:
    rows = "".join(
        f"  {key}: {{ zh: {_text(term.zh)}, en: {_text(term.en)} }},\n" for key, term in terms.items()
    )
    return f"/** {about} */\nexport const {name} = {{\n{rows}}} as const;\n"


def _words() -> str:
    act_terms = _act_terms()
    regimes = json.dumps(words._REGIME_WORDS, indent=2, sort_keys=True)  # noqa: SLF001 - generated from it
    return (
        f"{HEAD}\n"
        + _terms("TERMS", "The field's nouns.", words.TERMS)
        + "\n"
        + _terms("PHASE_TERMS", "Phases of the session and of a stage.", words.PHASE_TERMS)
        + "\n"
        + _terms("ACT_TERMS", "The acts, by command type.", act_terms)
        + "\n/** Words that a regime puts in place of others. */\n"
        + f"export const REGIME_WORDS: Record<string, Record<string, string>> = {regimes};\n"
    )


def _act_terms() -> dict[str, words.Term]:
    """Each act's Chinese and English name: the first words of its struct's docstring, and its type."""
    found: dict[str, words.Term] = {}
    for name, form in commands.CONTENTS.items():
        zh = (form.__doc__ or "").split(":")[0].split(".")[0].strip()
        parts = re.findall(r"[A-Z][a-z]*", name)
        found[name] = words.Term(
            zh, " ".join([parts[0], *(p if len(p) == 1 else p.lower() for p in parts[1:])])
        )
    return found


def _refusals() -> str:
    return f"{HEAD}\n" + _terms(
        "REFUSALS", "Refusal code to its texts; braces are filled from `detail`.", refusals.TEXTS
    )


def _limits() -> str:
    rows = "".join(
        f"export const {name} = {value};\n"
        for name, value in vars(limits).items()
        if name.isupper() and isinstance(value, int)
    )
    return f"{HEAD}\n{rows}"


def _observations() -> str:
    """What a witness can note, by rules version, with the words of groups and findings."""
    tables = "".join(
        f"  {json.dumps(version)}: [\n"
        + "".join(f"    {_text(msgspec.to_builtins(item))},\n" for item in table.values())
        + "  ],\n"
        for version, table in observations.TABLES.items()
    )
    return (
        f"{HEAD}\n"
        + _terms("GROUP_TERMS", "Groups of items, in their order.", observations.GROUP_TERMS)
        + "\n"
        + _terms("FINDING_TERMS", "What a witness may have found.", observations.FINDING_TERMS)
        + "\nexport type Group = keyof typeof GROUP_TERMS;\n"
        + "export type Found = keyof typeof FINDING_TERMS;\n\n"
        + "/** One thing that a witness can note. */\nexport interface Item {\n"
        + "  readonly code: string;\n  readonly group: Group;\n  readonly usual: Found;\n"
        + '  readonly about: "session" | "venue" | "seat";\n  readonly key: string;\n'
        + "  readonly zh: string;\n  readonly en: string;\n  readonly source: string;\n}\n\n"
        + "/** Every published table, by the rules version that uses it. */\n"
        + f"export const OBSERVATION_TABLES: Readonly<Record<string, readonly Item[]>> = {{\n{tables}}};\n\n"
        + _terms("VERDICT_TERMS", "What a venue says of another's record.", recognition.VERDICT_TERMS)
        + f"\nexport const UNANSWERED = {_text(msgspec.to_builtins(recognition.AWAITED))};\n\n"
        + "/** Why a venue objects to another's record. */\n"
        + "export interface Reason {\n  readonly code: string;\n  readonly key: string;\n"
        + "  readonly zh: string;\n  readonly en: string;\n}\n\n"
        + "export const REASONS: readonly Reason[] = [\n"
        + "".join(f"  {_text(msgspec.to_builtins(one))},\n" for one in recognition.REASONS.values())
        + "];\n"
    )


def _grounds() -> str:
    """Grounds on which bids are rejected, by regime, and on which points are corrected."""
    regimes = "".join(
        f"  {regime}: {{\n"
        + "".join(
            f"    {json.dumps(code)}: {_text(msgspec.to_builtins(one))},\n" for code, one in table.items()
        )
        + "  },\n"
        for regime, table in grounds.GROUNDS.items()
    )
    lacking = _text(msgspec.to_builtins(grounds.LACK_OF_COMPETITION))
    return (
        f"{HEAD}\n/** One ground; `explain`: its bidder must first have been asked to explain. */\n"
        "export interface Ground {\n  readonly zh: string;\n  readonly en: string;\n"
        "  readonly explain: boolean;\n}\n\n"
        "/** Grounds for rejecting a bid: regime, code, words. */\n"
        "export const GROUNDS: Readonly<Record<string, Readonly<Record<string, Ground>>>> = "
        f"{{\n{regimes}}};\n\n"
        "/** The code of the vote on lack of competition, which is on no single bid. */\n"
        f"export const COMPETITION = {json.dumps(grounds.COMPETITION)};\n\n"
        f"export const LACK_OF_COMPETITION: Ground = {lacking};\n\n"
        + _terms(
            "RECHECK_GROUNDS", "Why points may be corrected after scores are open.", conduct.GROUND_TERMS
        )
        + "\n/** The four of 87号令 64; under GOV_PROC there are no others. */\n"
        + f"export const LAWFUL_GROUNDS: readonly string[] = {_text(conduct.LAWFUL_GROUNDS)};\n"
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
