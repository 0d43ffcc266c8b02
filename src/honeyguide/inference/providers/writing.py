"""A hosted model as a writer: a subject and a body in, a subject and a body out. Whether they may be used, others decide.

One call, no second try, within the budget of the workspace and day: what it can cost at most is reserved before, and set
right afterwards. What is sent holds no personal data: callers mask it.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.exceptions import AgentRunError, ModelAPIError, UserError
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from honeyguide.core.errors import TooMuch, Unavailable
from honeyguide.inference.cascade import Purse
from honeyguide.inference.contract import Usage
from honeyguide.inference.providers.hosted import refusal
from honeyguide.inference.providers.price import Price, tokens_of

_ROOM = 900  # tokens of an answer: a letter has some 200


class Letter(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid")
    subject: str = Field(description="the subject in other words, one line")
    body: str = Field(description="the body in other words, with every mark kept")


class HostedWriter:
    """Writes by a hosted model."""

    name = "hosted-writer"

    def __init__(self, model: Model[Any], price: Price, purse: Purse, *, patience_s: float = 30.0) -> None:
        self._model, self._price, self._purse, self._patience_s = model, price, purse, patience_s

    @property
    def model(self) -> str:
        """Vendor and name."""
        return f"{self._model.system}:{self._model.model_name}"

    async def write(self, brief: str, subject: str, body: str) -> tuple[str, str]:
        """Another subject and body. Raises TooMuch when the budget is spent, Unavailable when there is no usable answer."""
        told = f"Subject: {subject}\n\n{body}"
        read = tokens_of(brief) + tokens_of(told) + tokens_of(str(Letter.model_json_schema()))
        most = Usage(read, _ROOM, 0.0, self._price.cost(read, _ROOM))
        if not await self._purse.reserve(self.name, "hosted_model", [most]):
            raise TooMuch("The budget of today does not allow another call.", "It is set under Models.")
        usage = RunUsage()
        try:
            return await self._ask(brief, told, usage)
        finally:
            cost = self._price.cost(usage.input_tokens, usage.output_tokens)
            spent = Usage(usage.input_tokens, usage.output_tokens, 0.0, cost)
            await self._purse.settle(self.name, "hosted_model", [most], [spent])

    async def _ask(self, brief: str, told: str, usage: RunUsage) -> tuple[str, str]:
        native = self._model.profile.get("supports_json_schema_output", False)
        agent = Agent(
            self._model, output_type=NativeOutput(Letter, strict=True) if native else ToolOutput(Letter, strict=True),
            instructions=brief, retries=0,
        )  # fmt: skip
        settings = ModelSettings(max_tokens=_ROOM, timeout=self._patience_s, max_retries=0)
        try:
            run = await agent.run(told, usage=usage, model_settings=settings)
        except (ModelAPIError, UserError) as e:
            raise refusal(self.model, e) from e
        except AgentRunError as e:
            raise Unavailable(f"{self.model} gave no usable answer.") from e
        return run.output.subject, run.output.body
