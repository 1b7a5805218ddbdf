/* Draw a digit, and the network that this build has trained reads it: convolutions, ReLU, pooling and affine layers
   written out in loops, the same arithmetic as PyTorch's up to rounding.

   Data: side (28), mean and std of the scaling, steps (see groundtruth.live.steps_of), titles (one for each part of the
   picture of maps), labels, examples {pixels (N, 28, 28) bytes, labels, logits (N, 10)} and facts, sentences on the
   network. */
(function () {
  "use strict";

  /* --- the network ------------------------------------------------------------------------------------------ */

  /* Maps are {c, h, w, data}: channels, rows, columns, and the numbers row by row, channel by channel. */

  function conv(maps, step) {
    var shape = step.weight.shape; /* (out, in, k, k) */
    var k = shape[2], stride = step.stride, padding = step.padding;
    var h = maps.h + 2 * padding, w = maps.w + 2 * padding;
    var input = new Float32Array(maps.c * h * w); /* with a frame of zeros */
    for (var c = 0; c < maps.c; c++) {
      for (var y = 0; y < maps.h; y++) {
        for (var x = 0; x < maps.w; x++) {
          input[(c * h + y + padding) * w + x + padding] = maps.data[(c * maps.h + y) * maps.w + x];
        }
      }
    }
    var rows = Math.floor((h - k) / stride) + 1, columns = Math.floor((w - k) / stride) + 1;
    var out = new Float32Array(shape[0] * rows * columns);
    var sums = new Float64Array(rows * columns);
    for (var o = 0; o < shape[0]; o++) {
      sums.fill(step.biases[o]);
      for (c = 0; c < shape[1]; c++) {
        for (var v = 0; v < k; v++) {
          for (var u = 0; u < k; u++) {
            /* one weight meets a pixel at every place */
            var weight = step.weights[((o * shape[1] + c) * k + v) * k + u];
            for (y = 0; y < rows; y++) {
              var from = (c * h + y * stride + v) * w + u;
              for (x = 0; x < columns; x++) sums[y * columns + x] += weight * input[from + x * stride];
            }
          }
        }
      }
      out.set(sums, o * rows * columns);
    }
    return { c: shape[0], h: rows, w: columns, data: out };
  }

  function pool(maps, size) {
    var rows = Math.floor(maps.h / size), columns = Math.floor(maps.w / size);
    var out = new Float32Array(maps.c * rows * columns).fill(-Infinity);
    for (var c = 0; c < maps.c; c++) {
      for (var y = 0; y < rows * size; y++) {
        for (var x = 0; x < columns * size; x++) {
          var at = (c * rows + Math.floor(y / size)) * columns + Math.floor(x / size);
          out[at] = Math.max(out[at], maps.data[(c * maps.h + y) * maps.w + x]);
        }
      }
    }
    return { c: maps.c, h: rows, w: columns, data: out };
  }

  function largest(maps) {
    var out = new Float32Array(maps.c).fill(-Infinity), places = maps.h * maps.w;
    for (var i = 0; i < maps.data.length; i++) {
      var c = Math.floor(i / places);
      out[c] = Math.max(out[c], maps.data[i]);
    }
    return { c: maps.c, h: 1, w: 1, data: out };
  }

  function linear(maps, step) {
    var outputs = step.weight.shape[0], inputs = step.weight.shape[1], out = new Float32Array(outputs);
    for (var o = 0; o < outputs; o++) {
      var sum = step.biases[o];
      for (var i = 0; i < inputs; i++) sum += step.weights[o * inputs + i] * maps.data[i];
      out[o] = sum;
    }
    return { c: outputs, h: 1, w: 1, data: out };
  }

  function relu(maps) {
    return { c: maps.c, h: maps.h, w: maps.w, data: maps.data.map(function (x) { return Math.max(x, 0); }) };
  }

  function flat(maps) {
    return { c: maps.data.length, h: 1, w: 1, data: maps.data };
  }

  /* All maps of a picture of bytes, one entry a step; the last are the logits. */
  function forward(data, pixels) {
    var input = new Float32Array(pixels.length);
    for (var i = 0; i < pixels.length; i++) input[i] = (pixels[i] / 255 - data.mean) / data.std;
    var maps = { c: 1, h: data.side, w: data.side, data: input };
    return data.steps.map(function (step) {
      maps = {
        conv: function () { return conv(maps, step); },
        linear: function () { return linear(maps, step); },
        pool: function () { return pool(maps, step.size); },
        largest: function () { return largest(maps); },
        relu: function () { return relu(maps); },
        flatten: function () { return flat(maps); },
      }[step.op]();
      return maps;
    });
  }

  /* Exponentiate and normalise; the largest is taken away first, so that nothing overflows. */
  function softmax(logits) {
    var top = Math.max.apply(null, logits);
    var powers = Array.prototype.map.call(logits, function (x) { return Math.exp(x - top); });
    var sum = powers.reduce(function (a, b) { return a + b; });
    return powers.map(function (x) { return x / sum; });
  }

  function prepare(data, tools) {
    if (data.ready) return;
    data.steps.forEach(function (step) {
      if (!step.weight) return;
      step.weights = tools.unpack(step.weight);
      step.biases = tools.unpack(step.bias);
    });
    data.pixels = tools.unpack(data.examples.pixels);
    data.logits = tools.unpack(data.examples.logits);
    data.ready = true;
  }

  function example(data, index) {
    var size = data.side * data.side;
    return data.pixels.subarray(index * size, (index + 1) * size);
  }

  /* The largest difference from PyTorch's logits, and from its probabilities, over all examples. */
  function compare(data) {
    var gaps = { logits: 0, probabilities: 0, examples: data.examples.labels.length };
    for (var n = 0; n < gaps.examples; n++) {
      var ours = forward(data, example(data, n)).pop().data;
      var theirs = data.logits.subarray(n * ours.length, (n + 1) * ours.length);
      var p = softmax(ours), q = softmax(theirs);
      for (var i = 0; i < ours.length; i++) {
        gaps.logits = Math.max(gaps.logits, Math.abs(ours[i] - theirs[i]));
        gaps.probabilities = Math.max(gaps.probabilities, Math.abs(p[i] - q[i]));
      }
    }
    return gaps;
  }

  /* --- from a drawing to the picture that the network gets -------------------------------------------------- */

  /* The mean of every cell of a rectangle of the drawing that is cut into rows × columns. */
  function shrink(ink, width, box, rows, columns) {
    var out = new Float64Array(rows * columns);
    var high = box.h / rows, wide = box.w / columns;
    for (var r = 0; r < rows; r++) {
      for (var c = 0; c < columns; c++) {
        var top = box.y + r * high, left = box.x + c * wide, sum = 0;
        for (var y = Math.floor(top); y < top + high - 1e-9; y++) {
          var dy = Math.min(y + 1, top + high) - Math.max(y, top); /* the part of this row in the cell */
          for (var x = Math.floor(left); x < left + wide - 1e-9; x++) {
            var dx = Math.min(x + 1, left + wide) - Math.max(x, left);
            if (y < width && x < width) sum += dy * dx * ink[y * width + x];
          }
        }
        out[r * columns + c] = sum / (high * wide);
      }
    }
    return out;
  }

  /* As the digits of MNIST were prepared: the ink is scaled to a box of 20 × 20, its shape kept, and put so that its
     centre of mass lies at pixel (14, 14) of 28 × 28, where that of MNIST's digits lies. */
  function centred(ink, width, side) {
    var top = width, left = width, bottom = -1, right = -1;
    for (var i = 0; i < ink.length; i++) {
      if (ink[i] < 16) continue; /* the pale rim of a stroke is not its end */
      var y = Math.floor(i / width), x = i % width;
      top = Math.min(top, y); bottom = Math.max(bottom, y);
      left = Math.min(left, x); right = Math.max(right, x);
    }
    var out = new Uint8Array(side * side);
    if (bottom < 0) return out;
    var h = bottom - top + 1, w = right - left + 1, scale = 20 / Math.max(h, w);
    var rows = Math.max(1, Math.round(h * scale)), columns = Math.max(1, Math.round(w * scale));
    var small = shrink(ink, width, { x: left, y: top, w: w, h: h }, rows, columns);
    var mass = 0, my = 0, mx = 0;
    small.forEach(function (value, j) {
      mass += value; my += value * Math.floor(j / columns); mx += value * (j % columns);
    });
    var down = Math.round(side / 2 - my / mass), along = Math.round(side / 2 - mx / mass);
    small.forEach(function (value, j) {
      var y = Math.floor(j / columns) + down, x = (j % columns) + along;
      if (y >= 0 && x >= 0 && y < side && x < side) out[y * side + x] = Math.round(value);
    });
    return out;
  }

  function asDrawn(ink, width, side) {
    return Uint8Array.from(shrink(ink, width, { x: 0, y: 0, w: width, h: width }, side, side), Math.round);
  }

  /* --- pictures --------------------------------------------------------------------------------------------- */

  /* Ink is black of some opacity, and the style sheet turns it over on dark pages. */
  function paint(canvas, columns, cells, h, w, value) {
    var rows = Math.ceil(cells / columns), gap = cells > 1 ? 1 : 0;
    canvas.width = columns * (w + gap) - gap;
    canvas.height = rows * (h + gap) - gap;
    var context = canvas.getContext("2d"), picture = context.createImageData(canvas.width, canvas.height);
    for (var y = 0; y < canvas.height; y++) {
      for (var x = 0; x < canvas.width; x++) {
        var cy = Math.floor(y / (h + gap)), cx = Math.floor(x / (w + gap));
        var iy = y - cy * (h + gap), ix = x - cx * (w + gap), cell = cy * columns + cx;
        var at = 4 * (y * canvas.width + x) + 3;
        if (iy < h && ix < w && cell < cells) picture.data[at] = 255 * (0.05 + 0.95 * value(cell, iy, ix));
        if (gap === 0) picture.data[at] = 255 * value(cell, iy, ix);
      }
    }
    context.putImageData(picture, 0, 0);
  }

  /* --- the figure ------------------------------------------------------------------------------------------- */

  function begin(box, data, tools) {
    var make = tools.make, button = tools.button;
    prepare(data, tools);
    var side = data.side, CELL = 10, SIZE = side * CELL; /* the pad has ten by ten dots for a pixel of the network */
    var shownExample = -1;

    var pad = make("canvas", { width: SIZE, height: SIZE, "class": "gt-live-ink" });
    var pen = pad.getContext("2d", { willReadFrequently: true });
    var mark = make("span", { "class": "gt-live-cursor", "aria-hidden": "true" });
    var paper = make("div", {
      "class": "gt-live-pad", tabindex: "0", role: "application", "aria-label": "Drawing pad", "data-first": true,
      "aria-describedby": "",
    }, [pad, mark]);
    var erasing = false;
    var tell = tools.teller();
    var penState = tools.teller("gt-hidden");

    var seen = make("canvas", { "class": "gt-live-ink gt-live-pixels", role: "img" });
    var bars = data.labels.map(function (label) {
      var bar = make("span", { "class": "gt-live-bar" }), text = make("span", { "class": "gt-live-number" }, "–");
      return {
        bar: bar, text: text,
        row: make("li", {}, [make("span", { "class": "gt-live-label" }, label),
          make("span", { "class": "gt-live-track" }, bar), text]),
      };
    });
    var shown = data.titles.map(function (title) {
      var canvas = make("canvas", { "class": "gt-live-ink gt-live-pixels", role: "img", "aria-label": title.text });
      return { canvas: canvas, step: title.step, columns: title.columns,
        part: make("div", { "class": "gt-live-maps" + (title.columns > 24 ? " gt-live-strip" : "") }, [make("p", {}, title.text), canvas]) };
    });

    /* --- what happens when the drawing changes --- */

    var waiting = false;

    /* A look takes some hundredths of a second: a few a second are enough while a stroke is drawn. */
    function change() {
      if (waiting) return;
      waiting = true;
      window.setTimeout(function () { waiting = false; look(); }, 60);
    }

    function ink() {
      var dots = pen.getImageData(0, 0, SIZE, SIZE).data, out = new Uint8Array(SIZE * SIZE);
      for (var i = 0; i < out.length; i++) out[i] = dots[4 * i + 3];
      return out;
    }

    function look() {
      var pixels = (fit.checked ? centred : asDrawn)(ink(), SIZE, side);
      var blank = pixels.every(function (value) { return value === 0; });
      paint(seen, 1, 1, side, side, function (_, y, x) { return pixels[y * side + x] / 255; });
      seen.setAttribute("aria-label", blank ? "Nothing yet" : "The drawing in " + side + " by " + side + " pixels");
      var maps = forward(data, pixels), p = softmax(maps[maps.length - 1].data);
      shown.forEach(function (one) {
        var at = maps[one.step], top = 1e-6;
        for (var i = 0; i < at.data.length; i++) top = Math.max(top, at.data[i]);
        paint(one.canvas, one.columns, at.c, at.h, at.w, function (c, y, x) {
          return blank ? 0 : Math.max(0, at.data[(c * at.h + y) * at.w + x]) / top;
        });
      });
      var order = p.map(function (_, i) { return i; }).sort(function (a, b) { return p[b] - p[a]; });
      bars.forEach(function (one, i) {
        one.bar.style.width = blank ? "0" : 100 * p[i] + "%";
        one.text.textContent = blank ? "–" : tools.percent(p[i]);
        one.row.classList.toggle("gt-live-best", !blank && i === order[0]);
      });
      if (blank) {
        tell.say("Nothing is drawn yet. A blank page would get an answer, too: the network has no word for “no digit”.");
        return;
      }
      var truth = shownExample < 0 ? "" : " (Test digit, labelled " + data.examples.labels[shownExample] + ".)";
      tell.say("The network reads " + data.labels[order[0]] + ", " + tools.percent(p[order[0]]) + "; next, " +
        data.labels[order[1]] + ", " + tools.percent(p[order[1]]) + "." + truth);
    }

    /* --- drawing, by pointer and by keyboard --- */

    function line(from, to) {
      pen.globalCompositeOperation = erasing ? "destination-out" : "source-over";
      pen.lineWidth = (erasing ? 3.6 : 2.2) * CELL; /* strokes of MNIST are about two pixels wide */
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = "#000";
      pen.beginPath();
      pen.moveTo(from.x, from.y);
      pen.lineTo(to.x + 0.01, to.y); /* a dot, too, is a line */
      pen.stroke();
      pen.globalCompositeOperation = "source-over";
      change();
    }

    function place(event) {
      var at = pad.getBoundingClientRect();
      return { x: ((event.clientX - at.left) / at.width) * SIZE, y: ((event.clientY - at.top) / at.height) * SIZE };
    }

    var last = null;
    paper.addEventListener("pointerdown", function (event) {
      if (event.button > 0) return;
      event.preventDefault();
      paper.focus({ preventScroll: true });
      paper.classList.remove("gt-live-keys");
      paper.setPointerCapture(event.pointerId);
      last = place(event);
      line(last, last);
    });
    paper.addEventListener("pointermove", function (event) {
      if (!last) return;
      var now = place(event);
      line(last, now);
      last = now;
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      paper.addEventListener(name, function () { last = null; });
    });

    var cursor = { x: SIZE / 2, y: 6.5 * CELL }, down = false;

    function showCursor() {
      mark.style.left = (100 * cursor.x) / SIZE + "%";
      mark.style.top = (100 * cursor.y) / SIZE + "%";
      mark.classList.toggle("gt-live-down", down);
    }

    paper.addEventListener("keydown", function (event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      var step = (event.shiftKey ? 4 : 1) * CELL;
      var by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      var key = event.key.toLowerCase();
      if (by) {
        var from = { x: cursor.x, y: cursor.y };
        cursor.x = Math.max(CELL / 2, Math.min(SIZE - CELL / 2, cursor.x + by[0] * step));
        cursor.y = Math.max(CELL / 2, Math.min(SIZE - CELL / 2, cursor.y + by[1] * step));
        if (down) line(from, cursor);
        penState.say("row " + Math.ceil(cursor.y / CELL) + ", column " + Math.ceil(cursor.x / CELL));
      } else if (key === " " || key === "enter") {
        down = !down;
        if (down) line(cursor, cursor);
        penState.say(down ? "pen down" : "pen up", true);
      } else if (key === "e") {
        erase(!erasing);
      } else if (key === "delete" || key === "backspace") {
        clear();
      } else return;
      event.preventDefault();
      paper.classList.add("gt-live-keys");
      showCursor();
    });
    paper.addEventListener("blur", function () { down = false; showCursor(); });

    /* --- buttons --- */

    function erase(on) {
      erasing = on;
      penButton.setAttribute("aria-pressed", String(!on));
      eraser.setAttribute("aria-pressed", String(on));
      penState.say(on ? "eraser" : "pen", true);
    }

    function clear() {
      pen.clearRect(0, 0, SIZE, SIZE);
      shownExample = -1;
      fit.checked = true;
      change();
    }

    function move(right, below) {
      var all = pen.getImageData(0, 0, SIZE, SIZE);
      pen.clearRect(0, 0, SIZE, SIZE);
      pen.putImageData(all, right * CELL, below * CELL);
      change();
    }

    function showExample(index) {
      var count = data.examples.labels.length;
      shownExample = (index + count) % count;
      var pixels = example(data, shownExample), picture = pen.createImageData(SIZE, SIZE);
      for (var i = 0; i < SIZE * SIZE; i++) {
        var row = Math.floor(i / SIZE / CELL), column = Math.floor((i % SIZE) / CELL);
        picture.data[4 * i + 3] = pixels[row * side + column];
      }
      pen.putImageData(picture, 0, 0);
      fit.checked = false; /* it is prepared already */
      change();
    }

    var penButton = button("Pen", function () { erase(false); }, { "aria-pressed": "true" });
    var eraser = button("Eraser", function () { erase(true); }, { "aria-pressed": "false" });
    var fitName = tools.identifier("fit");
    var fit = make("input", { type: "checkbox", id: fitName, on: { change: function () { change(); } } });
    fit.checked = true;
    var next = 0;
    var help = make("p", { "class": "gt-live-help", id: tools.identifier("help") },
      "By keyboard: in the pad the arrow keys move the pen (with Shift further), Space sets it down or lifts it, " +
      "E changes to the eraser and back, Delete clears.");
    paper.setAttribute("aria-describedby", help.id);
    var checked = make("p", { "class": "gt-live-checked", role: "status" });

    var arrows = make("div", { "class": "gt-live-row", role: "group", "aria-label": "Move the drawing by a pixel" }, [
      make("span", { "aria-hidden": "true" }, "Move:"),
      button("←", function () { move(-1, 0); }, { "aria-label": "Move left by a pixel" }),
      button("↑", function () { move(0, -1); }, { "aria-label": "Move up by a pixel" }),
      button("↓", function () { move(0, 1); }, { "aria-label": "Move down by a pixel" }),
      button("→", function () { move(1, 0); }, { "aria-label": "Move right by a pixel" }),
    ]);
    box.append(
      make("div", { "class": "gt-live-two" }, [
        make("div", {}, [
          paper, tell.element, penState.element, help,
          make("div", { "class": "gt-live-row" }, [
            penButton, eraser, button("Clear", clear),
            button("Test digit", function () { showExample(next); next += 1; }),
          ]),
          arrows,
          make("p", { "class": "gt-live-check" }, [
            fit, make("label", { "for": fitName }, "scale to 20\u00a0×\u00a020 and centre, as MNIST’s digits were"),
          ]),
        ]),
        make("div", {}, [
          make("div", { "class": "gt-live-seen" }, [make("span", {}, seen), make("p", {}, "What the network gets: " + side +
            "\u00a0×\u00a0" + side + " numbers")]),
          make("ol", { "class": "gt-live-bars", "aria-label": "Probability of each digit" }, bars.map(function (one) {
            return one.row;
          })),
        ]),
      ]),
      make("div", {}, shown.map(function (one) { return one.part; })),
      make("p", { "class": "gt-live-help" }, data.facts),
      make("div", { "class": "gt-live-row" }, [
        button("Compare with PyTorch", function () {
          checked.textContent = "Computing …";
          window.setTimeout(function () {
            var gaps = compare(data);
            checked.textContent = "On " + gaps.examples + " test digits this page’s probabilities differ from PyTorch’s by " +
              tools.short(gaps.probabilities, 2) + " at most, its logits by " + tools.short(gaps.logits, 2) + ".";
          }, 30);
        }),
        checked,
      ])
    );
    showCursor();
    look();
    box.live = { forward: forward, softmax: softmax, compare: compare, example: example, centred: centred, data: data };
  }

  window.GROUNDTRUTH_LIVE.kinds["digit-network"] = begin;
})();
