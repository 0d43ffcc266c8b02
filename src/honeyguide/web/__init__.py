"""Web: the doors people and systems come through. The only place that knows FastAPI and Starlette.

Contract
- `create_app` gives one ASGI application: hot doors (ingest, redirect) as raw ASGI, everything else FastAPI.
- Every route is classified: public with a reason, or behind one permission (`permissions`); an unclassified route
  stops the start. Cookie sessions need the CSRF header for writes, API keys need a scope.
- Errors leave as application/problem+json with a request id; never a stack trace.
- No route reads across workspaces: the workspace comes from the session, key or token, never from the request.

Owns: operator, operator_session, api_key.
"""
