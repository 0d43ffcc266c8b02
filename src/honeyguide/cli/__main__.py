"""`python -m honeyguide.cli`: how the supervisor starts its children."""

from honeyguide.cli.main import main

main()
