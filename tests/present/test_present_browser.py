"""All fragments on one page in a real browser: nothing overflows, nothing is fetched, nothing fails."""

import pytest

from sozialanalyse.present import stylesheet

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def seite(galerie, tmp_path_factory):
    body = "".join(found.html for found in galerie.values())
    page = tmp_path_factory.mktemp("galerie") / "galerie.html"
    page.write_text(
        '<!doctype html><html lang="de"><meta charset="utf-8"><title>Galerie</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{stylesheet()}</style><body class="sa-seite"><main class="sa-haupt">{body}</main></html>',
        encoding="utf-8",
    )
    return page


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_page_fits_fetches_nothing_and_draws(browser, seite, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    requests, faults = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(seite.as_uri())
    frame = page.query_selector("iframe")
    frame.scroll_into_view_if_needed()
    inner = frame.content_frame()
    inner.wait_for_selector("path.leaflet-interactive", state="attached")
    page.evaluate(
        "document.querySelectorAll('details').forEach(d => {d.removeAttribute('name'); d.open = true})"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(inner.query_selector_all("path.leaflet-interactive")) == 92
    visible = page.evaluate(
        "[...document.querySelectorAll('.sa-bild')].every(b => [...b.querySelectorAll(':scope > svg')]"
        ".filter(s => s.getBoundingClientRect().height > 40).length == 1 || b.querySelector('iframe'))"
    )
    assert visible
    assert [url for url in requests if url != seite.as_uri()] in ([], ["about:srcdoc"])
    assert faults == []
    page.close()
