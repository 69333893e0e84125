"""What does not fit in a request, place by place, in both languages.

The validation library (pydantic) names each rule and says it in English only; its rules that
requests can break are said here again, in our words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from festival_api.speech import Language, say, translated

_LONGEST_POINTER = 200

RULES: Mapping[str, str] = {
    "missing": say("is required"),
    "extra_forbidden": say("is not known here"),
    "invalid_key": say("must have texts as names"),
    "none_required": say("must be null"),
    "model_type": say("must be an object"),
    "model_attributes_type": say("must be an object"),
    "dict_type": say("must be an object"),
    "list_type": say("must be a list"),
    "tuple_type": say("must be a list"),
    "too_short": say("must have at least {min_length} items"),
    "too_long": say("may have at most {max_length} items"),
    "string_type": say("must be a text"),
    "string_unicode": say("holds a character that is not text"),
    "not_text": say("holds a character that is not text (U+{code})"),
    "string_too_short": say("must have at least {min_length} characters"),
    "string_too_long": say("may have at most {max_length} characters"),
    "string_pattern_mismatch": say("must match the pattern {pattern}"),
    "literal_error": say("must be one of: {expected}"),
    "enum": say("must be one of: {expected}"),
    "bool_type": say("must be true or false"),
    "bool_parsing": say("must be true or false"),
    "int_type": say("must be a whole number"),
    "int_parsing": say("must be a whole number"),
    "int_parsing_size": say("is too large"),
    "int_from_float": say("must be a whole number"),
    "float_type": say("must be a number"),
    "float_parsing": say("must be a number"),
    "finite_number": say("must be a number"),
    "greater_than": say("must be more than {gt}"),
    "greater_than_equal": say("must be at least {ge}"),
    "less_than": say("must be less than {lt}"),
    "less_than_equal": say("must be at most {le}"),
    "date_type": say("must be a date such as 2026-05-01"),
    "date_parsing": say("must be a date such as 2026-05-01"),
    "date_from_datetime_parsing": say("must be a date such as 2026-05-01"),
    "date_from_datetime_inexact": say("must be a date such as 2026-05-01"),
    "datetime_type": say("must be an instant such as 2026-05-01T12:00:00Z"),
    "datetime_parsing": say("must be an instant such as 2026-05-01T12:00:00Z"),
    "datetime_from_date_parsing": say("must be an instant such as 2026-05-01T12:00:00Z"),
    "timezone_aware": say("must name its time zone, such as Z"),
    "union_tag_invalid": say("must have one of {expected_tags} as {discriminator}"),
    "union_tag_not_found": say("must name its {discriminator}"),
}
"""English sentences by pydantic's name of the rule; placeholders are pydantic's."""


def field_error(error: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Say what does not fit at one place, and never what was sent there.

    Parameters
    ----------
    error : mapping
        As pydantic reports it.
    language : Language
        In which to say it.
    """
    rule, context = error["type"], error.get("ctx") or {}
    if rule in RULES:
        what = translated(RULES[rule], language).format(**context)
    elif rule == "value_error":
        what = translated(str(context["error"]), language)
    else:
        what = translated(error["msg"], language)
    return {"where": _pointer(error["loc"]), "what": what, "rule": rule}


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return ("/" + "/".join(parts))[:_LONGEST_POINTER]
