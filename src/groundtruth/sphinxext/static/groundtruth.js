/* What a page does beyond being read: evidence in a popover, figures in stages, facts of the build, keys for
   boxes that scroll. A classic script, so that it runs from a folder on disk; the page works without it. */
(function () {
  "use strict";

  var article = document.getElementById("furo-main-content") || document.body;

  function make(tag, className, text) {
    var element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function each(selector, action, root) {
    Array.prototype.forEach.call((root || document).querySelectorAll(selector), action);
  }

  /* --- facts of the build: kept in one small script, so that a new commit does not rewrite every page ---- */

  function fillFacts() {
    var facts = window.GROUNDTRUTH_BUILD;
    if (!facts) return;
    each("[data-build]", function (place) {
      var value = facts[place.getAttribute("data-build")];
      if (value !== undefined && value !== null) place.textContent = String(value);
    });
    each(".gt-built[hidden]", function (line) {
      line.hidden = false;
    });
  }

  /* --- evidence -------------------------------------------------------------------------------------------- */

  var open = null; /* {mark, box, pinned} */
  var timer = 0;

  function evidenceOf(mark) {
    var href = mark.getAttribute("href") || "";
    return href.charAt(0) === "#" ? document.getElementById(decodeURIComponent(href.slice(1))) : null;
  }

  function close(refocus) {
    window.clearTimeout(timer);
    if (!open) return;
    var mark = open.mark;
    open.box.remove();
    mark.setAttribute("aria-expanded", "false");
    open = null;
    if (refocus) mark.focus();
  }

  function place(mark, box) {
    var frame = article.getBoundingClientRect();
    var at = mark.getBoundingClientRect();
    var left = at.left + at.width / 2 - box.offsetWidth / 2 - frame.left;
    box.style.left = Math.max(0, Math.min(left, frame.width - box.offsetWidth)) + "px";
    var below = at.bottom - frame.top + 8;
    var above = at.top - frame.top - box.offsetHeight - 8;
    var fitsBelow = at.bottom + box.offsetHeight + 16 < window.innerHeight;
    var fitsAbove = at.top - box.offsetHeight - 16 > 48;
    box.style.top = (fitsBelow || !fitsAbove ? below : above) + "px";
  }

  function show(mark, pinned) {
    var source = evidenceOf(mark);
    if (!source) return;
    if (open && open.mark === mark) {
      open.pinned = open.pinned || pinned;
      if (pinned) open.box.focus({ preventScroll: true });
      return;
    }
    close(false);
    var box = make("div", "gt-pop " + source.className.replace("gt-evidence", ""));
    var title = make("p", "gt-pop-title");
    var summary = source.querySelector("summary");
    if (summary) title.innerHTML = summary.innerHTML;
    var body = source.querySelector(".gt-evidence-body");
    var copy = body ? body.cloneNode(true) : make("p");
    each("[id]", function (element) { element.removeAttribute("id"); }, copy);
    var quit = make("button", "gt-pop-close", "×");
    quit.type = "button";
    quit.setAttribute("aria-label", "Close the evidence");
    quit.addEventListener("click", function () { close(true); });
    var more = make("p", "gt-pop-more");
    var link = make("a", "", "All the evidence of this page");
    link.href = mark.getAttribute("href");
    link.addEventListener("click", function () { close(false); });
    more.appendChild(link);
    box.append(title, copy, more, quit);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", "Evidence");
    box.tabIndex = -1;
    box.addEventListener("mouseenter", function () { window.clearTimeout(timer); });
    box.addEventListener("mouseleave", leave);
    article.appendChild(box);
    place(mark, box);
    mark.setAttribute("aria-expanded", "true");
    open = { mark: mark, box: box, pinned: pinned };
    if (pinned) box.focus({ preventScroll: true });
  }

  function leave() {
    window.clearTimeout(timer);
    if (open && !open.pinned) timer = window.setTimeout(function () { close(false); }, 250);
  }

  function prepareMark(mark) {
    if (!evidenceOf(mark)) return; /* the evidence is on another page: an ordinary link */
    mark.setAttribute("role", "button");
    mark.setAttribute("aria-haspopup", "dialog");
    mark.setAttribute("aria-expanded", "false");
    mark.addEventListener("click", function (event) {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      if (open && open.mark === mark && open.pinned) close(true);
      else show(mark, true);
    });
    mark.addEventListener("keydown", function (event) {
      if (event.key === " ") {
        event.preventDefault();
        show(mark, true);
      }
    });
    mark.addEventListener("pointerenter", function (event) {
      if (event.pointerType !== "mouse" || (open && open.pinned)) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(function () { show(mark, false); }, 300);
    });
    mark.addEventListener("pointerleave", leave);
  }

  function openTarget() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  }

  /* --- figures in stages ---------------------------------------------------------------------------------------- */

  function prepareStages(figure) {
    var stages = figure.querySelectorAll(".gt-stage");
    var frame = figure.querySelector(".gt-stages");
    if (!frame || stages.length < 2) return;
    var now = 0;
    var controls = make("div", "gt-controls");
    var back = make("button", "", "← Back");
    var next = make("button", "", "Next →");
    var status = make("span", "gt-status");
    back.type = next.type = "button";
    back.setAttribute("aria-label", "Previous stage");
    next.setAttribute("aria-label", "Next stage");
    status.setAttribute("aria-live", "polite");
    controls.append(back, status, next);
    frame.after(controls);
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", "Figure in " + stages.length + " stages, arrow keys turn them");

    function go(to) {
      now = Math.max(0, Math.min(to, stages.length - 1));
      Array.prototype.forEach.call(stages, function (stage, index) {
        stage.classList.toggle("gt-now", index === now);
      });
      back.setAttribute("aria-disabled", String(now === 0));
      next.setAttribute("aria-disabled", String(now === stages.length - 1));
      status.textContent = "Stage " + (now + 1) + " of " + stages.length;
    }

    back.addEventListener("click", function () { go(now - 1); });
    next.addEventListener("click", function () { go(now + 1); });
    figure.addEventListener("keydown", function (event) {
      var to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: stages.length - 1 }[event.key];
      if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      go(to);
    });
    var start = null;
    frame.addEventListener("touchstart", function (event) {
      start = event.touches.length === 1 ? event.touches[0] : null;
    }, { passive: true });
    frame.addEventListener("touchend", function (event) {
      if (!start) return;
      var moved = event.changedTouches[0].clientX - start.clientX;
      var drift = Math.abs(event.changedTouches[0].clientY - start.clientY);
      if (Math.abs(moved) > 40 && drift < 40) go(now + (moved < 0 ? 1 : -1));
      start = null;
    }, { passive: true });
    go(0);
    figure.classList.add("gt-steps");
  }

  /* --- boxes that scroll sideways can be reached by keyboard ------------------------------------------------------- */

  var SCROLLERS = "pre, .table-wrapper, .gt-formula, .gt-evidence-body, .cell_output .output";

  function reachScrollers() {
    each("article span.math", function (formula) {
      formula.classList.remove("gt-wide");
      var line = formula.closest("p, li, td, dd, figcaption, summary") || article;
      if (formula.getBoundingClientRect().width > line.clientWidth) formula.classList.add("gt-wide");
    });
    each(SCROLLERS + ", .gt-wide", function (box) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else if (box.getAttribute("tabindex") === "0") box.removeAttribute("tabindex");
    }, article);
  }

  /* --- the theme's drawers: Escape closes them, a link in them too --------------------------------------------------- */

  function closeDrawers() {
    each(".sidebar-toggle", function (toggle) { if (toggle.checked) toggle.click(); });
  }

  /* --- start ------------------------------------------------------------------------------------------------------------ */

  function start() {
    fillFacts();
    each("a.gt-mark", prepareMark);
    each("figure.gt-stepped", prepareStages);
    each(".toc-drawer a, .sidebar-tree a", function (link) { link.addEventListener("click", closeDrawers); });
    reachScrollers();
    openTarget();
    window.addEventListener("hashchange", openTarget);
    window.addEventListener("resize", function () {
      reachScrollers();
      if (open) place(open.mark, open.box);
    });
    window.addEventListener("load", reachScrollers);
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      if (open) close(open.pinned || open.mark === document.activeElement);
      else closeDrawers();
    });
    document.addEventListener("click", function (event) {
      if (open && !open.box.contains(event.target) && !open.mark.contains(event.target)) close(false);
    });
    document.addEventListener("focusin", function (event) {
      if (open && open.pinned && !open.box.contains(event.target) && event.target !== open.mark) close(false);
    });
  }

  article = document.getElementById("furo-main-content") || document.body;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
