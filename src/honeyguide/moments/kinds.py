"""The kinds of moments, in the one order everybody uses."""

from honeyguide.moments import (
    anniversary,
    job_change,
    praise,
    product_milestone,
    purchase_euphoria,
    renewal,
    support_success,
    survey_promoter,
    usage_spike,
)

KINDS: tuple[str, ...] = (
    purchase_euphoria.KIND, support_success.KIND, product_milestone.KIND, renewal.KIND, praise.KIND, survey_promoter.KIND,
    usage_spike.KIND, anniversary.KIND, job_change.KIND,
)  # fmt: skip
