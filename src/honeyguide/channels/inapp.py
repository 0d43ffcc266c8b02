"""In-app messages: nothing leaves the house. The portal and the customer's product fetch them from /in-app."""

from honeyguide.delivery import Letter


class InAppChannel:
    """Accepts every letter; the stored message is what the advocate's page shows."""

    name = "inapp"

    async def send(self, letter: Letter) -> str:
        """The message is readable from the moment its state is `sent`."""
        return f"inapp:{letter.id}"
