"""Official API documents as judges of requests: OpenAPI 3.0 and Swagger 2.0, with nothing undeclared let through."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from jsonschema import Draft202012Validator, FormatChecker

METHODS: Final = frozenset({"get", "post", "put", "patch", "delete", "head"})
WHOLE: Final = re.compile(r"-?\d+")
FORMATS: Final = FormatChecker(formats=("date-time",))
"""RFC 3339; checked only where a format is declared."""
INTERVAL: Final = re.compile(r"[^/]+/[^/]+")


@FORMATS.checks("interval")
def _interval(value: object) -> bool:
    """Genesys's own format: two ISO 8601 times with a slash between them."""
    if not isinstance(value, str) or not INTERVAL.fullmatch(value):
        return False
    return all(FORMATS.conforms(part, "date-time") for part in value.split("/"))


@dataclass(frozen=True)
class Sent:
    """One request, as far as a document has something to say about it."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a document."""

    method: str
    template: str
    declared: Mapping[str, Any]

    @property
    def pattern(self) -> re.Pattern[str]:
        """The paths that belong to the template."""
        parts = re.split(r"(\{\w+\})", self.template)
        return re.compile("".join(f"(?P<{p[1:-1]}>[^/]+)" if p.startswith("{") else re.escape(p) for p in parts))

    def parameters(self, place: str) -> dict[str, Mapping[str, Any]]:
        """The declared parameters in `path`, `query` or `body`."""
        return {one["name"]: one for one in self.declared.get("parameters", ()) if one["in"] == place}


class Document:
    """An API document and what continues it; `faults` says everything in which a request differs from it."""

    def __init__(self, path: Path, *more: Path) -> None:
        self._tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for other in more:
            tree = json.loads(other.read_text(encoding="utf-8"))
            self._tree["paths"] |= tree["paths"]
            self._tree["components"]["schemas"] |= tree["components"]["schemas"]
        self._strict = _closed(self._tree)
        self.operations = tuple(
            Operation(method.upper(), template, declared)
            for template, item in self._tree["paths"].items()
            for method, declared in item.items()
            if method in METHODS
        )

    def operation(self, sent: Sent) -> Operation | None:
        """The operation that a request is for; of several that fit, the one with fewest placeholders."""
        fitting = [one for one in self.operations if one.method == sent.method and one.pattern.fullmatch(sent.path)]
        return min(fitting, key=lambda one: one.template.count("{"), default=None)

    def faults(self, sent: Sent) -> list[str]:
        """What is wrong with a request, or nothing."""
        operation = self.operation(sent)
        if operation is None:
            return [f"{sent.method} {sent.path} is not declared"]
        found = [*self._path(operation, sent), *self._query(operation, sent), *self._body(operation, sent)]
        return [f"{sent.method} {operation.template}: {fault}" for fault in found]

    def _path(self, operation: Operation, sent: Sent) -> Iterator[str]:
        match = operation.pattern.fullmatch(sent.path)
        assert match is not None
        declared = operation.parameters("path")
        for name, text in match.groupdict().items():
            yield from self._value(f"path parameter {name}", _schema(declared[name]), unquote(text))

    def _query(self, operation: Operation, sent: Sent) -> Iterator[str]:
        declared = operation.parameters("query")
        given: dict[str, list[str]] = {}
        for name, text in parse_qsl(sent.query, keep_blank_values=True, strict_parsing=bool(sent.query)):
            given.setdefault(name, []).append(text)
        for name in declared:
            if declared[name].get("required") and name not in given:
                yield f"query parameter {name} is required"
        for name, texts in given.items():
            if name not in declared:
                yield f"query parameter {name} is not declared"
                continue
            schema = _schema(declared[name])
            if schema.get("type") != "array" and len(texts) > 1:
                yield f"query parameter {name} is given {len(texts)} times"
            for text in texts:
                yield from self._value(f"query parameter {name}", schema.get("items", schema), text)

    def _value(self, what: str, schema: Mapping[str, Any], text: str) -> Iterator[str]:
        value: Any = text
        if schema.get("type") == "integer":
            if not WHOLE.fullmatch(text):
                yield f"{what} is no integer: {text!r}"
                return
            value = int(text)
        elif schema.get("type") == "boolean":
            if text not in ("true", "false"):
                yield f"{what} is no boolean: {text!r}"
            return
        yield from (f"{what}: {error.message}" for error in _judge(schema, value))

    def _body(self, operation: Operation, sent: Sent) -> Iterator[str]:
        schema, required = self._body_schema(operation)
        if not sent.body:
            if required:
                yield "a body is required"
            return
        if schema is None:
            yield "a body is not declared"
            return
        if sent.content_type.partition(";")[0] != "application/json":
            yield f"the body is {sent.content_type!r} and not application/json"
            return
        whole = {**schema, "definitions": self._strict.get("definitions", {})}
        for error in _judge(whole, json.loads(sent.body)):
            yield f"body at {'/'.join(map(str, error.absolute_path)) or 'its root'}: {error.message}"

    def _body_schema(self, operation: Operation) -> tuple[dict[str, Any] | None, bool]:
        request = operation.declared.get("requestBody")
        if request is not None:
            return _closed(request["content"]["application/json"]["schema"]), bool(request.get("required"))
        for parameter in operation.parameters("body").values():
            return _closed(parameter["schema"]), bool(parameter.get("required"))
        return None, False


def _schema(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a parameter: a table of its own in OpenAPI 3, the parameter itself in Swagger 2."""
    if "schema" in parameter:
        return parameter["schema"]
    return {name: value for name, value in parameter.items() if name not in ("name", "in", "required", "description")}


def _judge(schema: Mapping[str, Any], value: Any) -> Iterable[Any]:
    return Draft202012Validator(schema, format_checker=FORMATS).iter_errors(value)


def _closed(value: Any) -> Any:
    """A schema that refuses every key that it does not declare."""
    if isinstance(value, list):
        return [_closed(one) for one in value]
    if not isinstance(value, dict):
        return value
    closed = {name: _closed(one) for name, one in value.items()}
    if value.get("type") == "object" and isinstance(value.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed
