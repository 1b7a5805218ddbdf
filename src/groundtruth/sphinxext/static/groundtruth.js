/* What a page does beyond being read: evidence, terms and citations in a popover, figures in stages, facts of the
   build, keys for boxes that scroll. A classic script, so that it runs from a folder on disk; the page works without it. */
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
  var quiet = false; /* the focus comes back to a mark whose popover was closed: do not open it again */

  function evidenceOf(mark) {
    var href = mark.getAttribute("href") || "";
    return href.charAt(0) === "#" ? document.getElementById(decodeURIComponent(href.slice(1))) : null;
  }

  function close(refocus) {
    window.clearTimeout(timer);
    if (!open) return;
    var mark = open.mark;
    open.box.remove();
    if (mark.hasAttribute("aria-expanded")) mark.setAttribute("aria-expanded", "false");
    mark.removeAttribute("aria-describedby");
    open = null;
    quiet = true;
    if (refocus) mark.focus();
    quiet = false;
  }

  function place(mark, box) {
    var frame = article.getBoundingClientRect();
    var at = mark.getClientRects()[0] || mark.getBoundingClientRect(); /* a link may run over two lines */
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
    whenPointedAt(mark, function () { show(mark, false); });
  }

  /* A mouse that rests on it, and the focus of the keyboard. A finger is another matter: it has no way to rest. */
  function whenPointedAt(mark, action) {
    mark.addEventListener("pointerenter", function (event) {
      if (event.pointerType !== "mouse" || (open && open.pinned)) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(action, 300);
    });
    mark.addEventListener("pointerleave", leave);
    mark.addEventListener("focus", function () {
      if (!quiet && mark.matches(":focus-visible")) action();
    });
    mark.addEventListener("blur", function (event) {
      if (open && open.mark === mark && !open.pinned && !open.box.contains(event.relatedTarget)) close(false);
    });
  }

  /* --- terms and citations: what they say, beside the link. Without it they are plain links ---------------------- */

  var NOTED = 'a.reference.internal[href*="#term-"], .bibtex-citation a.reference.internal';
  var root = new URL(document.documentElement.getAttribute("data-content_root") || "./", location.href).href;
  var asked = null; /* what waits for the notes to be loaded */

  function withNotes(action) {
    if (window.GROUNDTRUTH_NOTES) return action(window.GROUNDTRUTH_NOTES);
    var loading = asked !== null;
    asked = action;
    if (loading) return;
    var script = make("script");
    script.src = root + "_static/notes.js";
    script.onload = function () { asked(window.GROUNDTRUTH_NOTES || {}); };
    script.onerror = function () {
      var action = asked;
      asked = null;
      action({});
    };
    document.head.append(script);
  }

  function showNote(link, pinned) {
    withNotes(function (notes) {
      var key = link.href.indexOf(root) === 0 ? decodeURIComponent(link.href.slice(root.length)) : "";
      if (!notes[key]) {
        if (pinned) location.assign(link.href); /* nothing to show: the tap was meant for the link */
        return;
      }
      if (open && open.mark === link) return;
      if (!pinned && !link.matches(":hover, :focus")) return; /* the reader is elsewhere by now */
      close(false);
      var box = make("div", "gt-pop gt-note");
      var body = make("div", "gt-note-body");
      body.innerHTML = notes[key];
      each("a[href]", function (inner) { /* they are relative to the page that they come from */
        inner.href = new URL(inner.getAttribute("href"), link.href).href;
      }, body);
      body.id = "gt-note-text";
      box.append(body);
      if (pinned) {
        var more = make("p", "gt-pop-more");
        var away = make("a", "", link.matches('[href*="#term-"]') ? "In the glossary" : "In the bibliography");
        away.href = link.href;
        away.addEventListener("click", function () { close(false); });
        more.append(away);
        var quit = make("button", "gt-pop-close", "×");
        quit.type = "button";
        quit.setAttribute("aria-label", "Close the note");
        quit.addEventListener("click", function () { close(true); });
        box.append(more, quit);
        box.setAttribute("role", "dialog");
        box.setAttribute("aria-label", link.textContent);
        box.tabIndex = -1;
      } else {
        box.setAttribute("role", "tooltip");
      }
      box.addEventListener("mouseenter", function () { window.clearTimeout(timer); });
      box.addEventListener("mouseleave", leave);
      article.append(box);
      place(link, box);
      link.setAttribute("aria-describedby", "gt-note-text");
      open = { mark: link, box: box, pinned: pinned };
      if (pinned) box.focus({ preventScroll: true });
    });
  }

  function prepareNote(link) {
    if (link.closest("dl.glossary, .citation-list")) return;
    link.removeAttribute("title"); /* the browser's own, smaller note */
    whenPointedAt(link, function () { showNote(link, false); });
    var finger = false;
    link.addEventListener("pointerdown", function (event) { finger = event.pointerType === "touch"; });
    link.addEventListener("click", function (event) {
      if (!finger || (open && open.mark === link)) return; /* a mouse and Enter follow the link, and so does a second tap */
      event.preventDefault();
      showNote(link, true);
    });
  }

  /* --- where the reader is: in place of the theme's script, which measures every section while the page loads ---- */

  function followReader(tree) {
    if (!window.IntersectionObserver) return;
    var links = {};
    var crossing = [];
    each('a[href^="#"]', function (link) {
      var id = decodeURIComponent(link.hash.slice(1));
      if (id) links[id] = link;
    }, tree);
    var line = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        crossing = crossing.filter(function (section) { return section !== entry.target; });
        if (entry.isIntersecting) crossing.push(entry.target);
      });
      var inner = crossing.filter(function (one) {
        return !crossing.some(function (other) { return other !== one && one.contains(other); });
      })[0];
      each("li", function (item) { item.classList.remove("scroll-current"); }, tree);
      each("a[aria-current]", function (link) { link.removeAttribute("aria-current"); }, tree);
      if (!inner) return;
      var now = links[inner.id];
      now.setAttribute("aria-current", "true");
      for (var item = now.closest("li"); item && tree.contains(item); item = item.parentElement.closest("li")) {
        item.classList.add("scroll-current");
      }
      var frame = tree.closest(".gt-toc-scroll");
      if (!frame || !frame.offsetHeight) return;
      var away = now.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 2;
      if (Math.abs(away) > frame.clientHeight / 3) frame.scrollTop += away;
    }, { rootMargin: "-20% 0px -79% 0px" });
    Object.keys(links).forEach(function (id) {
      var section = document.getElementById(id);
      if (section) line.observe(section);
    });
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
    back.setAttribute("aria-label", "Back to the previous stage"); /* it begins with what is seen, and said aloud */
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

  /* Measuring a box lays out everything around it, which a long page cannot afford while it loads. So boxes are
     measured when they come near the window, bit by bit while the browser idles, and all that are left before the Tab
     key is used, again after each change of the window. */
  function measure(box) {
    if (box.matches("span.math")) {
      box.classList.remove("gt-wide");
      var line = box.closest("p, li, td, dd, figcaption, summary") || article;
      if (box.getBoundingClientRect().width > line.clientWidth) box.classList.add("gt-wide");
      if (!box.classList.contains("gt-wide")) return box.removeAttribute("tabindex");
    }
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else if (box.getAttribute("tabindex") === "0") box.removeAttribute("tabindex");
  }

  var near = null;

  function reachScrollers() {
    if (!window.IntersectionObserver) return reachAll();
    if (near) near.disconnect();
    near = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) return;
        near.unobserve(entry.target);
        measure(entry.target);
      });
    }, { rootMargin: "50% 0px" });
    each("span.math, " + SCROLLERS, function (box) { near.observe(box); }, article);
    document.addEventListener("keydown", beforeTab, true);
    if (document.readyState === "complete") reachIdly();
  }

  function beforeTab(event) {
    if (event.key !== "Tab") return;
    document.removeEventListener("keydown", beforeTab, true);
    reachAll();
  }

  var idle = 0;

  function reachIdly() {
    if (!window.requestIdleCallback) return;
    window.cancelIdleCallback(idle);
    var left = Array.prototype.slice.call(article.querySelectorAll(SCROLLERS));
    idle = window.requestIdleCallback(function some(rest) {
      while (left.length && rest.timeRemaining() > 3) measure(left.shift());
      if (left.length) idle = window.requestIdleCallback(some);
    });
  }

  function reachAll() {
    each("span.math, " + SCROLLERS, measure, article);
  }

  /* --- the theme's drawers: the focus goes into them; Escape closes them, a link in them too, and so does leaving them -- */

  var DRAWERS = { __navigation: ".sidebar-drawer", __toc: ".toc-drawer" };

  function closeDrawers() {
    each(".sidebar-toggle", function (toggle) { if (toggle.checked) toggle.click(); });
  }

  function prepareDrawer(toggle) {
    var drawer = document.querySelector(DRAWERS[toggle.id]);
    if (!drawer) return;
    toggle.setAttribute("aria-expanded", String(toggle.checked));
    toggle.addEventListener("change", function () {
      toggle.setAttribute("aria-expanded", String(toggle.checked));
      if (getComputedStyle(toggle).display === "none") return; /* the window is wide, and there is no drawer */
      if (toggle.checked) enter(10);
      else if (drawer.contains(document.activeElement) || document.activeElement === document.body) {
        toggle.focus({ preventScroll: true });
      }
    });

    function enter(tries) { /* a drawer that moves in takes a moment before it can be focused */
      var links = Array.prototype.filter.call(drawer.querySelectorAll("a[href]"), function (link) {
        return link.getClientRects().length > 0; /* the theme hides some */
      });
      var first = links.filter(function (link) { return link.hasAttribute("aria-current"); })[0] || links[0];
      if (!toggle.checked || !first) return;
      first.focus({ preventScroll: !first.matches(".sidebar-tree a") });
      if (document.activeElement !== first && tries) window.setTimeout(function () { enter(tries - 1); }, 40);
    }

    document.addEventListener("focusin", function (event) { /* nothing below the cover is to be walked through */
      if (!toggle.checked || event.target === toggle || drawer.contains(event.target)) return;
      if (getComputedStyle(toggle).display !== "none") toggle.click();
    });
  }

  /* --- start ------------------------------------------------------------------------------------------------------------ */

  function start() {
    fillFacts();
    each("a.gt-mark", prepareMark);
    each(NOTED, prepareNote, article);
    each(".toc-tree", followReader);
    each("figure.gt-stepped", prepareStages);
    each(".sidebar-toggle", prepareDrawer);
    each("pre", function (listing) { /* on paper a short one stays whole */
      if (listing.textContent.split("\n").length <= 26) listing.classList.add("gt-short");
    }, article);
    each(".toc-drawer a, .sidebar-tree a", function (link) { link.addEventListener("click", closeDrawers); });
    reachScrollers();
    openTarget();
    window.addEventListener("hashchange", openTarget);
    window.addEventListener("resize", function () {
      reachScrollers();
      if (open) place(open.mark, open.box);
    });
    window.addEventListener("load", reachIdly);
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
