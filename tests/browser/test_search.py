"""The search of the book, from disk and in Chromium: what readers ask, and what they must find."""

import pytest

# What is typed; what must be among the first results, and how many of them count. An address without an anchor is the
# whole chapter, a name that begins with # a place of that name on any page.
QUESTIONS = [
    ("what is a perceptron", "perceptron.html", 2),
    ("perceptron", "perceptron.html", 1),
    ("learning rate", "#term-learning-rate", 2),
    ("learning rate too high", "loss-and-gradient-descent.html#", 3),
    ("dropout", "#term-dropout", 2),
    ("softmax", "#term-softmax", 2),
    ("softmax temperature", "classification.html", 3),
    ("batch norm eval mode", "#term-batch-normalisation", 3),
    ("batch normalization", "#term-batch-normalisation", 2),
    ("vanishing gradient", "#term-vanishing-gradient", 2),
    ("backprop", "backpropagation.html", 3),
    ("cnn", "convolution.html", 3),
    ("why is my training loss not going down", "when-it-fails.html", 5),
    ("overfit", "#term-overfitting", 3),
    ("how does a convolution work", "convolution.html", 2),
    ("history of neural networks", "history.html", 3),
    ("resnet skip connection", "deep-architectures.html", 4),
    ("cross entropy", "#term-cross-entropy", 2),
    ("install", "setup.html", 3),
    ("multiple gpus", "gpus-and-clusters.html", 4),
    ("fine tuning a pretrained network", "transfer-learning.html", 3),
    ("perceptorn", "perceptron.html", 5),  # a slip of the fingers
]


@pytest.fixture(scope="module")
def search(visitor, of_the_book):
    """The search page with its index loaded."""
    of_the_book("perceptron.html")
    page, log = visitor.page()
    page.goto(of_the_book("search.html") + "?q=perceptron", wait_until="load")
    page.locator("#gt-search-list li").first.wait_for()
    yield page
    page.context.close()
    assert not log["console"]
    assert not log["strangers"]


@pytest.mark.parametrize(
    ("question", "wanted", "among"), QUESTIONS, ids=[question for question, *_ in QUESTIONS]
)
def test_readers_find_what_they_ask_for(search, question, wanted, among):
    found = search.evaluate("question => GROUNDTRUTH_FIND(question).map(entry => entry.url)", question)[
        :among
    ]
    assert any(url.endswith(wanted) if wanted.startswith("#") else url.startswith(wanted) for url in found), (
        found
    )


def test_words_that_mean_nothing_find_nothing(search):
    assert search.evaluate("GROUNDTRUTH_FIND('what is the')") == []
    assert search.evaluate("GROUNDTRUTH_FIND('zzxyqq')") == []


def test_results_follow_the_typing_and_lead_to_the_place(search):
    search.locator("#gt-search-field").fill("dropout")
    search.locator("#gt-search-list a[href$='#term-dropout']").wait_for()
    assert search.locator("#gt-search-list mark").count()
    assert "found" in search.locator("[role=status]").inner_text()
    links = search.locator("#gt-search-list a").evaluate_all("links => links.map(link => link.href)")
    assert 1 < len(links) <= 30
    assert all(link.startswith("file://") for link in links)
    search.locator("#gt-search-field").fill("")
    search.locator("#gt-search-list a").first.wait_for(state="detached")


def told(search, query):
    """What is read out once the results of a query are there."""
    search.locator("#gt-search-field").fill("")
    search.locator("#gt-search-list a").first.wait_for(state="detached")
    search.locator("#gt-search-field").fill(query)
    search.locator("#gt-search-list a").first.wait_for()
    return search.locator("#gt-search-status[role=status]").inner_text()


def test_many_places_are_the_best_ones(search):
    assert told(search, "network") == "Here are the 30 best places."
    assert search.locator("#gt-search-list > li").count() == 30


def test_a_slip_of_the_fingers_is_told(search):
    assert told(search, "perceptorn").startswith("Showing results for “perceptron”.")
    assert search.locator("#gt-search-list mark").first.inner_text().lower().startswith("perceptron")
    for known in ("perceptron", "percep", "perceptrons", "backprop", "how does a perceptron learn"):
        assert "Showing results" not in told(search, known)


def test_axe_on_the_results(search):
    from axe_playwright_python.sync_playwright import Axe

    search.locator("#gt-search-field").fill("gradient")
    search.locator("#gt-search-list li").first.wait_for()
    for theme in ("light", "dark"):
        search.emulate_media(color_scheme=theme)
        result = Axe().run(search, options={"preload": False})
        assert not result.response["violations"], result.generate_report()


def test_the_margin_s_box_leads_to_results(visitor, of_the_book):
    page = visitor.open(of_the_book("appendix/glossary.html"))
    page.locator(".sidebar-search").fill("perceptron")
    page.keyboard.press("Enter")
    page.locator("#gt-search-list li").first.wait_for()
    first = page.locator("#gt-search-list a").first
    first.click()
    page.wait_for_url("**/perceptron.html*")
    page.context.close()
