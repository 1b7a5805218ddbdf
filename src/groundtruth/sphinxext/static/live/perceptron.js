/* Points to drag, and a perceptron that learns to part them: one update at a time, with the mistakes so far beside
   Novikoff's bound on them.

   Data: range (2 × 2), sets [{name, points (N, 3): x, y, label}], chosen (index). */
(function () {
  "use strict";

  function answer(unit, point) {
    return unit.w[0] * point[0] + unit.w[1] * point[1] + unit.b > 0 ? 1 : 0;
  }

  /* Go through the examples from where the last step ended to the next mistake, and correct it. Returns the index of
     that example, or −1 after a whole pass without a mistake. */
  function step(unit, points) {
    for (var tried = 0; tried < points.length; tried++) {
      var i = unit.next % points.length, point = points[i], correction = point[2] - answer(unit, point);
      unit.next = i + 1;
      if (correction !== 0) {
        unit.before = unit.w[0] * point[0] + unit.w[1] * point[1] + unit.b;
        unit.w = [unit.w[0] + correction * point[0], unit.w[1] + correction * point[1]];
        unit.b += correction;
        unit.mistakes += 1;
        return i;
      }
    }
    return -1;
  }

  function fresh() { return { w: [0, 0], b: 0, next: 0, mistakes: 0, before: 0 }; }

  function dot(a, b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

  /* The point nearest to the origin in the plane, line or point through these vectors, as shares that add up to one;
     null where the vectors do not span one. Solves Σⱼ (zᵢ · zⱼ) λⱼ = m for all i, with Σ λ = 1, by elimination. */
  function nearest(vectors) {
    var n = vectors.length, rows = [];
    for (var i = 0; i < n; i++) {
      var row = vectors.map(function (other) { return dot(vectors[i], other); });
      row.push(-1, 0);
      rows.push(row);
    }
    rows.push(new Array(n).fill(1).concat([0, 1]));
    for (var c = 0; c <= n; c++) {
      var best = c;
      for (var r = c; r <= n; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[best][c])) best = r;
      if (Math.abs(rows[best][c]) < 1e-12) return null;
      var swap = rows[c]; rows[c] = rows[best]; rows[best] = swap;
      for (r = 0; r <= n; r++) {
        if (r === c) continue;
        var times = rows[r][c] / rows[c][c];
        for (var k = c; k <= n + 1; k++) rows[r][k] -= times * rows[c][k];
      }
    }
    return rows.slice(0, n).map(function (row, j) { return row[n + 1] / row[j]; });
  }

  /* Novikoff's bound (R/γ)² with the largest γ, or null where no line parts the points. γ is the distance from the origin
     to the hull of the vectors s (x, y, 1), and the nearest point lies on a corner, an edge or a face of it. */
  function bound(points) {
    var signed = points.map(function (p) {
      var s = 2 * p[2] - 1;
      return [s * p[0], s * p[1], s];
    });
    var radius = Math.sqrt(Math.max.apply(null, signed.map(function (z) { return dot(z, z); })));
    var n = signed.length, found = null;

    function attempt(chosen) {
      var vectors = chosen.map(function (i) { return signed[i]; }), shares = nearest(vectors);
      if (!shares || shares.some(function (share) { return share < -1e-12; })) return;
      var at = [0, 0, 0];
      shares.forEach(function (share, j) { at = at.map(function (value, d) { return value + share * vectors[j][d]; }); });
      var square = dot(at, at);
      if (square < 1e-12) return;
      if (signed.some(function (z) { return dot(at, z) < square * (1 - 1e-9); })) return;
      found = { gamma: Math.sqrt(square), direction: at };
    }

    for (var i = 0; i < n && !found; i++) {
      attempt([i]);
      for (var j = i + 1; j < n && !found; j++) {
        attempt([i, j]);
        for (var k = j + 1; k < n && !found; k++) attempt([i, j, k]);
      }
    }
    if (!found) return null;
    return { radius: radius, gamma: found.gamma, mistakes: Math.pow(radius / found.gamma, 2) };
  }

  /* --- the figure --- */

  var SIZE = 420, PAD = 34, ENOUGH = 5000;

  function begin(box, data, tools) {
    var make = tools.make, range = data.range, points, unit, limit;
    var tell = tools.teller();

    function x(value) { return PAD + ((value - range[0][0]) / (range[0][1] - range[0][0])) * (SIZE - PAD - 10); }
    function y(value) { return 10 + ((range[1][1] - value) / (range[1][1] - range[1][0])) * (SIZE - PAD - 10); }

    var plot = make("svg", { viewBox: "0 0 " + SIZE + " " + SIZE, role: "group", "class": "gt-live-plot gt-live-plane",
      "aria-label": "Points and the line of the perceptron" });
    var half = make("polygon", { "class": "gt-live-half" }), line = make("polyline", { "class": "gt-live-line" });
    var frame = make("rect", { x: PAD, y: 10, width: SIZE - PAD - 10, height: SIZE - PAD - 10, "class": "gt-live-axis" });
    var marks = make("g", {});
    plot.append(half, frame, line, marks);
    [-2, -1, 0, 1, 2].forEach(function (at) {
      if (at < range[0][0] || at > range[0][1]) return;
      plot.append(make("text", { x: x(at), y: SIZE - 12, "text-anchor": "middle" }, tools.fixed(at, 0)));
      plot.append(make("text", { x: PAD - 8, y: y(at) + 4, "text-anchor": "end" }, tools.fixed(at, 0)));
    });

    /* the part of the square in which the score is above zero, and its border */
    function halfPlane() {
      var corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(function (c) { return [range[0][c[0]], range[1][c[1]]]; });
      var score = function (p) { return unit.w[0] * p[0] + unit.w[1] * p[1] + unit.b; };
      var inside = [], border = [];
      corners.forEach(function (p, i) {
        var q = corners[(i + 1) % 4], a = score(p), b = score(q);
        if (a > 0) inside.push(p);
        if (a > 0 !== b > 0 && a !== b) {
          var t = a / (a - b), cut = [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])];
          inside.push(cut);
          border.push(cut);
        }
      });
      var text = function (list) { return list.map(function (p) { return x(p[0]).toFixed(1) + "," + y(p[1]).toFixed(1); }).join(" "); };
      half.setAttribute("points", text(inside));
      line.setAttribute("points", text(border));
    }

    /* --- points --- */

    function named(i) {
      var p = points[i];
      return "Point " + (i + 1) + ", label " + p[2] + ", at " + tools.fixed(p[0], 1) + ", " + tools.fixed(p[1], 1);
    }

    function shape(i) {
      var p = points[i], group = marks.children[i];
      group.setAttribute("transform", "translate(" + x(p[0]).toFixed(1) + " " + y(p[1]).toFixed(1) + ")");
      group.setAttribute("class", "gt-live-point gt-live-label-" + p[2] + (answer(unit, p) === p[2] ? "" : " gt-live-wrong"));
      group.setAttribute("aria-label", named(i) + (answer(unit, p) === p[2] ? "" : ", answered wrongly"));
      group.querySelector(".gt-live-shape").setAttribute("d", p[2] === 1
        ? "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0" : "M-6 -6h12v12h-12z");
    }

    function set(i, px, py) {
      points[i][0] = Math.max(range[0][0], Math.min(range[0][1], px));
      points[i][1] = Math.max(range[1][0], Math.min(range[1][1], py));
    }

    function addMark(i) {
      var group = make("g", { tabindex: "0", role: "button" }, [
        make("circle", { r: 16, "class": "gt-live-reach" }), make("circle", { r: 12, "class": "gt-live-halo" }),
        make("path", { "class": "gt-live-shape" }),
      ]);
      var held = false;
      group.addEventListener("pointerdown", function (event) {
        if (event.button > 0) return;
        event.preventDefault();
        group.focus({ preventScroll: true });
        group.setPointerCapture(event.pointerId);
        held = true;
      });
      group.addEventListener("pointermove", function (event) {
        if (!held) return;
        var at = plot.getBoundingClientRect();
        var px = ((event.clientX - at.left) / at.width) * SIZE, py = ((event.clientY - at.top) / at.height) * SIZE;
        set(i, range[0][0] + ((px - PAD) / (SIZE - PAD - 10)) * (range[0][1] - range[0][0]),
          range[1][1] - ((py - 10) / (SIZE - PAD - 10)) * (range[1][1] - range[1][0]));
        restart(named(i) + ".");
      });
      ["pointerup", "pointercancel"].forEach(function (name) {
        group.addEventListener(name, function () { held = false; });
      });
      group.addEventListener("dblclick", function () { flip(i); });
      group.addEventListener("keydown", function (event) {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        var by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (by) {
          var far = event.shiftKey ? 0.5 : 0.1;
          set(i, points[i][0] + far * by[0], points[i][1] + far * by[1]);
          restart(named(i) + ".");
        } else if (event.key === "Enter" || event.key === " ") flip(i);
        else return;
        event.preventDefault();
      });
      marks.append(group);
    }

    function flip(i) {
      points[i][2] = 1 - points[i][2];
      restart(named(i) + ".");
    }

    /* --- learning --- */

    var meter = make("span", { "class": "gt-live-bar" });
    var meterText = make("p", { "class": "gt-live-title" });

    function show(text) {
      halfPlane();
      points.forEach(function (_, i) { shape(i); });
      var most = limit ? Math.floor(limit.mistakes + 1e-9) : null;
      meter.style.width = (limit ? Math.min(100, (100 * unit.mistakes) / limit.mistakes) : 0) + "%";
      meterText.textContent = unit.mistakes + (unit.mistakes === 1 ? " mistake so far" : " mistakes so far") +
        (limit ? "; the bound allows " + tools.fixed(most, 0) + "  (R = " + tools.fixed(limit.radius, 2) + ", γ = " +
          tools.short(limit.gamma, 3) + ")" : "; no line parts these points, so there is no bound");
      tell.say(text);
    }

    function restart(text) {
      unit = fresh();
      limit = bound(points);
      done(false);
      show((text ? text + " " : "") + "The perceptron starts at zero, and answers 0 everywhere.");
    }

    function done(yes) {
      [one, many].forEach(function (button) { button.setAttribute("aria-disabled", String(yes)); });
    }

    function now() {
      return "w = (" + tools.fixed(unit.w[0], 1) + ", " + tools.fixed(unit.w[1], 1) + "), b = " + tools.fixed(unit.b, 0) + ".";
    }

    function take() {
      if (one.getAttribute("aria-disabled") === "true") return;
      var i = step(unit, points);
      if (i < 0) {
        done(true);
        show("A whole pass without a mistake: it has learned all points, after " + unit.mistakes + " mistakes.");
        return;
      }
      show("Mistake " + unit.mistakes + ": point " + (i + 1) + ", label " + points[i][2] + ", had the score " +
        tools.fixed(unit.before, 2) + ". Now " + now());
    }

    function run() {
      if (many.getAttribute("aria-disabled") === "true") return;
      var left = ENOUGH;
      while (left > 0 && step(unit, points) >= 0) left -= 1;
      done(left > 0);
      show(left > 0
        ? "A whole pass without a mistake: it has learned all points, after " + unit.mistakes + " mistakes. " + now()
        : "After " + tools.fixed(unit.mistakes, 0) + " mistakes it is still at it. " +
          (limit ? "The bound says that it will end." : "It never ends: no line parts these points."));
    }

    var one = tools.button("Next mistake", take, { "data-first": true });
    var many = tools.button("Run to the end", run);
    var name = tools.identifier("set");
    var choice = make("select", { id: name, on: { change: function () { choose(Number(choice.value)); } } },
      data.sets.map(function (set_, i) { return make("option", { value: i }, set_.name); }));
    choice.value = String(data.chosen);

    function choose(index) {
      points = data.sets[index].points.map(function (p) { return p.slice(); });
      marks.replaceChildren();
      unit = fresh();
      points.forEach(function (_, i) { addMark(i); });
      restart("");
    }

    box.append(
      make("div", { "class": "gt-live-row" }, [make("label", { "for": name }, "Points:"), choice]),
      plot,
      make("div", { "class": "gt-live-row" }, [
        one, many, tools.button("Start again", function () { restart(""); }),
        tools.button("Points as they were", function () { choose(Number(choice.value)); }),
      ]),
      tell.element, meterText, make("div", { "class": "gt-live-track" }, meter),
      make("p", { "class": "gt-live-help" }, "Discs have label 1, squares label 0; a ring marks a point that is answered wrongly " +
        "now, and the shaded half is answered with 1. Drag the points; a double click changes a label. By keyboard: Tab goes " +
        "from point to point, arrow keys move one (with Shift further), Enter changes its label. A point that moves makes the " +
        "learning start again.")
    );
    choose(data.chosen);
    box.live = { step: step, fresh: fresh, bound: bound, data: data };
  }

  window.GROUNDTRUTH_LIVE.kinds.perceptron = begin;
})();
