/* The search page: ranks sections, glossary terms and references of the book, in the browser and without a server.
   MiniSearch (minisearch.js) finds and weighs words; here is what a reader means by them. The book's words come from
   search-data.js, which is loaded once somebody searches. A classic script, so that it runs from a folder on disk. */
(function () {
  "use strict";

  var SHOWN = 30;
  /* A whole chapter before its sections, and those before what is only cited. */
  var KINDS = {
    chapter: { weight: 1.5, name: "Chapter" },
    term: { weight: 1.3, name: "Glossary" },
    page: { weight: 0.9, name: "Page" },
    section: { weight: 1, name: "Section" },
    module: { weight: 0.4, name: "The package" },
    reference: { weight: 0.35, name: "Reference" },
  };
  /* Besides the stop words of Sphinx: what questions are made of. */
  var ASKED = ("what why how when which who where do does did can could should would i my me you your we our it its " +
    "a an the is are was were be am of in on to for from and or not with too very much many explain explained " +
    "meaning define definition mean means about between difference work works use used using").split(" ");

  var root = document.documentElement.getAttribute("data-content_root") || "./";
  var field = document.getElementById("gt-search-field");
  var list = document.getElementById("gt-search-list");
  var status = document.getElementById("gt-search-status");
  var engine = null;
  var entries = [];
  var aliases = {};
  var waiting = null;

  function make(tag, className, text) {
    var element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  /* --- words --------------------------------------------------------------------------------------------------- */

  var stems = Object.create(null);
  var stemmer = typeof Stemmer === "function" ? new Stemmer() : null;

  function words(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f’']/g, "").split(/[^a-z0-9_]+/).filter(Boolean);
  }

  /* One spelling for British and American words, then the stem; nothing for words that mean nothing here. */
  function stem(word) {
    if (word in stems) return stems[word];
    var one = word.replace(/is(ation|ations|e|ed|er|ers|es|ing)$/, "iz$1").replace(/our(s|ed|ing|al)?$/, "or$1");
    var dull = ASKED.indexOf(word) >= 0 || (word.length < 2 && !/[0-9a-z]/.test(word));
    return (stems[word] = dull ? null : stemmer ? stemmer.stemWord(one) : one);
  }

  function stemsOf(text) {
    return words(text).map(stem).filter(Boolean);
  }

  /* --- ranking --------------------------------------------------------------------------------------------------- */

  function start(data) {
    entries = data.entries.map(function (entry, id) {
      return { id: id, url: entry.url, page: entry.page, kind: entry.kind, title: entry.title, text: entry.text };
    });
    Object.keys(data.aliases).forEach(function (name) {
      aliases[words(name).join(" ")] = data.aliases[name];
    });
    engine = new window.MiniSearch({
      fields: ["title", "page", "text"],
      tokenize: words,
      processTerm: stem,
      searchOptions: {
        boost: { title: 4, page: 1.5 },
        fuzzy: function (term) { return term.length > 4 ? 0.2 : false; },
        prefix: function (term, position, terms) { return position === terms.length - 1 && term.length > 2; },
        weights: { fuzzy: 0.2, prefix: 0.3 },
        boostDocument: function (id) { return KINDS[entries[id].kind].weight; },
      },
    });
    engine.addAll(entries);
  }

  /* The words that the book uses for what was typed. */
  function otherWords(query) {
    var text = " " + words(query).join(" ") + " ";
    return Object.keys(aliases).filter(function (name) { return text.indexOf(" " + name + " ") >= 0; })
      .map(function (name) { return aliases[name]; });
  }

  /* How much of a title is asked for, and how much of the question is in it: 1 if they are the same words. */
  function likeness(title, wanted) {
    var have = stemsOf(title);
    if (!have.length || !wanted.length) return 0;
    var same = wanted.filter(function (one) { return have.indexOf(one) >= 0; }).length;
    return same / (have.length + wanted.length - same);
  }

  /* The query with the nearest words of the book in place of those that it does not have; null if it has them all. */
  function meant(query) {
    var changed = false;
    var exact = { fuzzy: false, prefix: false };
    var known = otherWords(query).length > 0;
    var put = words(query).map(function (word, position, all) {
      var one = stem(word);
      if (known || !one || engine.search(word, exact).length) return word;
      if (position === all.length - 1 && engine.search(word, { fuzzy: false }).length) return word; /* not yet typed out */
      var hit = engine.search(word)[0];
      if (!hit) return word;
      var near = hit.terms.filter(function (term) { return term !== one; });
      var text = entries[hit.id].title + " " + entries[hit.id].page + " " + entries[hit.id].text;
      var found = words(text).filter(function (other) { return near.indexOf(stem(other)) >= 0; })[0];
      changed = changed || Boolean(found);
      return found || word;
    });
    return changed ? put.join(" ") : null;
  }

  function find(query) {
    var wanted = stemsOf(query).filter(function (one, i, all) { return all.indexOf(one) === i; });
    if (!wanted.length) return [];
    var scores = {};
    engine.search(query).forEach(function (hit) {
      var covered = hit.queryTerms.filter(function (one, i, all) { return all.indexOf(one) === i; }).length;
      scores[hit.id] = hit.score * Math.pow(covered / wanted.length, 2);
    });
    otherWords(query).forEach(function (other) {
      var also = stemsOf(other);
      engine.search(other, { fuzzy: false, prefix: false }).forEach(function (hit) {
        var share = Math.pow(hit.queryTerms.length / also.length, 2);
        var score = hit.score * share * (1 + 2 * likeness(entries[hit.id].title, also));
        scores[hit.id] = Math.max(scores[hit.id] || 0, 0) + 0.8 * score;
      });
    });
    return Object.keys(scores).map(function (id) {
      var entry = entries[id];
      return { entry: entry, score: scores[id] * (1 + 4 * Math.pow(likeness(entry.title, wanted), 2)) };
    }).sort(function (one, other) { return other.score - one.score || one.entry.id - other.entry.id; });
  }

  /* --- showing ------------------------------------------------------------------------------------------------------ */

  /* The stretch of the text with most of the words, and those marked. */
  function excerpt(text, wanted) {
    var line = make("p", "gt-hit-text");
    var found = [];
    var pattern = /[A-Za-z0-9_\u00c0-\u024f]+/g;
    var match;
    while ((match = pattern.exec(text))) {
      if (wanted.indexOf(stem(match[0].toLowerCase())) >= 0) found.push([match.index, match[0].length]);
    }
    var from = 0;
    var best = 0;
    found.forEach(function (place, i) {
      var count = 0;
      for (var j = i; j < found.length && found[j][0] < place[0] + 180; j++) count++;
      if (count > best) {
        best = count;
        from = place[0];
      }
    });
    from = from > 60 ? text.indexOf(" ", from - 50) + 1 : 0;
    var to = text.length - from > 220 ? text.lastIndexOf(" ", from + 220) : text.length;
    var at = from;
    if (from) line.append("… ");
    found.forEach(function (place) {
      if (place[0] < from || place[0] + place[1] > to) return;
      line.append(text.slice(at, place[0]), make("mark", "", text.substr(place[0], place[1])));
      at = place[0] + place[1];
    });
    line.append(text.slice(at, to));
    if (to < text.length) line.append(" …");
    return line;
  }

  function show(query) {
    list.textContent = "";
    if (!query.trim()) {
      status.textContent = "";
      return;
    }
    var hits = find(query);
    var other = hits.length ? meant(query) : null;
    var wanted = stemsOf([query, other || ""].concat(otherWords(query)).join(" "));
    status.textContent = (other ? "Showing results for “" + other + "”. " : "") + (hits.length === 0 ? "Nothing was found. Try other words, or fewer." :
      hits.length === 1 ? "One place was found." :
      hits.length > SHOWN ? "Here are the " + SHOWN + " best places." :
      hits.length + " places were found.");
    hits.slice(0, SHOWN).forEach(function (hit) {
      var entry = hit.entry;
      var item = make("li");
      var link = make("a", "", entry.title);
      link.href = root + entry.url;
      var where = entry.kind === "section" || entry.kind === "module" ? entry.page : KINDS[entry.kind].name;
      var head = make("p", "gt-hit");
      head.append(link, " ", make("span", "gt-hit-where", where));
      item.append(head);
      if (entry.text) item.append(excerpt(entry.text, wanted));
      list.append(item);
    });
  }

  /* --- start ----------------------------------------------------------------------------------------------------------- */

  function load(name, done) {
    var script = make("script");
    script.src = root + "_static/" + name;
    script.onload = done;
    script.onerror = function () { status.textContent = "The search could not be loaded: " + name + " is missing."; };
    document.head.append(script);
  }

  function search() {
    var query = field.value;
    if (engine) return show(query);
    if (!query.trim()) return show("");
    if (waiting) return;
    waiting = true;
    status.textContent = "Searching …";
    load("minisearch.js", function () {
      load("search-data.js", function () {
        start(window.GROUNDTRUTH_SEARCH);
        search();
      });
    });
  }

  field.form.addEventListener("submit", function (event) {
    event.preventDefault();
    history.replaceState(null, "", "?q=" + encodeURIComponent(field.value));
    search();
  });
  var pause = 0;
  field.addEventListener("input", function () {
    window.clearTimeout(pause);
    pause = window.setTimeout(search, 150);
  });
  field.value = new URLSearchParams(location.search).get("q") || "";
  window.GROUNDTRUTH_FIND = function (query) { return find(query).map(function (hit) { return hit.entry; }); };
  search();
})();
