/* A picture of a few pixels and a kernel, both to be changed, and the map that comes out.

   Data: picture (rows of 0 and 1), kernels [{name, rows}], chosen (index), and, for the tests, nothing else. */
(function () {
  "use strict";

  /* The cross-correlation that networks compute; rows of numbers in, rows of numbers out. */
  function convolve(picture, kernel, stride, padding) {
    var k = kernel.length, h = picture.length, w = picture[0].length, map = [];
    for (var top = -padding; top + k <= h + padding; top += stride) {
      var row = [];
      for (var left = -padding; left + k <= w + padding; left += stride) {
        var sum = 0;
        for (var v = 0; v < k; v++) {
          for (var u = 0; u < k; u++) {
            var y = top + v, x = left + u;
            if (y >= 0 && x >= 0 && y < h && x < w) sum += kernel[v][u] * picture[y][x]; /* zeros around */
          }
        }
        row.push(sum);
      }
      map.push(row);
    }
    return map;
  }

  var LARGEST = 99; /* of a weight: what can be entered, so that every sum fits its place */

  function plain(value) { return String(Math.round(value * 100) / 100).replace("-", "−"); }

  /* The same for a place of the map, which has room for a few signs: two digits, or the whole number. */
  function brief(value) {
    var size = Math.abs(value), tens = size >= 9.95 ? 1 : size >= 0.995 ? 10 : 100;
    return plain(Math.round(value * tens) / tens);
  }

  function weight(text) {
    var value = Number(text) || 0;
    return Math.max(-LARGEST, Math.min(LARGEST, Math.round(value * 100) / 100));
  }

  /* A table of cells of which one is in the tab order; arrow keys go from cell to cell. */
  function table(tools, name, className, act) {
    var element = tools.make("div", { role: "grid", "aria-label": name, "class": "gt-live-cells " + className });
    var cells = [];
    var at = { row: 0, column: 0 };

    function focus(row, column, really) {
      var last = cells[at.row] && cells[at.row][at.column];
      if (last) last.tabIndex = -1;
      at.row = Math.max(0, Math.min(cells.length - 1, row));
      at.column = Math.max(0, Math.min(cells[0].length - 1, column));
      cells[at.row][at.column].tabIndex = 0;
      if (really) cells[at.row][at.column].focus({ preventScroll: false });
    }

    function fill(rows, columns) {
      if (cells.length === rows && cells[0].length === columns) return;
      element.replaceChildren();
      element.style.setProperty("--gt-columns", columns);
      cells = [];
      for (var r = 0; r < rows; r++) {
        var line = tools.make("div", { role: "row" }), row = [];
        for (var c = 0; c < columns; c++) {
          var cell = tools.make("div", { role: "gridcell", tabindex: "-1", "data-row": r, "data-column": c });
          row.push(cell);
          line.append(cell);
        }
        cells.push(row);
        element.append(line);
      }
      focus(0, 0, false);
    }

    element.addEventListener("keydown", function (event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      var by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (by) focus(at.row + by[0], at.column + by[1], true);
      else if ((event.key === " " || event.key === "Enter") && act) act(at.row, at.column);
      else return;
      event.preventDefault();
    });
    element.addEventListener("focusin", function (event) {
      var cell = event.target.closest("[role=gridcell]");
      if (cell) focus(Number(cell.dataset.row), Number(cell.dataset.column), false);
    });
    return { element: element, fill: fill, cell: function (r, c) { return cells[r][c]; },
      each: function (action) {
        cells.forEach(function (row, r) { row.forEach(function (cell, c) { action(cell, r, c); }); });
      } };
  }

  function begin(box, data, tools) {
    var make = tools.make;
    var picture = data.picture.map(function (row) { return row.slice(); });
    var kernel = data.kernels[data.chosen].rows.map(function (row) { return row.slice(); });
    var looked = { row: 0, column: 0 };
    var tell = tools.teller();

    /* --- the picture --- */

    var image = table(tools, "Picture; space changes a pixel", "gt-live-image", function (row, column) {
      picture[row][column] = 1 - picture[row][column];
      draw();
    });
    image.fill(picture.length, picture[0].length);
    image.cell(0, 0).setAttribute("data-first", "");
    var brush = null; /* what a stroke writes: the opposite of the pixel that it begins on */
    function under(event) {
      var cell = document.elementFromPoint(event.clientX, event.clientY);
      cell = cell && cell.closest("[role=gridcell]");
      return cell && image.element.contains(cell) ? cell : null;
    }
    function dab(event) {
      var cell = under(event);
      if (!cell) return;
      var row = Number(cell.dataset.row), column = Number(cell.dataset.column);
      if (brush === null) brush = 1 - picture[row][column];
      if (picture[row][column] === brush) return;
      picture[row][column] = brush;
      draw();
    }
    image.element.addEventListener("pointerdown", function (event) {
      if (event.button > 0) return;
      dab(event);
      image.element.setPointerCapture(event.pointerId);
    });
    image.element.addEventListener("pointermove", function (event) { if (brush !== null) dab(event); });
    ["pointerup", "pointercancel"].forEach(function (name) {
      image.element.addEventListener(name, function () { brush = null; });
    });

    /* --- the kernel --- */

    var weights = kernel.map(function (row, v) {
      return row.map(function (value, u) {
        var name = "row " + (v + 1) + ", column " + (u + 1);
        return make("input", { type: "number", step: "any", min: -LARGEST, max: LARGEST, value: shown(value),
          "aria-label": "Kernel, " + name,
          on: {
            input: function (event) {
              kernel[v][u] = weight(event.target.value);
              choice.value = "own";
              draw("The weight in " + name + " is now " + plain(kernel[v][u]));
            },
            blur: function (event) { /* an emptied field is a zero, and says so; a weight too large is cut */
              var real = shown(kernel[v][u]);
              if (event.target.value !== String(real)) event.target.value = real;
            },
          } });
      });
    });
    function shown(value) { return Math.round(value * 1000) / 1000; }
    function take(index) {
      data.kernels[index].rows.forEach(function (row, v) {
        row.forEach(function (value, u) { kernel[v][u] = value; weights[v][u].value = shown(value); });
      });
    }
    var choiceName = tools.identifier("kernel");
    var choice = make("select", { id: choiceName, on: { change: function () {
      if (choice.value === "own") return;
      take(Number(choice.value));
      draw("The kernel is now: " + data.kernels[Number(choice.value)].name);
    } } }, data.kernels.map(function (one, i) { return make("option", { value: i }, one.name); })
      .concat(make("option", { value: "own" }, "your own")));
    choice.value = String(data.chosen);

    function option(label, values) {
      var id = tools.identifier("option");
      var select = make("select", { id: id, on: { change: function () { draw(label + " is now " + select.value); } } },
        values.map(function (value) { return make("option", { value: value }, String(value)); }));
      return { select: select, row: make("span", { "class": "gt-live-option" }, [
        make("label", { "for": id }, label), select]) };
    }
    var stride = option("Stride", [1, 2]), padding = option("Padding", [0, 1]);

    /* --- the map --- */

    var map = table(tools, "Map; arrow keys go from place to place", "gt-live-answer");
    function lookAt(row, column) { looked = { row: row, column: column }; explain(); }
    map.element.addEventListener("focusin", function (event) {
      var cell = event.target.closest("[role=gridcell]");
      if (cell) lookAt(Number(cell.dataset.row), Number(cell.dataset.column));
    });
    /* a pointer that moves, and not one that the map comes to lie under: what was just said would be lost */
    ["pointermove", "pointerdown"].forEach(function (name) {
      map.element.addEventListener(name, function (event) {
        var cell = event.target.closest("[role=gridcell]");
        if (!cell) return;
        var row = Number(cell.dataset.row), column = Number(cell.dataset.column);
        if (row !== looked.row || column !== looked.column) lookAt(row, column);
      });
    });

    /* `changed` is what the reader did to the kernel; it is told with what became of the map. */
    function draw(changed) {
      image.each(function (cell, r, c) {
        cell.classList.toggle("gt-live-on-pixel", picture[r][c] > 0);
        cell.setAttribute("aria-label", "row " + (r + 1) + ", column " + (c + 1) + ": " + picture[r][c]);
      });
      var answers = convolve(picture, kernel, Number(stride.select.value), Number(padding.select.value));
      var top = Math.max.apply(null, answers.flat().map(Math.abs).concat(1e-9));
      map.fill(answers.length, answers[0].length);
      map.each(function (cell, r, c) {
        var value = answers[r][c];
        cell.textContent = brief(value);
        cell.style.setProperty("--gt-letters", Math.max(4, cell.textContent.length));
        cell.style.setProperty("--gt-share", (35 * Math.abs(value)) / top + "%");
        cell.classList.toggle("gt-live-negative", value < 0);
        cell.setAttribute("aria-label", "row " + (r + 1) + ", column " + (c + 1) + ": " + plain(value));
      });
      looked.row = Math.min(looked.row, answers.length - 1);
      looked.column = Math.min(looked.column, answers[0].length - 1);
      var values = answers.flat();
      explain(changed ? changed + "; the map, of " + answers.length + " × " + answers[0].length + ", runs from " +
        plain(Math.min.apply(null, values)) + " to " + plain(Math.max.apply(null, values)) + ". " : "");
    }

    /* Where the window of one place lies, and the sum that the place is. */
    function explain(before) {
      var s = Number(stride.select.value), p = Number(padding.select.value), k = kernel.length;
      var top = looked.row * s - p, left = looked.column * s - p, terms = [], sum = 0, over = 0;
      for (var v = 0; v < k; v++) {
        for (var u = 0; u < k; u++) {
          var y = top + v, x = left + u;
          if (y < 0 || x < 0 || y >= picture.length || x >= picture[0].length) { over += 1; continue; }
          sum += kernel[v][u] * picture[y][x];
          if (picture[y][x] && kernel[v][u]) terms.push(plain(kernel[v][u]));
        }
      }
      image.each(function (cell, r, c) {
        cell.classList.toggle("gt-live-window", r >= top && c >= left && r < top + k && c < left + k);
      });
      map.each(function (cell, r, c) {
        cell.classList.toggle("gt-live-window", r === looked.row && c === looked.column);
      });
      var sumText = terms.length
        ? terms.join(" + ").replace(/\+ −/g, "− ") + (terms.length > 1 ? " = " + plain(sum) : "")
        : "no weight lies on ink, so 0";
      tell.say((before || "") + "Row " + (looked.row + 1) + ", column " + (looked.column + 1) + " of the map: the weights that lie on ink add up, " +
        sumText + "." + (over ? " " + over + " of the nine pixels lie beyond the edge and count as zero." : ""));
    }

    function all(value) {
      picture.forEach(function (row) { row.fill(value); });
      draw();
    }

    box.append(
      make("div", { "class": "gt-live-three" }, [
        make("div", {}, [make("p", { "class": "gt-live-title" }, "Picture"), image.element,
          make("div", { "class": "gt-live-row" }, [
            tools.button("Clear", function () { all(0); }),
            tools.button("Move right", function () {
              picture.forEach(function (row) { row.unshift(0); row.pop(); });
              draw();
            }),
            tools.button("First picture", function () {
              data.picture.forEach(function (row, r) { picture[r] = row.slice(); });
              draw();
            }),
          ])]),
        make("div", {}, [make("p", { "class": "gt-live-title" }, "Map"), map.element]),
        tell.element,
        make("div", {}, [make("p", { "class": "gt-live-title" }, "Kernel"),
          make("div", { "class": "gt-live-settings" }, [
            make("div", { "class": "gt-live-kernel", role: "group", "aria-label": "Kernel" }, weights.flat()),
            make("div", {}, [
              make("div", { "class": "gt-live-row" }, [make("label", { "for": choiceName }, "Kernel:"), choice]),
              make("div", { "class": "gt-live-row" }, [stride.row, padding.row]),
              make("div", { "class": "gt-live-row" }, tools.button("Start again", function () {
                data.picture.forEach(function (row, r) { picture[r] = row.slice(); });
                take(data.chosen);
                choice.value = String(data.chosen);
                stride.select.value = "1";
                padding.select.value = "0";
                looked = { row: 0, column: 0 };
                draw("Picture and kernel are those of the beginning");
              })),
            ]),
          ])]),
      ]),
      make("p", { "class": "gt-live-help" }, "Press on pixels, or draw across them. By keyboard: arrow keys go over the picture " +
        "and Space changes a pixel; arrow keys in the map show where its windows lie. In the map, orange is positive and " +
        "purple negative.")
    );
    draw();
    box.live = { convolve: convolve, data: data };
  }

  window.GROUNDTRUTH_LIVE.kinds.convolution = begin;
})();
