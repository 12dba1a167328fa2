"""``client-status schemas``: what travels, for programs to read."""

from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import Parameter

from worker.cli.asyncapi import SCHEMAS, document
from worker.cli.json_schemas import all_schemas
from worker.cli.output import note, say
from worker.errors import SettingError


def schemas(
    directory: Annotated[Path, Parameter(name="DIR", help="Where to write them; made when it is not there.")], /
) -> None:
    """Write a JSON Schema of every message type, an AsyncAPI document of all topics, and an OpenAPI one of the console.

    DIR/asyncapi.json refers to DIR/json-schema/TYPE.json. Files of these names are replaced.
    """
    from worker.console.app import routes  # its libraries take a second to load
    from worker.console.openapi import document as openapi

    files = {Path(SCHEMAS) / f"{name}.json": schema for name, schema in all_schemas().items()}
    files[Path("asyncapi.json")] = document()
    files[Path("openapi.json")] = openapi(routes())
    try:
        (directory / SCHEMAS).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (directory / name).write_bytes(
                orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
            )
    except OSError as exc:
        raise SettingError(f"DIR: cannot write {exc.filename}: {exc.strerror}") from exc
    for document_ in ("asyncapi.json", "openapi.json"):
        say(str(directory / document_))
    note(f"{len(files) - 2} JSON Schemas are in {directory / SCHEMAS}.")
