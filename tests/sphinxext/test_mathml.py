"""Formulas: what browsers cannot set is mended or refused, never passed over."""

import re
import xml.etree.ElementTree as ET

import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document

from groundtruth.sphinxext.mathml import ARITY, KNOWN, HoldPunctuation, MathError, to_mathml


def body(latex, display=False):
    """The MathML without its wrapper and annotation."""
    text = to_mathml(latex, display)
    return re.sub(r"<annotation.*?</annotation>|</?semantics>|</?math[^>]*>", "", text)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\mathbf{w}", "<mi>𝐰</mi>"),
        (r"\boldsymbol{\theta}", "<mi>𝜽</mi>"),
        (r"\mathbf{0}", "<mn>𝟎</mn>"),
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        (r"\mathrm{ReLU}", "<mi>ReLU</mi>"),
        (r"\mathrm{d}x", '<mi mathvariant="normal">d</mi><mi>x</mi>'),
        (r"\Sigma", '<mi mathvariant="normal">Σ</mi>'),
        (r"10\,000", "<mn>10\u2009000</mn>"),
        (r"1{,}068", "<mn>1,068</mn>"),
        (r"-1", '<mo form="prefix">−</mo><mn>1</mn>'),
        (r"\log p", '<mi>log</mi><mo>\u2061</mo><mspace width="0.167em" /><mi>p</mi>'),
        (r"\log(p)", "<mi>log</mi><mo>\u2061</mo>"),
        (r"\operatorname{softmax}(z)", "<mi>softmax</mi><mo>\u2061</mo>"),
        (r"\hat{y}", '<mover accent="true"><mi>y</mi>'),
        (r"|x|", '<mo stretchy="false" form="prefix" lspace="0" rspace="0">|</mo>'),
        (r"x^{-1}", '<mo form="prefix" lspace="0" rspace="0">−</mo>'),
        (r"\sqrt{k}", '<mspace width="0" height="0.72em" depth="0.12em" />'),
    ],
)
def test_what_is_mended(latex, expected):
    assert expected in body(latex)


@pytest.mark.parametrize("latex", [r"\max_i x_i", r"\argmax_k z_k", r"\operatorname*{arg\,min}_w L"])
def test_limits_stand_below_in_a_displayed_formula_only(latex):
    assert "<munder>" in body(latex, display=True)
    assert "<munder>" not in body(latex, display=False)


@pytest.mark.parametrize("environment", ["aligned", "align", "align*", "split"])
def test_aligned_lines_are_a_table_without_numbers_of_its_own(environment):
    out = body(rf"\begin{{{environment}}} a &= b \\ c &= d \end{{{environment}}}", display=True)
    assert 'class="gt-align"' in out
    assert out.count("<mtr>") == 2
    assert "(1)" not in out


def test_lines_of_a_displayed_formula_without_an_environment_are_aligned():
    assert body(r"a &= b \\ c &= d", display=True).count("<mtr>") == 2


def test_cells_of_cases_stand_at_the_left():
    assert body(r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}").count('class="gt-left"') == 3


def test_a_label_is_no_part_of_the_formula():
    assert "label" not in body(r"a = b \label{eq:one}", display=True)


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"\undefinedcommand x", "unknown command"),
        (r"\frac{1}", "lacks an argument"),
        (r"a & b", "stray &"),
        (r"a \\ b", "line break"),
        (r"\cancel{x}", "menclose"),
        (r"\left( x", "Left"),
        (r"\begin{nothing} x \end{nothing}", "unknown environment nothing"),
        ("", "empty"),
    ],
)
def test_what_is_refused(latex, reason):
    with pytest.raises(MathError, match=re.escape(reason)):
        to_mathml(latex)


@pytest.mark.parametrize("display", [False, True])
def test_only_elements_of_mathml_core_with_all_their_children(display):
    latex = (
        r"\hat{\mathbf y} = \operatorname{softmax}\left(\frac{\mathbf W^\top \mathbf x}{\sqrt{d}}\right), \quad"
        r"\sum_{i=1}^{N} \lVert x_i \rVert_2^2 \le \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"
    )
    for element in ET.fromstring(to_mathml(latex, display)).iter():
        assert element.tag in KNOWN | {"semantics", "annotation"}
        assert len(element) == ARITY.get(element.tag, len(element))
        assert element.get("mathvariant") in (None, "normal")


def test_the_source_is_kept_as_an_annotation():
    assert '<annotation encoding="application/x-tex">x &lt; y</annotation>' in to_mathml("x < y")


@pytest.mark.parametrize(
    ("behind", "held", "left"),
    [(", and", ",", " and"), (".)", ".)", ""), (" and", None, " and"), ("-fold", None, "-fold")],
)
def test_punctuation_stays_with_its_formula(behind, held, left):
    document = new_document("page", get_default_settings())
    formula, text = nodes.math("", "x"), nodes.Text(behind)
    document += nodes.paragraph("", "", formula, text)
    HoldPunctuation(document).run()
    assert formula.get("behind") == held
    assert document.astext() == "x" + left


def test_a_formula_at_the_end_of_its_paragraph_holds_nothing():
    document = new_document("page", get_default_settings())
    document += nodes.paragraph("", "", nodes.math("", "x"))
    HoldPunctuation(document).run()
    assert "behind" not in document[0][0]
