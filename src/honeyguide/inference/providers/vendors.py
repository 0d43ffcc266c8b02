"""The clients of hosted models, made from settings."""

from typing import Any

from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

from honeyguide.core.errors import BadInput


def model_of(vendor: str, name: str, base_url: str = "", key: str = "") -> Model[Any]:
    """The model to ask. An OpenAI-compatible endpoint of one's own may need no key; a vendor's does (BadInput)."""
    if not key and not base_url:
        raise BadInput(f"The hosted model {vendor}:{name} needs a key.", advice="Set HONEYGUIDE_HOSTED_KEY.")
    if vendor == "anthropic":
        return AnthropicModel(name, provider=AnthropicProvider(api_key=key or "none", base_url=base_url or None))
    return OpenAIChatModel(name, provider=OpenAIProvider(api_key=key or "none", base_url=base_url or None))
