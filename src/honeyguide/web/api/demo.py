"""Controls of the demo company, where one plays."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from honeyguide.core.errors import NotFound
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import In, Out

router = APIRouter()


class DemoOut(Out):
    """How far the demo has played. `pace`: events per minute, 0 pauses."""

    running: bool
    pace: int
    loaded: int
    total: int


class DemoPace(In):
    """Events per minute."""

    pace: Annotated[int, Field(ge=0, le=6_000)]


def _out(state: Any) -> DemoOut:
    if state is None:
        raise NotFound("No demo is playing here.", advice="`honeyguide up` starts one.")
    return DemoOut(running=state.running, pace=state.pace, loaded=state.loaded, total=state.total)


@router.get("/api/demo")
async def demo(request: Request, _who: Annotated[Principal, needs("console.open")]) -> DemoOut:
    """How far the demo is; 404 where none plays."""
    controls = request.app.state.demo
    return _out(controls.read() if controls else None)


@router.post("/api/demo")
async def set_pace(request: Request, wanted: DemoPace, _who: Annotated[Principal, needs("demo.control")]) -> DemoOut:
    """Set the pace of the demo."""
    controls = request.app.state.demo
    return _out(controls.set_pace(wanted.pace) if controls else None)
