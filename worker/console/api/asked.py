"""The parameters of a search, typed; the same for the list of clients, an audience's members and the export."""

from typing import Annotated, Any, Literal

import orjson
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from worker.console.desk import Desk
from worker.console.problems import Refused
from worker.readmodel.asking import MAX_LIMIT, PRESETS, Question, Sort
from worker.readmodel.matching import MAX_TEXT

At = NamedDependency[Desk]
Business = Annotated[str, PathParameter(description="The business's id: 1-64 characters of A-Z a-z 0-9 . _ -")]
ClientId = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
AudienceId = Annotated[str, PathParameter()]
Text = Annotated[
    str,
    QueryParameter(max_length=MAX_TEXT, description="Part of a name (word beginnings), an e-mail address, a number."),
]
Preset = Annotated[str, QueryParameter(max_length=200, description=f"One of: {', '.join(PRESETS)}.")]
Some = Annotated[str | None, QueryParameter(max_length=200)]
FilterText = Annotated[
    str | None, QueryParameter(name="filter", description="A filter as JSON, such as an audience has it.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, QueryParameter(max_length=1_000, description="next_cursor of the page before.")]
Order = Annotated[Sort, QueryParameter(description="Names go up; times go down, the latest first.")]
Ended = Annotated[Literal["include"] | None, QueryParameter(description="Show clients with an ended status, too.")]


def question(
    q: Text = "",
    preset: Preset = "all",
    status: Some = None,
    status_group: Some = None,
    tag: Some = None,
    source: Some = None,
    created_from: Some = None,
    created_to: Some = None,
    filter_: FilterText = None,
    ended: Ended = None,
    sort: Order = "name",
) -> Question:
    """What is asked."""
    return Question(
        q=q,
        preset=preset,
        status=status,
        status_group=status_group,
        tag=tag,
        source=source,
        created_from=created_from,
        created_to=created_to,
        filter=_json(filter_) if filter_ is not None else None,
        ended=ended == "include",
        sort=sort,
    )


def _json(text: str) -> Any:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise Refused(400, f"filter: is not JSON: {exc}", "invalid_filter") from exc
    if found is None:
        raise Refused(400, "filter: null is no filter; leave it out to ask for no more", "invalid_filter")
    return found
