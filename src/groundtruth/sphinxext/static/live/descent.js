/* Gradient descent on the surface of a mean squared loss, with a learning rate and momentum to choose.

   The surface is a parabola in every direction, L = lowest + ½ δᵀ H δ with δ the distance from the best parameters, so a
   few numbers are all of it. A step is v ← β v + ∇L, θ ← θ − η v, as in torch.optim.SGD.

   Data: hessian (2 × 2), best (2), lowest, names (2), symbols (2), range (2 × 2), levels, start (2), rate, steps and baseline
   {loss, text}. */
(function () {
  "use strict";

  function minus(a, b) { return [a[0] - b[0], a[1] - b[1]]; }

  function times(matrix, v) {
    return [matrix[0][0] * v[0] + matrix[0][1] * v[1], matrix[1][0] * v[0] + matrix[1][1] * v[1]];
  }

  function loss(data, at) {
    var d = minus(at, data.best), g = times(data.hessian, d);
    return data.lowest + (d[0] * g[0] + d[1] * g[1]) / 2;
  }

  /* All places of a walk, the start among them. */
  function walk(data, start, rate, momentum, steps) {
    var at = start.slice(), velocity = [0, 0], path = [at.slice()];
    for (var i = 0; i < steps; i++) {
      var slope = times(data.hessian, minus(at, data.best));
      velocity = [momentum * velocity[0] + slope[0], momentum * velocity[1] + slope[1]];
      at = [at[0] - rate * velocity[0], at[1] - rate * velocity[1]];
      path.push(at.slice());
    }
    return path;
  }

  /* Eigenvalues of a symmetric matrix, the smaller first, with eigenvectors of length one. */
  function bends(matrix) {
    var a = matrix[0][0], b = matrix[0][1], d = matrix[1][1];
    var root = Math.sqrt(((a - d) * (a - d)) / 4 + b * b), middle = (a + d) / 2;
    return [middle - root, middle + root].map(function (value) {
      var v = Math.abs(b) > 1e-12 ? [b, value - a] : Math.abs(value - a) < Math.abs(value - d) ? [1, 0] : [0, 1];
      var length = Math.hypot(v[0], v[1]);
      return { value: value, vector: [v[0] / length, v[1] / length] };
    });
  }

  /* What a step makes of a distance along an eigenvector in the long run: the larger size of the two solutions of
     z² − (1 + β − η λ) z + β = 0. */
  function factor(rate, momentum, bend) {
    var p = 1 + momentum - rate * bend, inside = p * p - 4 * momentum;
    return inside < 0 ? Math.sqrt(momentum) : (Math.abs(p) + Math.sqrt(inside)) / 2;
  }

  function edge(bend, momentum) { return (2 * (1 + momentum)) / bend; }

  /* --- the figure --- */

  var W = 600, H = 388, LEFT = 64, BOTTOM = 52, TOPMOST = 20, LOW = 222; /* the map, margins, the curve below it */

  function begin(box, data, tools) {
    var make = tools.make, range = data.range, steepest = bends(data.hessian)[1].value;
    var start = data.start.slice();

    function x(w) { return LEFT + ((w - range[0][0]) / (range[0][1] - range[0][0])) * (W - LEFT - 8); }
    function y(b) { return 8 + ((range[1][1] - b) / (range[1][1] - range[1][0])) * (H - BOTTOM - 8); }
    function point(at) {
      return [x(at[0]), y(at[1])].map(function (c) { return Math.max(-1e4, Math.min(1e4, c)).toFixed(1); }).join(" ");
    }

    var clip = tools.identifier("clip");
    var map = make("svg", { viewBox: "0 0 " + W + " " + H, role: "img", "class": "gt-live-plot gt-live-map" });
    var frame = document.createElementNS("http://www.w3.org/2000/svg", "clipPath");
    frame.id = clip;
    frame.append(make("rect", { x: LEFT, y: 8, width: W - LEFT - 8, height: H - BOTTOM - 8 }));
    var inside = make("g", { "clip-path": "url(#" + clip + ")" });
    map.append(frame, inside);

    function axis(plot, at, text, anchor, extra) {
      plot.append(make("text", Object.assign({ x: at[0], y: at[1], "text-anchor": anchor }, extra || {}), text));
    }
    ticks(range[0]).forEach(function (w) {
      map.append(make("line", { x1: x(w), x2: x(w), y1: H - BOTTOM, y2: H - BOTTOM + 5, "class": "gt-live-axis" }));
      axis(map, [x(w), H - BOTTOM + 20], tools.fixed(w, 0), "middle");
    });
    ticks(range[1]).forEach(function (b) {
      map.append(make("line", { x1: LEFT - 5, x2: LEFT, y1: y(b), y2: y(b), "class": "gt-live-axis" }));
      axis(map, [LEFT - 8, y(b) + 4], tools.fixed(b, 0), "end");
    });
    axis(map, [(W + LEFT) / 2, H - 6], data.names[0], "middle");
    axis(map, [16, (H - BOTTOM) / 2], data.names[1], "middle", {
      transform: "rotate(-90 16 " + (H - BOTTOM) / 2 + ")",
    });
    map.append(make("rect", { x: LEFT, y: 8, width: W - LEFT - 8, height: H - BOTTOM - 8, "class": "gt-live-axis" }));

    var axes = bends(data.hessian);
    data.levels.forEach(function (level) {
      var points = [];
      for (var i = 0; i <= 120; i++) {
        var t = (i / 60) * Math.PI, size = Math.sqrt(2 * (level - data.lowest));
        var u = (size * Math.cos(t)) / Math.sqrt(axes[0].value), v = (size * Math.sin(t)) / Math.sqrt(axes[1].value);
        points.push(point([
          data.best[0] + u * axes[0].vector[0] + v * axes[1].vector[0],
          data.best[1] + u * axes[0].vector[1] + v * axes[1].vector[1],
        ]));
      }
      inside.append(make("polyline", { points: points.join(" "), "class": "gt-live-contour" }));
      /* its number, on the right of the bowl at a height where most contours pass */
      var up = 0.36 * (range[1][1] - range[1][0]), a = data.hessian[0][0], b = data.hessian[0][1], c = data.hessian[1][1];
      var left = 2 * (level - data.lowest) - (c - (b * b) / a) * up * up;
      if (left <= 0) return;
      var at = [data.best[0] - (b / a) * up + Math.sqrt(left / a), data.best[1] + up];
      if (at[0] < range[0][1]) axis(inside, [x(at[0]), y(at[1]) + 4], tools.fixed(level, 0), "middle", { "class": "gt-live-level" });
    });
    var track = make("polyline", { "class": "gt-live-track-line" }), dots = make("path", { "class": "gt-live-dots" });
    var lowest = make("path", { "class": "gt-live-cross",
      d: "M" + (x(data.best[0]) - 6) + " " + (y(data.best[1]) - 6) + "l12 12m-12 0l12 -12" });
    var ring = make("circle", { r: 8, "class": "gt-live-ring" }), end = make("circle", { r: 5, "class": "gt-live-end" });
    var reach = make("circle", { r: 44, "class": "gt-live-reach" }); /* what a finger takes hold of */
    inside.append(lowest, track, dots, ring, end, reach);

    /* the curve of the loss above the lowest, by powers of ten */
    var TOP = 6, DEEP = -4;
    var curve = make("svg", { viewBox: "0 0 " + W + " " + LOW, role: "img", "class": "gt-live-plot" });
    function cy(power) { return TOPMOST + ((TOP - power) / (TOP - DEEP)) * (LOW - BOTTOM - TOPMOST); }
    [DEEP, 0, 3, TOP].forEach(function (power) {
      curve.append(make("line", { x1: LEFT, x2: W - 8, y1: cy(power), y2: cy(power), "class": "gt-live-grid" }));
      axis(curve, [LEFT - 8, cy(power) + 4], { "-4": "10⁻⁴", 0: "1", 3: "10³", 6: "10⁶" }[power], "end");
    });
    var always = Math.log10(data.baseline.loss - data.lowest);
    curve.append(make("line", { x1: LEFT, x2: W - 8, y1: cy(always), y2: cy(always), "class": "gt-live-baseline" }));
    axis(curve, [W - 12, cy(always) - 5], data.baseline.text, "end");
    axis(curve, [(W + LEFT) / 2, LOW - 6], "steps; the loss above the lowest", "middle");
    var falling = make("polyline", { "class": "gt-live-track-line" });
    var lastStep = make("text", { y: LOW - BOTTOM + 20, "text-anchor": "end", x: W - 8 });
    curve.append(make("text", { x: LEFT, y: LOW - BOTTOM + 20, "text-anchor": "middle" }, "0"), lastStep, falling);

    /* --- controls --- */

    var tell = tools.teller();
    var rate = tools.slider("Learning rate η", {
      min: -4, max: -1, step: 0.005, value: Math.log10(data.rate), change: draw,
      read: function (power) { return Math.pow(10, power); },
      show: function (value) { return tools.short(value, 3); },
    });
    var momentum = tools.slider("Momentum β", {
      min: 0, max: 0.99, step: 0.01, value: 0, change: draw, show: function (value) { return tools.fixed(value, 2); },
    });
    var steps = tools.slider("Steps", {
      min: 0, max: 200, step: 1, value: data.steps, change: draw, show: function (value) { return tools.fixed(value, 0); },
    });
    function place(index) {
      return tools.slider("Start: " + data.names[index], {
        min: range[index][0], max: range[index][1], step: (range[index][1] - range[index][0]) / 100, value: start[index],
        change: function (value) { start[index] = value; draw(); },
        show: function (value) { return tools.fixed(value, 1); },
      });
    }
    var places = [place(0), place(1)];
    rate.input.setAttribute("data-first", "");

    function setRate(share) {
      rate.set(Math.log10(share * edge(steepest, momentum.value())));
      draw();
    }

    function draw() {
      var eta = rate.value(), beta = momentum.value(), count = steps.value();
      var path = walk(data, start, eta, beta, count), now = path[count];
      track.setAttribute("points", path.map(point).join(" "));
      dots.setAttribute("d", path.slice(0, 81).map(function (at) {
        return "M" + point(at) + "m-2.2 0a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0 -4.4 0";
      }).join(""));
      [ring, reach].forEach(function (one) {
        one.setAttribute("cx", x(start[0]));
        one.setAttribute("cy", y(start[1]));
      });
      var there = point(now).split(" ");
      end.setAttribute("cx", there[0]); end.setAttribute("cy", there[1]);
      falling.setAttribute("points", path.map(function (at, i) {
        var power = Math.log10(Math.max(1e-12, loss(data, at) - data.lowest));
        return (LEFT + (count ? i / count : 0) * (W - LEFT - 8)).toFixed(1) + " " +
          cy(Math.max(DEEP - 0.3, Math.min(TOP + 0.3, power))).toFixed(1);
      }).join(" "));
      lastStep.textContent = String(count);
      var limit = edge(steepest, beta);
      var slowest = Math.max.apply(null, axes.map(function (one) { return factor(eta, beta, one.value); }));
      var fate = eta < limit
        ? "Far below the edge or near it, this converges: in the long run each step leaves " +
          tools.fixed(100 * slowest, slowest > 0.99 ? 2 : 1) + "\u00a0% of the distance."
        : "This diverges: in the long run each step multiplies the distance by " + tools.short(slowest, 4) + ".";
      fate = fate.replace("Far below the edge or near it, this", "This");
      var at = data.symbols[0] + " = " + tools.short(now[0], 4) + ", " + data.symbols[1] + " = " + tools.short(now[1], 4);
      var text = "After " + count + (count === 1 ? " step" : " steps") + ": " + at + ", loss " +
        tools.short(loss(data, now), 5) + " (lowest " + tools.short(data.lowest, 5) + "). " + fate +
        " The edge is at η = " + tools.short(limit, 3) + ".";
      tell.say(text);
      map.setAttribute("aria-label", "The walk on the contours of the loss. " + text);
      curve.setAttribute("aria-label", "The loss above the lowest against the steps. " + text);
    }

    /* The start follows the mouse, or a finger that takes hold of the ring; a tap elsewhere brings it there, and a finger
       that moves elsewhere scrolls the page. The sliders do the same for the keyboard. */
    var dragging = false, tapped = null;
    function drag(event) {
      var at = map.getBoundingClientRect();
      var px = ((event.clientX - at.left) / at.width) * W, py = ((event.clientY - at.top) / at.height) * H;
      var w = range[0][0] + ((px - LEFT) / (W - LEFT - 8)) * (range[0][1] - range[0][0]);
      var b = range[1][1] - ((py - 8) / (H - BOTTOM - 8)) * (range[1][1] - range[1][0]);
      [w, b].forEach(function (value, i) {
        start[i] = Math.max(range[i][0], Math.min(range[i][1], value));
        places[i].set(start[i]);
      });
      draw();
    }
    map.addEventListener("pointerdown", function (event) {
      if (event.button > 0) return;
      tapped = event.pointerType === "mouse" || event.target === reach ? null : { x: event.clientX, y: event.clientY };
      if (tapped) return;
      event.preventDefault();
      map.setPointerCapture(event.pointerId);
      dragging = true;
      drag(event);
    });
    map.addEventListener("pointermove", function (event) { if (dragging) drag(event); });
    map.addEventListener("pointerup", function (event) {
      if (tapped && Math.hypot(event.clientX - tapped.x, event.clientY - tapped.y) < 12) drag(event);
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      map.addEventListener(name, function () { dragging = false; tapped = null; });
    });

    box.append(map, curve, tell.element, rate.row, momentum.row, steps.row, places[0].row, places[1].row,
      make("div", { "class": "gt-live-row" }, [
        tools.button("Just below the edge", function () { setRate(0.98); }),
        tools.button("Just above it", function () { setRate(1.02); }),
        tools.button("Start again", function () {
          data.start.forEach(function (value, i) { start[i] = value; places[i].set(value); });
          rate.set(Math.log10(data.rate)); momentum.set(0); steps.set(data.steps);
          draw();
        }),
      ]),
      make("p", { "class": "gt-live-help" }, "Ring: the start. Drag it, or press where it is to be. Full dot: the end. " +
        "Cross: the lowest point. Each slider moves by the arrow keys, too.")
    );
    draw();
    box.live = { walk: walk, loss: loss, edge: edge, factor: factor, bends: bends, data: data };
  }

  function ticks(range) {
    var wide = range[1] - range[0], step = [1, 2, 5, 10, 20, 50, 100].find(function (s) { return wide / s <= 8; });
    var all = [];
    for (var at = Math.ceil(range[0] / step) * step; at <= range[1]; at += step) all.push(at);
    return all;
  }

  window.GROUNDTRUTH_LIVE.kinds.descent = begin;
})();
