"""A neutral model in the words of one engine: conditions of levels, settings of Splink. Builds text only."""

from typing import Any

from honeyguide.identity.background.model import Comparison, Level, Model, Test

DIALECTS = ("duckdb", "spark")
_SIMILARITY = {"duckdb": "jaro_winkler_similarity", "spark": "jaro_winkler"}
_OVERLAP = {"duckdb": "list_has_any", "spark": "arrays_overlap"}
MISSING = -1


def condition(test: Test, dialect: str) -> str:
    """The SQL of a test on the columns `*_l` and `*_r`. Raises KeyError for an engine we do not know."""
    a, b = f'"{test.column}_l"', f'"{test.column}_r"'
    if test.kind in ("all", "any"):
        inner = (" and " if test.kind == "all" else " or ").join(condition(t, dialect) for t in test.tests)
        return f"({inner})"
    if test.kind == "not":
        return f"not ({condition(test.tests[0], dialect)})"
    if dialect == "spark":
        a, b = a.replace('"', "`"), b.replace('"', "`")
    return _simple(test, a, b, dialect)


def _simple(test: Test, a: str, b: str, dialect: str) -> str:
    at: float | int = int(test.at) if float(test.at).is_integer() else test.at
    other = (a.replace(test.column, test.other, 1), b.replace(test.column, test.other, 1))
    return {
        "exact": f"{a} = {b}",
        "swapped": f"({a} = {other[1]} and {other[0]} = {b})",
        "jaro_winkler": f"{_SIMILARITY[dialect]}({a}, {b}) >= {at}",
        "levenshtein": f"levenshtein({a}, {b}) <= {at}",
        "overlap": f"{_OVERLAP[dialect]}({a}, {b})",
        "initial": f"((length({a}) = 1 or length({b}) = 1) and substr({a}, 1, 1) = substr({b}, 1, 1))",
        "prefix": f"(substr({a}, 1, {at}) = substr({b}, 1, {at}))",
        "present": f"({a} is not null and {b} is not null)",
        "longer": f"(length({a}) >= {at} and length({b}) >= {at})",
        "within": f"(abs({a} - {b}) <= {at})",
    }[test.kind]


def settings(model: Model, dialect: str, *, between: str = "", explain: bool = False) -> dict[str, Any]:
    """The model as settings of Splink. Blocks are the key columns `key_0`, `key_1` ... that `blocking` prepares.

    `between`: a column whose values must differ for a pair to be a candidate (two records of one entity need no proposal).
    """
    quote = "`" if dialect == "spark" else '"'
    apart = f" and l.{quote}{between}{quote} <> r.{quote}{between}{quote}" if between else ""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": model.prior,
        "retain_matching_columns": explain,
        "retain_intermediate_calculation_columns": explain,
        "max_iterations": 20,
        "em_convergence": 0.001,
        "comparisons": [_comparison(c, dialect) for c in model.comparisons],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": f"l.key_{i} = r.key_{i}{apart}", "sql_dialect": dialect} for i in range(len(model.blocks))
        ],
    }


def _comparison(comparison: Comparison, dialect: str) -> dict[str, Any]:
    quote = "`" if dialect == "spark" else '"'
    lacking = " or ".join(f"{quote}{c}_{side}{quote} is null" for c in comparison.needs for side in ("l", "r"))
    absent = {"sql_condition": lacking, "label_for_charts": "missing", "is_null_level": True}
    return {
        "output_column_name": comparison.field,
        "comparison_levels": [absent, *(_level(one, dialect) for one in comparison.levels)],
    }


def _level(level: Level, dialect: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sql_condition": "ELSE" if level.test.kind == "else" else condition(level.test, dialect),
        "label_for_charts": level.name or level.verdict,
        "m_probability": max(level.m, 1e-9),
        "u_probability": max(level.u, 1e-9),
    }
    if level.fixed:
        made |= {"fix_m_probability": True, "fix_u_probability": True}
    if level.frequency:
        made |= {
            "tf_adjustment_column": level.frequency,
            "tf_adjustment_weight": 1.0,
            "tf_minimum_u_value": level.rarest,
            "disable_tf_exact_match_detection": True,
        }
    return made


def level_of(comparison: Comparison, gamma: int) -> int | None:
    """Splink numbers levels from the worst (0) up, and -1 for missing; ours are numbered from the best."""
    return None if gamma == MISSING else len(comparison.levels) - 1 - gamma
