"""THE route table: everything that the service answers."""

from __future__ import annotations

from flatbed.http import (
    about,
    addon_routes,
    addons,
    documents,
    events,
    job_page_list,
    job_pages,
    jobs,
    legacy,
    origins,
    pages,
    pairing,
    process,
    process_jobs,
    recovered,
    scanners,
    sessions,
    status,
    storage_check,
    web,
)
from flatbed.http.hello import hello_route
from flatbed.http.openapi import openapi_route
from flatbed.http.routes import Route


def route_table() -> tuple[Route, ...]:
    """Every route, in the order in which they are looked through."""
    return (
        hello_route(),
        openapi_route(),
        *web.ROUTES,
        *about.ROUTES,
        *status.ROUTES,
        *scanners.ROUTES,
        *jobs.ROUTES,
        *job_pages.ROUTES,
        *job_page_list.ROUTES,
        *pages.ROUTES,
        *recovered.ROUTES,
        *documents.ROUTES,
        # Before the operations: none can have the name `jobs`.
        *process_jobs.ROUTES,
        *process.ROUTES,
        *storage_check.ROUTES,
        *sessions.ROUTES,
        *pairing.ROUTES,
        *origins.ROUTES,
        *addons.ROUTES,
        *addon_routes.ROUTES,
        *events.ROUTES,
        *legacy.ROUTES,
    )
