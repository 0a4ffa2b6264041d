"""The page behind a link of the mail: it says what waits, and has one button. To open it decides nothing."""

from html import escape
from typing import Any

from forecast_language import language, said
from forecast_pipeline.approval.waiting import Decision, Waiting

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
}
STYLE = (
    "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.25rem;color:#1b1f24;"
    "background:#fff}h1{font-size:1.4rem;overflow-wrap:anywhere}p{overflow-wrap:anywhere}button{font:inherit;"
    "padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#1f5fa8;color:#fff;cursor:pointer}"
    "button:focus-visible{outline:3px solid #8ab8ee;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{color:#e6e9ed;background:#16191d}}"
)


def asking(waiting: Waiting, decision: Decision) -> dict[str, Any]:
    """The answer with the button."""
    until = f"{waiting.Until:%Y-%m-%d %H:%M}"
    waits = said("The forecast of run {run} waits for approval until {until} UTC.", run=waiting.Run, until=until)
    if decision == "approve":
        button, means = said("Publish this forecast"), said("The button makes it the latest forecast.")
    else:
        button = said("Hold this forecast back")
        means = said("The button holds it back: the forecast published before stays in place.")
    form = f"<form method=post><button>{escape(button)}</button></form>"
    return _answer(200, waiting.Forecast, f"<p>{escape(waits)} {escape(means)}</p>{form}")


def decided(waiting: Waiting, decision: Decision) -> dict[str, Any]:
    """The answer to the button."""
    if decision == "approve":
        done = said("The forecast of run {run} becomes the latest forecast now; a mail says so.", run=waiting.Run)
    else:
        done = said(
            "The forecast of run {run} is held back, and the one published before stays in place."
            " A mail says how to publish it all the same.",
            run=waiting.Run,
        )
    return _answer(200, waiting.Forecast, f"<p>{escape(done)}</p>")


def over() -> dict[str, Any]:
    """The answer to a link that leads nowhere: it does not say whether it ever led anywhere."""
    text = said(
        "This link is not valid, or no longer: the decision was made, or the time for it is over."
        " almanac runs says what became of the run."
    )
    return _answer(410, said("Nothing waits here"), f"<p>{escape(text)}</p>")


def _answer(status: int, title: str, body: str) -> dict[str, Any]:
    page = (
        f"<!doctype html><html lang={language()}><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style><h1>{escape(title)}</h1>{body}"
    )
    return {"statusCode": status, "headers": HEADERS, "body": page}
