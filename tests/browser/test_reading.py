"""What a reader does: filter, follow numbers, print, with and without scripts."""

import re

import pytest

pytestmark = pytest.mark.browser

scripts = pytest.mark.parametrize("script", [True, False], ids=["scripts", "none"])


@scripts
def test_filters_work_on_a_phone(visit, site, script):
    page = visit(site + "/cases/", width=360, script=script)
    assert not page.locator("text=Apply filters").first.is_visible()

    page.click(".filters > summary")
    page.check("input[name=form][value=repression]")
    page.locator("text=Apply filters").first.click()

    assert page.locator("#shown").inner_text() == "1 case of repression"
    assert page.locator(".filters > summary").inner_text() == "Filters (1)"
    page.click("text=Clear all")
    assert page.locator("#shown").inner_text() == "8 cases"


@scripts
def test_the_panel_is_open_on_a_desk(visit, site, script):
    page = visit(site + "/cases/", script=script)
    assert page.locator("text=Apply filters").first.is_visible()


def test_the_number_beside_a_value_is_the_number_you_get(visit, site):
    page = visit(site + "/cases/?region=142", script=False)
    values = page.locator(".facet input:enabled:not(:checked):not([name$=_match])")
    offers = values.evaluate_all(
        "(all) => all.map((i) => [i.name, i.value,"
        " i.closest('label').querySelector('b').textContent])"
    )
    assert len(offers) > 20

    for name, value, count in offers:
        page.goto(f"{site}/cases/?region=142&{name}={value}")
        shown = page.locator("#shown").inner_text()
        assert re.match(r"\d+", shown).group() == count, (name, value)


@pytest.mark.parametrize("axes", ["form-family", "form-country", "form-actor"])
def test_each_number_of_the_matrix_opens_that_many_cases(visit, site, axes):
    page = visit(f"{site}/matrix/?axes={axes}", script=False)
    cells = page.locator(".matrix td a").evaluate_all(
        r"(all) => all.map((a) => [a.href, a.textContent.trim().match(/^\d+/)[0]])"
    )
    assert cells

    for link, count in cells:
        page.goto(link)
        assert page.locator(".cards > li").count() == int(count), link


def test_two_cases_are_compared_from_the_list(visit, site):
    page = visit(site + "/cases/", script=False)
    page.check("input[name=case][value=C001]")
    page.check("input[name=case][value=C006]")

    page.click("text=Compare the ticked cases")

    assert page.locator(".side thead th").count() == 2


def test_the_keyboard_is_enough(visit, site):
    page = visit(site + "/cases/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.focus("input[name=form][value=backlash]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**form=backlash**")
    assert page.locator("#shown").inner_text() == "1 case of backlash"


def test_print_leaves_out_what_paper_cannot_use(visit, site):
    page = visit(site + "/cases/armenia-society-without-violence/")
    page.emulate_media(media="print")

    for part in (".bar", ".top", ".foot"):
        assert not page.locator(part).is_visible()
    assert page.locator(".references").is_visible()


def test_names_that_begin_so_are_offered_while_typing(visit, site):
    page = visit(site + "/cases/")
    field = page.locator("#q")
    options = page.locator("#suggestions option")

    field.press_sequentially("repr")
    options.first.wait_for(state="attached")
    assert options.first.get_attribute("value") == "Repression"

    field.fill("")
    assert options.count() == 0
    assert page.context.cookies() == []
