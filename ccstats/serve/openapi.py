"""The description of the API, generated from its operations and from the models that they answer with.

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from ccstats import __version__
from ccstats.metrics import described
from ccstats.serve.problems import MEDIA, Problem
from ccstats.serve.query import Query
from ccstats.serve.routes import OPERATIONS, Operation

REF = "#/components/schemas/{model}"
TAG = {"schema": {"type": "string"}, "description": "Another one where a value has changed"}
REFUSALS = {400: "a parameter is wrong", 401: "the token is missing or wrong", 421: "not served under this name"}
BUSY = {503: "too many requests at once"}


@cache
def document() -> dict[str, Any]:
    """The whole of it."""
    models: list[type[BaseModel]] = [one.answer for one in OPERATIONS if one.answer is not None]
    models.append(Problem)
    named: list[tuple[type[BaseModel], JsonSchemaMode]] = [(one, "serialization") for one in models]
    _, found = models_json_schema(named, ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ccstats",
            "version": __version__,
            "description": "Live contact-center statistics. Times are seconds. A null has a reason in `gaps`, at its "
            "path or at the nearest path above it.",
        },
        "paths": {one.path: {"get": _operation(one)} for one in OPERATIONS},
        "components": {
            "schemas": described(found)["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Operation) -> dict[str, Any]:
    refusals = {str(status): _problem(words) for status, words in _refusals(one).items()}
    good = {"description": one.summary, "content": {media: {"schema": _schema(one)} for media in one.media}}
    answers: dict[str, Any] = {"200": good}
    if one.tagged:
        good["headers"] = {"ETag": TAG}
        answers["304"] = {"description": "nothing has changed", "headers": {"ETag": TAG}}
    for status in one.alike:
        answers[str(status)] = good
    return {
        "operationId": _name(one),
        "summary": one.summary,
        "parameters": [*_in_path(one), *_in_query(one.query)],
        "responses": {**refusals, **answers},
        "security": [] if one.open else [{}, {"token": []}],
    }


def _refusals(one: Operation) -> dict[int, str]:
    missing = {404: "there is no such thing"} if "{" in one.path else {}
    return {**REFUSALS, **missing, **one.others, **({} if one.streams else BUSY)}


def _name(one: Operation) -> str:
    return "_".join(re.findall(r"[a-z]+", one.path.removeprefix("/api/v1"))) or "index"


def _schema(one: Operation) -> dict[str, Any]:
    return {"$ref": REF.format(model=one.answer.__name__)} if one.answer is not None else {"type": "string"}


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {MEDIA: {"schema": {"$ref": REF.format(model="Problem")}}}}


def _in_path(one: Operation) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", one.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(query: type[Query]) -> Iterable[dict[str, Any]]:
    schema = query.model_json_schema(ref_template=REF)
    for name, one in schema.get("properties", {}).items():
        words = one.pop("description", "")
        one.pop("title", None)
        yield {"name": name, "in": "query", "required": False, "description": words, "schema": _inline(one, schema)}


def _inline(one: Any, schema: dict[str, Any]) -> Any:
    """A parameter's schema without references: what it refers to is not among the answers."""
    if isinstance(one, dict):
        if "$ref" in one:
            return _inline(schema["$defs"][one["$ref"].rpartition("/")[2]], schema)
        return {name: _inline(part, schema) for name, part in one.items() if name != "title"}
    return [_inline(part, schema) for part in one] if isinstance(one, list) else one
